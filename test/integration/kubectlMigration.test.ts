import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubectls, kubectlSession, type Kubectl, type KubectlSession } from '../harness/kubectl';
import { startServer, type TestServer } from '../harness/startServer';

let server: TestServer;
let session: KubectlSession;

beforeAll(async () => {
  server = await startServer();
  session = await kubectlSession(server);
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const PLURAL = 'agentcontextlabels';
const document = (name: string, displayName: string, labels: Record<string, string>) => JSON.stringify({
  apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AgentContextLabel', metadata: { name, labels }, spec: { displayName, promptFragment: 'Say it.', allowedSources: [] },
});
const ok = (kubectl: Kubectl, args: string, input?: string) => session.ok(kubectl, args.split(' '), input === undefined ? {} : { input });

/** What an object's managers are, and whether kubectl remembers what it applied. */
async function managersOf(kubectl: Kubectl, name: string): Promise<string[]> {
  const { metadata } = JSON.parse(await ok(kubectl, `get ${PLURAL} ${name} --show-managed-fields -o json`)) as { metadata: { managedFields?: { manager: string; operation: string; subresource?: string }[] } };
  return (metadata.managedFields ?? []).filter(({ subresource }) => subresource === undefined).map(({ manager, operation }) => `${manager} ${operation}`);
}

describe.each(kubectls.filter(({ minor }) => minor >= 27))('$name goes from client-side to server-side apply', (kubectl) => {
  const name = `moved-${kubectl.minor}`;
  const story = it.skipIf(kubectl.path === undefined);

  story('without a conflict with itself, takes over what it applied, and can take it away', async () => {
    await ok(kubectl, 'apply -f -', document(name, 'one', { team: 'core', floor: '2' }));
    expect(await managersOf(kubectl, name)).toEqual(['kubectl-client-side-apply Update']);
    await ok(kubectl, 'apply --server-side -f -', document(name, 'two', { team: 'core', floor: '2' }));
    expect(await managersOf(kubectl, name)).toContain('kubectl Apply');
    await ok(kubectl, 'apply --server-side -f -', document(name, 'two', { team: 'core' }));
    const labels = JSON.parse(await ok(kubectl, `get ${PLURAL} ${name} -o jsonpath={.metadata.labels}`)) as Record<string, string>;
    expect([labels.team, labels.floor]).toEqual(['core', undefined]);
    expect((await session.run(kubectl, ['diff', '--server-side', '-f', '-'], { input: document(name, 'two', { team: 'core' }) })).code).toBe(0);
    expect((await session.run(kubectl, ['diff', '-f', '-'], { input: document(name, 'two', { team: 'core' }) })).code).toBe(0);
    expect(await ok(kubectl, 'apply -f -', document(name, 'two', { team: 'core' }))).toContain(name);
    await ok(kubectl, `delete ${PLURAL} ${name}`);
  });
});
