import { spawn } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKindRegistry } from '../../shared/kind/registry';
import { allKinds } from '../../shared/kinds/index';
import { kubectls, kubectlSession, newestKubectl, type Kubectl, type KubectlSession } from '../harness/kubectl';
import { cleanEnvironment } from '../harness/runProcess';
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

const skill = (name: string, description: string, labels: Record<string, string> = {}) => JSON.stringify({
  apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AgentContextLabel', metadata: { name, labels }, spec: { displayName: description, promptFragment: 'Say it.', allowedSources: [] },
});
const PLURAL = 'agentcontextlabels';
const ok = (kubectl: Kubectl, args: string, input?: string) => session.ok(kubectl, args.split(' '), input === undefined ? {} : { input });
const run = (kubectl: Kubectl, args: string, input?: string) => session.run(kubectl, args.split(' '), input === undefined ? {} : { input });
const field = (kubectl: Kubectl, name: string, path: string) => session.ok(kubectl, ['get', PLURAL, name, '-o', `jsonpath={${path}}`]);

describe.each(kubectls.filter(({ minor }) => minor >= 27))('$name', (kubectl) => {
  const name = `story-${kubectl.minor}`;
  const story = it.skipIf(kubectl.path === undefined);

  story('creates, changes and deletes an object by applying documents', async () => {
    expect(await ok(kubectl, 'apply -f -', skill(name, 'one', { team: 'core' }))).toBe(`agentcontextlabel.kradle.a5c.ai/${name} created\n`);
    expect(await ok(kubectl, 'apply -f -', skill(name, 'one', { team: 'core' }))).toBe(`agentcontextlabel.kradle.a5c.ai/${name} unchanged\n`);
    expect((await run(kubectl, 'diff -f -', skill(name, 'one', { team: 'core' }))).code).toBe(0);
    const difference = await run(kubectl, 'diff -f -', skill(name, 'two', { team: 'core' }));
    expect([difference.code, difference.stdout]).toEqual([1, expect.stringContaining('+  displayName: two')]);
    expect(await ok(kubectl, 'apply -f -', skill(name, 'two'))).toBe(`agentcontextlabel.kradle.a5c.ai/${name} configured\n`);
    expect(await field(kubectl, name, '.spec.displayName')).toBe('two');
    expect(await field(kubectl, name, '.metadata.labels.team')).toBe('');
    expect(await ok(kubectl, `get ${PLURAL} ${name} -o wide`)).toMatch(/^NAME .*\n.*two/);
    expect(await ok(kubectl, `get ${PLURAL} -A`)).toMatch(/^NAMESPACE +NAME[^\n]*\n(.*\n)*kradle-org-default +/);
    expect(await ok(kubectl, `delete ${PLURAL} ${name}`)).toMatch(`agentcontextlabel.kradle.a5c.ai "${name}" deleted`);
    expect((await run(kubectl, `get ${PLURAL} ${name}`)).stderr).toBe(`Error from server (NotFound): agentcontextlabels.kradle.a5c.ai "${name}" not found\n`);
  });

  story('applies on the server, and asks before it takes a field from somebody else', async () => {
    expect(await ok(kubectl, 'apply --server-side --field-manager=first -f -', skill(name, 'one'))).toBe(`agentcontextlabel.kradle.a5c.ai/${name} serverside-applied\n`);
    const conflict = await run(kubectl, 'apply --server-side --field-manager=second -f -', skill(name, 'two'));
    expect([conflict.code, conflict.stderr]).toEqual([1, expect.stringContaining('Apply failed with 1 conflict: conflict with "first": .spec.displayName')]);
    await ok(kubectl, 'apply --server-side --field-manager=second --force-conflicts -f -', skill(name, 'two'));
    expect(await field(kubectl, name, '.spec.displayName')).toBe('two');
    expect(await ok(kubectl, `get ${PLURAL} ${name} --show-managed-fields -o jsonpath={.metadata.managedFields[*].manager}`)).toContain('second');
    await ok(kubectl, `delete ${PLURAL} ${name}`);
  });

  story('patches, labels, annotates and edits', async () => {
    await ok(kubectl, 'create -f -', skill(name, 'one'));
    await session.ok(kubectl, ['patch', PLURAL, name, '--type=merge', '-p', '{"spec":{"displayName":"merged"}}']);
    await session.ok(kubectl, ['patch', PLURAL, name, '--type=json', '-p', '[{"op":"test","path":"/spec/displayName","value":"merged"},{"op":"replace","path":"/spec/displayName","value":"patched"}]']);
    expect(await field(kubectl, name, '.spec.displayName')).toBe('patched');
    expect((await session.run(kubectl, ['patch', PLURAL, name, '-p', '{}'])).stderr).toContain('application/merge-patch+json');
    await ok(kubectl, `label ${PLURAL} ${name} room=hall`);
    await ok(kubectl, `annotate ${PLURAL} ${name} note=hi`);
    expect(await ok(kubectl, `get ${PLURAL} -l room=hall -o name`)).toContain(`/${name}\n`);
    expect(await field(kubectl, name, '.metadata.annotations.note')).toBe('hi');

    const editor = join(session.folder, 'editor.sh');
    await writeFile(editor, '#!/bin/sh\nsed -i "s/displayName: .*/displayName: edited/" "$1"\n');
    await chmod(editor, 0o755);
    await follow(kubectl, ['edit', PLURAL, name], { env: { KUBE_EDITOR: editor } }).ended;
    expect(await field(kubectl, name, '.spec.displayName')).toBe('edited');
    expect(await ok(kubectl, 'replace -f -', skill(name, 'replaced'))).toContain('replaced');
    await ok(kubectl, `delete ${PLURAL} ${name} --cascade=foreground`);
  });

  story('judges unknown fields as it is told to, and tries without writing', async () => {
    const misspelt = skill(name, 'one').replace('promptFragment', 'promptFragmnt');
    expect((await run(kubectl, 'create --validate=strict -f -', misspelt)).stderr).toContain('promptFragmnt');
    expect((await run(kubectl, 'create --dry-run=server --validate=warn -f -', misspelt.replace(/}}$/, ',"promptFragment":"x"}}'))).stderr).toContain('Warning: unknown field "spec.promptFragmnt"');
    expect(await ok(kubectl, 'create --dry-run=server -f -', skill(name, 'one'))).toContain('created (server dry run)');
    expect((await run(kubectl, `get ${PLURAL} ${name}`)).code).toBe(1);
  });

  story('watches and waits', async () => {
    await ok(kubectl, 'create -f -', skill(name, 'one'));
    const watch = follow(kubectl, ['get', PLURAL, name, '-w', '--output-watch-events', '-o', 'jsonpath={.type} {.object.spec.displayName}{"\\n"}']);
    await watch.seen('ADDED one');
    await session.ok(kubectl, ['patch', PLURAL, name, '--type=merge', '-p', '{"spec":{"displayName":"two"}}']);
    await watch.seen('MODIFIED two');
    const waiting = session.ok(kubectl, ['wait', `${PLURAL}/${name}`, '--for=jsonpath={.spec.displayName}=three', '--timeout=60s']);
    await session.ok(kubectl, ['patch', PLURAL, name, '--type=merge', '-p', '{"spec":{"displayName":"three"}}']);
    expect(await waiting).toContain('condition met');
    await ok(kubectl, `delete ${PLURAL} ${name}`);
    await watch.seen('DELETED three');
    watch.stop();
  });
});

