import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { git } from '../harness/git';
import { startServer, type TestServer } from '../harness/startServer';
import { tempDir, type TempDir } from '../harness/tempDir';

let server: TestServer;
let folder: TempDir;
beforeAll(async () => {
  folder = await tempDir();
  server = await startServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** Runs a command that must work and answers its output. */
async function kradle(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await server.cli(args);
  expect(code, `kradle ${args.join(' ')}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

const adapter = (name: string) => `apiVersion: kradle.a5c.ai/v1alpha1
kind: AgentAdapter
metadata: { name: ${name}, labels: { team: tools } }
spec: { adapterType: command, command: [cat] }
`;

describe('objects', () => {
  it('applies several documents, says what became of each, and changes nothing the second time', async () => {
    const file = join(folder.path, 'two.yaml');
    await writeFile(file, `${adapter('apply-a')}---\n${adapter('apply-b')}`);
    expect(await kradle('apply', '-f', file, '--dry-run')).toBe('agentadapter/apply-a created (dry run)\nagentadapter/apply-b created (dry run)\n');
    expect((await server.cli(['get', 'agentadapter', 'apply-a'])).code).toBe(4);
    expect(await kradle('apply', '-f', file)).toBe('agentadapter/apply-a created\nagentadapter/apply-b created\n');
    expect(await kradle('apply', '-f', file)).toBe('agentadapter/apply-a unchanged\nagentadapter/apply-b unchanged\n');
    await writeFile(file, adapter('apply-a').replace('[cat]', '[cat, "-n"]'));
    expect(await kradle('apply', '-f', file)).toBe('agentadapter/apply-a configured\n');
  });

  it('applies what is good when one document is bad, and fails with its place', async () => {
    const input = `${adapter('good-one')}---\n${adapter('bad').replace('command,', 'telepathy,')}`;
    const { code, stdout, stderr } = await server.cli(['apply', '-f', '-'], { input });
    expect(stdout).toBe('agentadapter/good-one created\n');
    expect(stderr).toMatch(/standard input:6: agentadapter\/bad: .*spec\.adapterType/s);
    expect(stderr).toContain('1 of 2 objects failed.');
    expect(code).toBe(1);
  });

  it('takes older group and kind names and stores the new one', async () => {
    const input = 'apiVersion: krate.a5c.ai/v1alpha1\nkind: AgentWorkspacePolicy\nmetadata: { name: older }\nspec: { retentionPolicy: {} }\n';
    expect((await server.cli(['apply', '-f', '-'], { input })).stdout).toBe('kradleworkspacepolicy/older created\n');
  });

  it('lists with selectors, sort, limit and the rest of the pages', async () => {
    for (const name of ['list-a', 'list-b', 'list-c']) await server.cli(['apply', '-f', '-'], { input: adapter(name).replace('tools', 'lists') });
    const names = (text: string) => text.trim().split('\n');
    expect(names(await kradle('list', 'agentadapters', '-l', 'team=lists', '-o', 'name'))).toEqual(['agentadapter/list-a', 'agentadapter/list-b', 'agentadapter/list-c']);
    expect(names(await kradle('list', 'agentadapter', '-l', 'team=lists', '--sort', '-metadata.name', '-o', 'name'))[0]).toBe('agentadapter/list-c');
    expect(names(await kradle('list', 'AgentAdapter', '-q', 'list-b', '-o', 'name'))).toEqual(['agentadapter/list-b']);
    expect(names(await kradle('list', 'AgentAdapter', '-l', 'team=lists', '--field-selector', 'metadata.name!=list-a', '-o', 'name'))).toHaveLength(2);
    const limited = await server.cli(['list', 'agentadapters', '-l', 'team=lists', '--limit', '2', '-o', 'name']);
    const token = /--continue (\S+)/.exec(limited.stderr)?.[1] ?? '';
    expect(names(limited.stdout)).toEqual(['agentadapter/list-a', 'agentadapter/list-b']);
    expect(names(await kradle('list', 'agentadapters', '-l', 'team=lists', '--continue', token, '-o', 'name'))).toEqual(['agentadapter/list-c']);
  });

  it('prints a table, wide, YAML and JSON of the same objects', async () => {
    await server.cli(['apply', '-f', '-'], { input: adapter('formats') });
    expect(await kradle('get', 'agentadapter', 'formats', '-o', 'table')).toMatch(/^NAME +TYPE +TRANSPORT +COMMAND +PHASE +AGE\nformats +command +stdio +cat/);
    const json = JSON.parse(await kradle('get', 'agentadapter/formats', '--json')) as { metadata: { name: string } };
    expect(json.metadata.name).toBe('formats');
    expect(await kradle('get', 'agentadapter', 'formats')).toMatch(/^apiVersion: kradle\.a5c\.ai\/v1alpha1\nkind: AgentAdapter\n/);
    const roundTrip = await server.cli(['apply', '-f', '-'], { input: await kradle('get', 'agentadapter', 'formats') });
    expect(roundTrip.stdout).toBe('agentadapter/formats unchanged\n');
  });

  it('deletes by name and by file, and says what was not there', async () => {
    const file = join(folder.path, 'delete.yaml');
    await writeFile(file, `${adapter('delete-a')}---\n${adapter('delete-b')}`);
    await kradle('apply', '-f', file);
    expect(await kradle('delete', 'agentadapter', 'delete-a')).toBe('agentadapter/delete-a deleted\n');
    const again = await server.cli(['delete', 'agentadapter', 'delete-a']);
    expect([again.code, again.stderr]).toEqual([4, expect.stringContaining('delete-a')]);
    expect(await kradle('delete', '-f', file, '--ignore-not-found')).toBe('agentadapter/delete-b deleted\n');
  });

  it('explains kinds and their fields', async () => {
    expect(await kradle('kinds')).toMatch(/^KIND +PLURAL/);
    expect(await kradle('kinds', 'stack')).toMatch(/spec\.approvalMode +yolo\|prompt\|deny/);
    const unknown = await server.cli(['list', 'agentstacs']);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('Did you mean AgentStack?')]);
  });

  it('lists kinds by context and in every format, foreign ones apart', async () => {
    const policy = await kradle('kinds', '--area', 'policy');
    expect(policy).toMatch(/^KIND +PLURAL +SHORT +API VERSION +SCOPE +STORAGE +CONTEXT +PURPOSE\nPolicyProfile +policyprofiles +\S+ +kradle\.a5c\.ai\/v1alpha1 +namespaced +config +policy /);
    expect(policy).toMatch(/\n\nOf other makers; they belong to cluster mode:\nKIND +IN THE CLUSTER +SCOPE .*\nKyvernoPolicy +policies\.kyverno\.io +namespaced +kyverno /);
    expect(await kradle('kinds', '-o', 'wide')).toMatch(/OLDER NAMES[^]*AgentWorkspacePolicy[^]*NAMESPACE[^]*vela-system/);
    expect(await kradle('kinds', '--area', 'external', '-o', 'name')).toContain('externalbackendproviders.kradle.a5c.ai\n');
    const all = JSON.parse(await kradle('kinds', '-o', 'json')) as { items: { kind: string }[]; foreign: { kind: string }[] };
    expect([all.items.length, all.foreign.length]).toEqual([86, 23]);
    expect(await kradle('kinds', '--area', 'inference', '-o', 'yaml')).toMatch(/^items:\n {2}- kind: KradleInferenceService\n/);
    const wrong = await server.cli(['kinds', '--area', 'polisy']);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('the areas are agents, audit')]);
  });

  it('says of a foreign kind that it belongs to cluster mode', async () => {
    for (const args of [['get', 'Application', 'shop'], ['list', 'applications.core.oam.dev'], ['delete', 'KubeVelaApplication', 'shop']]) {
      const { code, stderr } = await server.cli(args);
      expect([code, stderr], args.join(' ')).toEqual([1, expect.stringContaining('Application of core.oam.dev belongs to cluster mode')]);
    }
    expect(await kradle('kinds', 'application')).toMatch(/^KubeVelaApplication .*\n\nKind there +Application\nIn the cluster +applications\.core\.oam\.dev\n/);
  });

  it('completes kinds and names that there are', async () => {
    await kradle('repo', 'create', 'completed');
    expect(await kradle('__complete', '--', 'get', 'agentst')).toBe('agentstacks\n');
    expect(await kradle('__complete', '--', 'get', 'repo', 'compl')).toBe('completed\n');
    expect(await kradle('__complete', '--', 'dispatch', '--repo', 'compl')).toBe('completed\n');
    expect(await kradle('completion', 'bash')).toContain('complete -o default -F _kradle kradle');
  });
});

describe('code', () => {
  it('makes a repository, takes a push, and reviews and merges a pull request', async () => {
    const url = (await kradle('repo', 'create', 'shop', '--description', 'A shop')).trim();
    expect(await kradle('repo', 'list', '-o', 'name')).toContain('repository/shop\n');
    expect(await kradle('repo', 'ls', '-q', 'shop')).toMatch(/^NAME .*\nshop /);
    expect(url).toBe(`${server.url}/git/default/shop.git`);
    const clone = join(folder.path, 'shop');
    await mkdir(clone);
    await git(['init', '-q'], { cwd: clone });
    await writeFile(join(clone, 'a.txt'), 'one\n');
    await git(['add', '.'], { cwd: clone });
    await git(['commit', '-qm', 'First'], { cwd: clone });
    await git(['push', '-q', server.gitUrl('shop'), 'main'], { cwd: clone });
    await git(['switch', '-qc', 'feature'], { cwd: clone });
    await writeFile(join(clone, 'a.txt'), 'one\ntwo\n');
    await git(['commit', '-qam', 'Second line'], { cwd: clone });
    await git(['push', '-q', server.gitUrl('shop'), 'feature'], { cwd: clone });

    expect(await kradle('pr', 'create', '--repo', 'shop', '--head', 'feature', '--title', 'A second line', '--body', 'Because **one** is not enough.')).toBe('shop-1\n');
    expect(await kradle('pr', 'list', '--repo', 'shop')).toMatch(/shop-1 +shop +1 +A second line +Open/);
    await kradle('pr', 'edit', 'shop-1', '--add-label', 'bug', '--add-label', 'old', '--add-assignee', 'admin');
    await kradle('pr', 'edit', 'shop-1', '--remove-label', 'old', '--add-label', 'bug', '--add-label', 'lines');
    expect(await kradle('pr', 'view', 'shop-1')).toMatch(/Labels: bug, lines\nAssignees: admin\n/);
    expect(await kradle('pr', 'diff', 'shop#1')).toBe('diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1,1 +1,2 @@\n one\n+two\n');
    await kradle('pr', 'comment', 'shop-1', '-b', 'Why two?', '--file', 'a.txt', '--line', '2');
    const view = await kradle('pr', 'view', 'shop-1');
    for (const part of ['A second line', 'feature into main', 'Because **one** is not enough.', 'a.txt:2', 'Why two?']) expect(view).toContain(part);
    expect(await kradle('pr', 'merge', 'shop-1', '--method', 'rebase')).toMatch(/^Merged shop-1 \(rebase\) as [0-9a-f]{10}\n$/);
    const again = await server.cli(['pr', 'merge', 'shop-1']);
    expect([again.code, again.stderr]).toEqual([5, expect.stringContaining('merged already')]);
    await git(['switch', '-q', 'main'], { cwd: clone });
    await git(['pull', '-q', '--ff-only', server.gitUrl('shop'), 'main'], { cwd: clone });
    expect(readFileSync(join(clone, 'a.txt'), 'utf8')).toBe('one\ntwo\n');
  });

  it('imports a folder, and says why one that is no repository cannot be', async () => {
    const source = join(folder.path, 'Some Project');
    await mkdir(source);
    await git(['init', '-q'], { cwd: source });
    await writeFile(join(source, 'x'), 'x');
    await git(['add', '.'], { cwd: source });
    await git(['commit', '-qm', 'x'], { cwd: source });
    expect((await server.cli(['import', 'Some Project'], { cwd: folder.path })).stdout).toBe(`${server.url}/git/default/some-project.git\n`);
    await mkdir(join(folder.path, 'plain'));
    const plain = await server.cli(['import', join(folder.path, 'plain')]);
    expect(plain.code).not.toBe(0);
    expect(plain.stderr).toMatch(/a folder that contains a "\.git" folder/);
  });
});

describe('the server command', () => {
  it('prints what it serves, and stops cleanly on Ctrl-C', async () => {
    await using other = await startServer();
    expect(await (await fetch(`${other.url}/healthz`)).json()).toEqual({ ok: true, project: 'Kradle' });
    expect(JSON.parse(readFileSync(join(other.dataDir, 'server.json'), 'utf8'))).toMatchObject({ url: other.url, pid: other.pid });
    expect(await other.stop('SIGINT')).toBe(0);
    expect(existsSync(join(other.dataDir, 'server.json'))).toBe(false);
    await other.restart();
    expect((await other.cli(['status'])).code).toBe(0);
  });

  it('refuses a second server on the data folder, with the pid of the first', async () => {
    const { code, stderr } = await server.cli(['serve', '--port', '0']);
    expect(stderr).toContain(String(server.pid));
    expect(code).toBe(5);
  });

  it('refuses a port that is taken, and says which', async () => {
    const { port } = new URL(server.url);
    const { code, stderr } = await server.cli(['serve', '--port', port, '--data-dir', join(folder.path, 'other')]);
    expect([code, stderr]).toEqual([5, expect.stringContaining(`Port ${port}`)]);
  });

  it.each([
    ['--port', '99999', 'port'],
    ['--host', '203.0.113.7', '203.0.113.7'],
  ])('refuses %s %s', async (flag, value, message) => {
    const { code, stderr } = await server.cli(['serve', '--data-dir', join(folder.path, 'refused'), '--port', '0', flag, value]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it('makes links that sign in once', async () => {
    const link = (await kradle('open')).trim();
    const first = await fetch(link, { redirect: 'manual' });
    expect([first.status, first.headers.get('location')]).toEqual([303, '/']);
    const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect((await fetch(`${server.url}/api/info`, { headers: { cookie } })).status).toBe(200);
    const second = await fetch(link, { redirect: 'manual' });
    expect(second.headers.get('set-cookie')).toBeNull();
  });

  it('needs a token that is good', async () => {
    const { code, stderr } = await server.cli(['status', '--server', server.url, '--token', 'wrong']);
    expect([code, stderr]).toEqual([3, expect.stringContaining('--token')]);
  });

  it('prints the configuration with the source of each setting', async () => {
    const { stdout } = await server.cli(['config', '--json'], { env: { KRADLE_PORT: '4567', KRADLE_PUBLIC_URL: 'https://me:hunter2@kradle.example' } });
    const { settings } = JSON.parse(stdout) as { settings: { name: string; value: unknown; source: string }[] };
    expect(settings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'port', value: 4567, source: 'environment' }),
        expect.objectContaining({ name: 'host', value: '127.0.0.1', source: 'default' }),
      ]),
    );
    expect(stdout).not.toContain('hunter2');
    const bad = await server.cli(['config'], { env: { KRADLE_PORT: 'many' } });
    expect([bad.code, bad.stderr]).toEqual([2, expect.stringContaining('KRADLE_PORT')]);
  });

  it('shows the status', async () => {
    const status = JSON.parse(await kradle('status', '--json')) as Record<string, unknown>;
    expect(status).toMatchObject({ url: server.url, organization: 'default', agents: 0, activeRuns: 0, pendingApprovals: 0 });
    expect(await kradle('status')).toContain(server.url);
  });
});
