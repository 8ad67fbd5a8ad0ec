import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SecretView } from '#shared/api/secrets';
import { kubectls, kubectlSession, type Kubectl, type KubectlSession } from '../harness/kubectl';
import { startServer, type TestServer } from '../harness/startServer';

const NAMESPACE = ['-n', 'kradle-org-default'];

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

describe.each(kubectls.filter(({ minor }) => minor >= 27).map((kubectl) => [kubectl.name, kubectl] as const))('%s', (_name, kubectl: Kubectl) => {
  const run = (...args: string[]) => session.ok(kubectl, [...args, ...NAMESPACE]);
  const suffix = String(kubectl.minor);

  it.skipIf(kubectl.path === undefined)('creates, applies, shows and deletes secrets, and is shown no value', async () => {
    const name = `made-${suffix}`;
    expect(await run('create', 'secret', 'generic', name, '--from-literal=a=planted-one', '--from-literal=b=planted-two')).toBe(`secret/${name} created\n`);
    expect(await run('get', 'secrets', name)).toMatch(new RegExp(`NAME +TYPE +DATA +AGE\\n${name} +Opaque +2 `));
    const { stdout, stderr } = await session.run(kubectl, ['get', 'secret', name, '-o', 'json', ...NAMESPACE]);
    expect(JSON.parse(stdout)).toMatchObject({ apiVersion: 'v1', kind: 'Secret', type: 'Opaque', data: { a: '', b: '' } });
    expect(stderr).toContain('Warning: values of secrets are answered by nobody');
    expect(await run('describe', 'secret', name)).toMatch(/a: +0 bytes/);
    const file = join(session.folder, `${name}.yaml`);
    await writeFile(file, `apiVersion: v1\nkind: Secret\nmetadata:\n  name: applied-${suffix}\n  labels: { tier: one }\nstringData: { a: planted-three, c: planted-four }\n`);
    expect(await run('apply', '-f', file)).toContain('created');
    await writeFile(file, `apiVersion: v1\nkind: Secret\nmetadata:\n  name: applied-${suffix}\nstringData: { a: planted-five }\n`);
    await run('apply', '-f', file);
    const view = await server.api<SecretView>('GET', `/api/orgs/default/secrets/applied-${suffix}`);
    expect(view).toMatchObject({ version: 2, sizeBytes: 'planted-five'.length + (view.keys.includes('c') ? 'planted-four'.length : 0) });
    // What was read is written back: every value stays as it is.
    const before = await server.api<SecretView>('GET', `/api/orgs/default/secrets/${name}`);
    await session.ok(kubectl, ['replace', '-f', '-', ...NAMESPACE], { input: stdout });
    expect(await server.api<SecretView>('GET', `/api/orgs/default/secrets/${name}`)).toMatchObject({ version: before.version, sizeBytes: before.sizeBytes });
    await run('label', 'secret', name, 'tier=two');
    await run('patch', 'secret', name, '--type=json', '-p', '[{"op":"remove","path":"/data/b"},{"op":"add","path":"/data/z","value":"eg=="}]');
    expect(await server.api<SecretView>('GET', `/api/orgs/default/secrets/${name}`)).toMatchObject({ keys: ['a', 'z'], labels: { tier: 'two' } });
    const refused = await session.run(kubectl, ['patch', 'secret', name, '--type=json', '-p', '[{"op":"test","path":"/data/a","value":"x"}]', ...NAMESPACE]);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('adds, replaces and removes')]);
    for (const text of [await run('get', 'secrets', '-o', 'yaml', '--show-managed-fields'), server.log()]) expect(text).not.toMatch(/planted-|cGxhbnRlZ/);
    expect(await run('delete', 'secret', name, `applied-${suffix}`)).toContain('deleted');
    expect((await session.run(kubectl, ['get', 'secret', name, ...NAMESPACE])).stderr).toContain(`secrets "${name}" not found`);
  });

  it.skipIf(kubectl.path === undefined)('knows the types of secrets, and refuses what does not fit them', async () => {
    const name = `registry-${suffix}`;
    await run('create', 'secret', 'docker-registry', name, '--docker-server=example.com', '--docker-username=ada', '--docker-password=planted-six');
    expect(await server.api<SecretView>('GET', `/api/orgs/default/secrets/${name}`)).toMatchObject({ type: 'kubernetes.io/dockerconfigjson', keys: ['.dockerconfigjson'] });
    const wrong = await session.run(kubectl, ['apply', '-f', '-', ...NAMESPACE], { input: `apiVersion: v1\nkind: Secret\nmetadata: { name: wrong-${suffix} }\ntype: kubernetes.io/tls\nstringData: { tls.crt: x }\n` });
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('tls.key')]);
  });

  it.skipIf(kubectl.path === undefined)('has config maps with their values, also by server-side apply', async () => {
    const name = `settings-${suffix}`;
    expect(await run('create', 'configmap', name, '--from-literal=level=high')).toContain('created');
    expect(await run('get', 'configmap', name, '-o', 'jsonpath={.data.level}')).toBe('high');
    const document = (data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: ${data}\n`;
    const apply = (data: string, manager: string, ...more: string[]) => session.run(kubectl, ['apply', '--server-side', '--field-manager', manager, '-f', '-', ...more, ...NAMESPACE], { input: document(data) });
    expect((await apply('{ mode: fast }', 'one')).code).toBe(0);
    const conflict = await apply('{ mode: slow }', 'two');
    expect([conflict.code, conflict.stderr]).toEqual([1, expect.stringContaining('.data.mode')]);
    expect((await apply('{ mode: slow }', 'two', '--force-conflicts')).code).toBe(0);
    expect(JSON.parse(await run('get', 'cm', name, '-o', 'json'))).toMatchObject({ data: { level: 'high', mode: 'slow' } });
    expect(await run('delete', 'configmap', name)).toContain('deleted');
  });
});
