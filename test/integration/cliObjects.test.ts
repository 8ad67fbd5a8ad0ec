import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

/** A program that edits the file which it is given as its last argument. */
async function editor(name: string, script: string): Promise<{ KRADLE_EDITOR: string }> {
  const path = join(folder.path, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return { KRADLE_EDITOR: path };
}

describe('kradle create', () => {
  it('creates an object from fields, typed as they look, and refuses one that is there', async () => {
    const args = ['create', 'agentadapter', 'from-fields', '-s', 'adapterType=command', '-s', 'command=[cat, "-n"]', '--label', 'team=tools'];
    expect((await server.cli([...args, '--dry-run'])).stdout).toBe('agentadapter/from-fields created (dry run)\n');
    expect((await server.cli(args)).stdout).toBe('agentadapter/from-fields created\n');
    const stored = await server.api<{ spec: { command: string[] }; metadata: { labels: object } }>('GET', '/api/orgs/default/resources/AgentAdapter/from-fields');
    expect(stored).toMatchObject({ spec: { adapterType: 'command', command: ['cat', '-n'] }, metadata: { labels: { team: 'tools' } } });
    const again = await server.cli(['create', 'agentadapter/from-fields', '-s', 'adapterType=command', '-s', 'command=[tee]']);
    expect([again.code, again.stderr]).toEqual([5, expect.stringContaining('is there already')]);
    expect(await server.api('GET', '/api/orgs/default/resources/AgentAdapter/from-fields')).toMatchObject({ spec: { command: ['cat', '-n'] } });
  });

  it('says which field is wrong', async () => {
    const { code, stderr } = await server.cli(['create', 'agentadapter', 'bad', '-s', 'adapterType=telepathy']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('spec.adapterType')]);
    expect((await server.cli(['create', 'agentadapter', 'bad', '-s', 'nonsense'])).code).toBe(2);
    expect((await server.cli(['create', 'agentadapter', 'bad', '-s', '__proto__.x=1'])).stderr).toContain('is not a field path');
  });
});

describe('kradle edit', () => {
  it('stores what the editor left, and nothing when it left it alone', async () => {
    await server.cli(['create', 'agentadapter', 'edited', '-s', 'adapterType=command', '-s', 'command=[cat]']);
    const change = await editor('change', 'sed -i "s/cat/tac/" "$1"');
    expect((await server.cli(['edit', 'agentadapter/edited'], { env: change })).stdout).toBe('agentadapter/edited edited\n');
    expect(await server.api('GET', '/api/orgs/default/resources/AgentAdapter/edited')).toMatchObject({ spec: { command: ['tac'] } });
    const none = await server.cli(['edit', 'agentadapter', 'edited'], { env: await editor('none', ':') });
    expect([none.code, none.stderr]).toEqual([130, expect.stringContaining('Nothing was changed')]);
  });

  it('opens again with what was wrong above it', async () => {
    await server.cli(['create', 'agentadapter', 'twice', '-s', 'adapterType=command', '-s', 'command=[cat]']);
    // The first time it breaks the object; the second time it finds the fault and mends it.
    const twice = await editor('twice', 'if grep -q "^# .*adapterType" "$1"; then sed -i "s/telepathy/command/; s/cat/tac/" "$1"; else sed -i "s/adapterType: command/adapterType: telepathy/" "$1"; fi');
    expect((await server.cli(['edit', 'agentadapter', 'twice'], { env: twice })).stdout).toBe('agentadapter/twice edited\n');
    expect(await server.api('GET', '/api/orgs/default/resources/AgentAdapter/twice')).toMatchObject({ spec: { adapterType: 'command', command: ['tac'] } });
  });

  it('refuses an edit of what has changed meanwhile, and keeps it', async () => {
    await server.cli(['create', 'agentadapter', 'raced', '-s', 'adapterType=command', '-s', 'command=[cat]']);
    const patch = `fetch("${server.url}/api/orgs/default/resources/AgentAdapter/raced", { method: "PATCH", headers: { Authorization: "Bearer ${server.token}", "Content-Type": "application/json" }, body: JSON.stringify({ spec: { command: ["tee"] } }) })`;
    const raced = await editor('raced', `${process.execPath} -e '${patch}' && sed -i "s/cat/tac/" "$1"`);
    const { code, stderr } = await server.cli(['edit', 'agentadapter', 'raced'], { env: raced });
    expect([code, stderr]).toEqual([5, expect.stringMatching(/has changed[^]*|Your edit is kept in/)]);
    expect(await server.api('GET', '/api/orgs/default/resources/AgentAdapter/raced')).toMatchObject({ spec: { command: ['tee'] } });
  });
});