describe.skipIf(newestKubectl.path === undefined)('kubectl', () => {
  const kubectl = newestKubectl;

  it('waits until an object is ready', async () => {
    const stack = { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AgentStack', metadata: { name: 'ready' }, spec: { baseAgent: 'node', adapter: 'node' } };
    await ok(kubectl, 'apply -f -', JSON.stringify(stack));
    await ok(kubectl, 'wait --for=condition=Ready=false agentstack/ready --timeout=60s');
    const ready = ok(kubectl, 'wait --for=condition=Ready agentstack/ready --timeout=60s');
    await ok(kubectl, 'apply -f -', JSON.stringify({ apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AgentAdapter', metadata: { name: 'node' }, spec: { adapterType: 'command', command: ['node', '--version'] } }));
    expect(await ready).toContain('condition met');
    await ok(kubectl, 'delete agentstack/ready agentadapter/node');
  });

  it('generates names, and deletes what a selector finds', async () => {
    const document = JSON.stringify({ apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AgentContextLabel', metadata: { generateName: 'gen-', labels: { batch: 'a' } }, spec: { displayName: 'x', promptFragment: 'y', allowedSources: [] } });
    for (let count = 0; count < 3; count += 1) expect(await ok(kubectl, 'create -f -', document)).toMatch(/gen-[a-z0-9]{5} created/);
    await ok(kubectl, 'create -f -', skill('kept', 'kept'));
    expect((await ok(kubectl, `delete ${PLURAL} -l batch=a`)).trim().split('\n')).toHaveLength(3);
    expect(await ok(kubectl, `get ${PLURAL} -o name`)).toBe('agentcontextlabel.kradle.a5c.ai/kept\n');
    await ok(kubectl, `delete ${PLURAL} --all`);
    expect((await run(kubectl, `get ${PLURAL}`)).stderr).toBe('No resources found in kradle-org-default namespace.\n');
  });

  it('lists in chunks, sorted, by field and by namespace', async () => {
    for (const name of ['c', 'a', 'b']) await ok(kubectl, 'create -f -', skill(name, name === 'b' ? 'special' : 'plain'));
    expect(await ok(kubectl, `get ${PLURAL} --chunk-size=1 -o name`)).toBe(['a', 'b', 'c'].map((name) => `agentcontextlabel.kradle.a5c.ai/${name}\n`).join(''));
    expect(await ok(kubectl, `get ${PLURAL} --field-selector=spec.displayName=special -o name`)).toBe('agentcontextlabel.kradle.a5c.ai/b\n');
    expect(await ok(kubectl, `get ${PLURAL} --field-selector=metadata.namespace=kradle-org-default,metadata.name!=a -A -o name`)).not.toContain('/a\n');
    expect((await run(kubectl, `get ${PLURAL} -n kradle-org-nobody`)).stderr).toContain('namespaces "kradle-org-nobody" not found');
    await ok(kubectl, `delete ${PLURAL} --all`);
  });

  it('propagates a deletion as it is told to', async () => {
    const owner = async (name: string) => {
      await ok(kubectl, 'create -f -', skill(name, 'owner'));
      const uid = await field(kubectl, name, '.metadata.uid');
      const dependent = JSON.parse(skill(`${name}-child`, 'child')) as { metadata: Record<string, unknown> };
      dependent.metadata.ownerReferences = [{ apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AgentContextLabel', name, uid, blockOwnerDeletion: true }];
      await ok(kubectl, 'create -f -', JSON.stringify(dependent));
    };
    for (const cascade of ['background', 'foreground']) {
      await owner(cascade);
      await ok(kubectl, `delete ${PLURAL} ${cascade} --cascade=${cascade}`);
      await ok(kubectl, `wait --for=delete ${PLURAL}/${cascade}-child --timeout=60s`);
    }
    await owner('orphan');
    await ok(kubectl, `delete ${PLURAL} orphan --cascade=orphan`);
    expect(await field(kubectl, 'orphan-child', '.metadata.ownerReferences')).toBe('');
    await ok(kubectl, `delete ${PLURAL} orphan-child`);
  });

  it('describes objects and asks for events without an error', async () => {
    await ok(kubectl, 'create -f -', skill('described', 'to be described'));
    expect(await ok(kubectl, `describe ${PLURAL} described`)).toMatch(/Display Name: +to be described/);
    expect((await run(kubectl, 'get events -A')).stderr).toBe('No resources found\n');
    expect((await run(kubectl, 'events')).stderr).toBe('No events found in kradle-org-default namespace.\n');
    await ok(kubectl, `delete ${PLURAL} described`);
  });

  it('shows namespaces, and is told how to make one', async () => {
    expect(await ok(kubectl, 'get ns')).toMatch(/^NAME +STATUS +AGE\nkradle-org-default +Active +\d+[smhd].*\nkradle-system +Active/);
    expect((await run(kubectl, 'describe ns kradle-org-default')).code).toBe(0);
    const refused = await run(kubectl, 'create namespace kradle-org-new');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/MethodNotAllowed.*create.*Organization/s)]);
    await ok(kubectl, 'apply -f -', JSON.stringify({ apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'Organization', metadata: { name: 'new' }, spec: { displayName: 'New', namespaceName: 'kradle-org-new' } }));
    expect(await ok(kubectl, 'get ns kradle-org-new -o jsonpath={.status.phase}')).toBe('Active');
    expect(await ok(kubectl, 'get organizations -o name')).toContain('organization.kradle.a5c.ai/new\n');
  });
});

describe.skipIf(newestKubectl.path === undefined)('documents of earlier versions', () => {
  const kubectl = newestKubectl;
  const registry = createKindRegistry(allKinds);

  it.each(['older.yaml', 'resourceContractExamples.yaml', 'externalBackends.yaml', 'externalBackendParts.yaml'])('%s applies as it is and reads back under its present name', async (file) => {
    const path = fileURLToPath(new URL(`../fixtures/documents/${file}`, import.meta.url));
    await ok(kubectl, `apply -f - -n kradle-org-default`, JSON.stringify({ apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'Organization', metadata: { name: 'a5c' }, spec: { displayName: 'a5c', namespaceName: 'kradle-org-a5c' } }));
    const documents = parseAllDocuments(await readFile(path, 'utf8')).map((document) => document.toJS() as { kind: string; metadata: { name: string; namespace?: string }; spec?: { organizationRef?: string } });
    const applied = await session.run(kubectl, ['apply', '-f', path]);
    expect([applied.code, applied.stderr.replace(/^Warning: .*\n/gm, '')]).toEqual([0, '']);
    for (const { kind, metadata, spec } of documents) {
      const declared = registry.find(kind);
      if (declared === undefined) throw new Error(`no kind is called ${kind}`);
      const namespace = declared.placement === 'platform' ? 'kradle-system' : `kradle-org-${spec?.organizationRef ?? (metadata.namespace?.startsWith('krate-org-') === true ? metadata.namespace.slice(10) : 'default')}`;
      const stored = JSON.parse(await session.ok(kubectl, ['get', `${declared.names.plural}.kradle.a5c.ai`, metadata.name, '-n', namespace, '-o', 'json'])) as Record<string, unknown>;
      expect(stored).toMatchObject({ apiVersion: 'kradle.a5c.ai/v1alpha1', kind: declared.names.kind, metadata: { name: metadata.name, namespace } });
    }
    // A document that stands twice differs from its other self.
    const names = documents.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
    const { stdout } = await session.run(kubectl, ['diff', '-f', path]);
    const changed = [...stdout.matchAll(/^diff .*\.([A-Za-z]+)\.[a-z0-9-]+\.([a-z0-9.-]+)$/gm)].map(([, kind, name]) => `${kind}/${name}`);
    expect(changed.filter((name) => !twice.has(name))).toEqual([]);
  });

  it('places a document of the platform namespace, and finds it there again', async () => {
    const document = JSON.stringify({ apiVersion: 'krate.a5c.ai/v1alpha1', kind: 'AgentContextLabel', metadata: { name: 'placed', namespace: 'krate-system' }, spec: { displayName: 'x', promptFragment: 'y', allowedSources: [] } });
    const created = await run(kubectl, 'apply -f -', document);
    expect([created.code, created.stderr]).toEqual([0, expect.stringContaining('Warning: namespace "krate-system"')]);
    expect(await ok(kubectl, 'apply -f -', document)).toBe('agentcontextlabel.krate.a5c.ai/placed unchanged\n');
    expect((await run(kubectl, 'diff -f -', document)).code).toBe(0);
    expect(await ok(kubectl, `get ${PLURAL} placed -n kradle-org-default -o jsonpath={.metadata.namespace}`)).toBe('kradle-org-default');
    await ok(kubectl, 'delete -f -', document);
    expect((await run(kubectl, `get ${PLURAL} placed`)).code).toBe(1);
  });
});

/** A kubectl that goes on until it is stopped; its lines as they come. */
function follow(kubectl: Kubectl, args: readonly string[], opts: { env?: Record<string, string> } = {}) {
  if (kubectl.path === undefined) throw new Error(`there is no ${kubectl.name} here`);
  const child = spawn(kubectl.path, args, { cwd: session.folder, env: { ...cleanEnvironment(session.folder), KUBECONFIG: session.kubeconfig, ...opts.env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve, reject) => child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`${kubectl.name} ${args.join(' ')} exited with ${String(code)}\n${errors}`)))));
  ended.catch(() => undefined);
  return {
    ended,
    async seen(line: string): Promise<void> {
      for (let step = await lines.next(); step.done !== true; step = await lines.next()) if (step.value === line) return;
      throw new Error(`${kubectl.name} ended without "${line}"\n${errors}`);
    },
    stop: () => child.kill(),
  };
}
