import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually';
import { git } from '../harness/git';
import { ask, createRunFixture, type RunFixture } from '../harness/runFixture';
import { cleanEnvironment } from '../harness/runProcess';
import { KRADLE } from '../harness/startServer';
import { tempDir, type TempDir } from '../harness/tempDir';

const SCRIPTED_AGENT = new URL('../harness/scriptedAgent.mjs', import.meta.url).pathname;

let fixture: RunFixture;
let folder: TempDir;
beforeEach(async () => {
  folder = await tempDir();
  fixture = await createRunFixture();
});
afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** Runs a command that must work and answers its output. */
async function kradle(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await fixture.server.cli(args);
  expect(code, `kradle ${args.join(' ')}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

/** A command that runs until the test is done with it. */
function follow(args: readonly string[]): { child: ChildProcess; stdout: () => string; stderr: () => string; exited: Promise<number | null> } {
  const child = spawn(process.execPath, [KRADLE, ...args], { env: { ...cleanEnvironment(folder.path), KRADLE_DATA_DIR: fixture.server.dataDir } });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return { child, stdout: () => stdout, stderr: () => stderr, exited: new Promise((resolve) => child.once('close', resolve)) };
}

/** The approval that waits, by the list that a script would read. */
async function waiting(action: string): Promise<string> {
  return eventually(`an approval of ${action}`, async () => {
    const { items } = JSON.parse(await kradle('approvals', '--json')) as { items: { metadata: { name: string }; spec: { action: string } }[] };
    return items.find((item) => item.spec.action === action)?.metadata.name;
  });
}

describe('the main job by kradle and git alone', () => {
  it('goes from a folder to a merged change', async () => {
    const project = join(folder.path, 'shop');
    await mkdir(project);
    await git(['init', '-q'], { cwd: project });
    await writeFile(join(project, 'price.txt'), '100\n');
    await git(['add', '.'], { cwd: project });
    await git(['commit', '-qm', 'Prices'], { cwd: project });
    await kradle('import', project);

    const script = join(folder.path, 'script.json');
    const allowed = [{ message: 'Thank you.' }, { write: { path: 'price.txt', text: '90\n' } }];
    const question = ask('Write price.txt').permission as { onSelected: object };
    await writeFile(script, JSON.stringify({
      prompt: [{ plan: [{ content: 'Lower the price', priority: 'high', status: 'in_progress' }] }, { message: 'I will lower the price.' }, { permission: { ...question, onSelected: { ...question.onSelected, yes: allowed } } }],
    }));
    expect(await kradle('agent', 'add', 'scripted', '--', process.execPath, SCRIPTED_AGENT, script)).toContain('Agent scripted is ready.');

    const run = follow(['dispatch', '--stack', 'scripted', '--repo', 'shop', '-p', 'Lower the price', '--follow']);
    const permission = await waiting('tool-use');
    const wrong = await fixture.server.cli(['approve', permission, '--option', 'maybe']);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('yes (Allow once)')]);
    expect(await kradle('approve', permission, '--option', 'yes')).toBe(`${permission} Approved (Allow once)\n`);
    expect((await fixture.server.cli(['deny', permission])).code).toBe(5);
    expect(await run.exited).toBe(0);
    for (const part of ['> Lower the price', 'I will lower the price.', 'Permission asked: Write price.txt', 'Thank you.', 'Completed']) expect(run.stdout()).toContain(part);

    const writeBack = await waiting('write-back');
    expect(run.stderr()).toContain(`kradle approve ${writeBack}`);
    const name = /^Run (\S+)/.exec(run.stderr())?.[1] ?? '';
    expect(await kradle('diff', name)).toContain('-100\n+90\n');
    await kradle('approve', writeBack, '--reason', 'Looks right.');
    const pull = await eventually('the pull request', async () => (JSON.parse(await kradle('pr', 'list', '--json')) as { items: { metadata: { name: string } }[] }).items[0]?.metadata.name);
    expect(await kradle('pr', 'view', pull)).toContain(`kradle/runs/${name} into main`);
    await kradle('pr', 'merge', pull, '--method', 'squash');
    await git(['pull', '-q', '--ff-only', fixture.server.gitUrl('shop'), 'main'], { cwd: project });
    expect(await readFile(join(project, 'price.txt'), 'utf8')).toBe('90\n');
    expect(await kradle('logs', name)).toContain('I will lower the price.');
  });
});

describe('following a run', () => {
  it('goes on behind the last event when the server is killed and started again', async () => {
    await fixture.repository('shop');
    await fixture.agent('asks', { prompt: [{ message: 'Before the question.' }, ask('go on'), { message: 'After the question.' }] });
    const name = await fixture.dispatch('shop', 'asks');
    const logs = follow(['logs', '-f', name]);
    const { metadata } = await fixture.question(name);
    await eventually('the first message', () => logs.stdout().includes('Before the question.'));
    await fixture.server.kill9();
    await eventually('the interruption', () => logs.stderr().includes('Waiting for it to come back'));
    await fixture.server.restart();
    await kradle('approve', metadata.name);
    await logs.exited;
    expect(logs.stdout().match(/Before the question\./g)).toHaveLength(1);
    expect(logs.stdout()).toContain('After the question.');
  });

  it('exits as the run ends', async () => {
    await fixture.repository('shop');
    await fixture.agent('dies', { prompt: [{ exit: 3 }] });
    const failed = await fixture.server.cli(['dispatch', '--stack', 'dies', '--repo', 'shop', '-p', 'x', '--follow']);
    expect([failed.code, failed.stdout]).toEqual([6, expect.stringContaining('AgentExited')]);

    await fixture.agent('waits', { prompt: [ask('for ever')] });
    const run = follow(['dispatch', '--stack', 'waits', '--repo', 'shop', '-p', 'x', '--follow']);
    await waiting('tool-use');
    const name = /^Run (\S+)/.exec(run.stderr())?.[1] ?? '';
    await kradle('cancel', name, '--reason', 'Enough.');
    expect(await run.exited).toBe(7);
  });

  it('leaves the run alone on Ctrl-C', async () => {
    await fixture.repository('shop');
    await fixture.agent('asks', { prompt: [ask('go on')] });
    const name = await fixture.dispatch('shop', 'asks');
    const logs = follow(['logs', '-f', name]);
    await eventually('the question', () => logs.stdout().includes('Permission asked'));
    logs.child.kill('SIGINT');
    expect(await logs.exited).toBe(130);
    expect(logs.stderr()).toContain(`kradle cancel ${name}`);
    expect((await fixture.run(name)).status?.phase).toBe('Running');
  });

  it('prints events as JSON lines', async () => {
    await fixture.repository('shop');
    await fixture.agent('speaks', { prompt: [{ message: 'Hello.' }] });
    const name = await fixture.dispatch('shop', 'speaks');
    const followed = await fixture.server.cli(['logs', '-f', name, '--json']);
    const events = followed.stdout.trim().split('\n').map((line) => JSON.parse(line) as { seq: number; type: string });
    expect(events.map((event) => event.type)).toEqual(expect.arrayContaining(['run.phase', 'prompt', 'update', 'turn.ended']));
    expect(events.map((event) => event.seq)).toEqual([...events.map((event) => event.seq)].sort((a, b) => a - b));
    expect((await kradle('logs', name, '--json')).trim().split('\n').length).toBeGreaterThanOrEqual(events.length);
  });

  it('says that there is no such run', async () => {
    const { code, stderr } = await fixture.server.cli(['logs', '-f', 'nobody']);
    expect([code, stderr]).toEqual([4, expect.stringContaining('nobody')]);
  });
});
