import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRunFixture, type RunFixture } from '../harness/runFixture';
import type { ApiFailure } from '../harness/startServer';

const AGENTS = '/api/orgs/default/agents';

interface Accepted {
  readonly accepted: true;
  readonly run: string;
  readonly attempt: string;
  readonly phase: string;
  readonly continues: string;
}

let fixture: RunFixture;
beforeAll(async () => {
  fixture = await createRunFixture();
  await fixture.repository('shop');
});
afterAll(() => fixture[Symbol.asyncDispose]());

const act = (run: string, action: string, body: object = {}) => fixture.server.api<Accepted>('POST', `${AGENTS}/runs/${run}/${action}`, body);
const refusal = async (work: Promise<unknown>) => {
  const failure = await work.then(() => undefined, (error: ApiFailure) => error);
  return [failure?.status, failure?.body.error.code];
};
/** What the agent was told, and whether it was in an earlier session. */
const told = async (run: string) => {
  const events = await fixture.events(run);
  const prompts = events.filter(({ type }) => type === 'prompt').map(({ data }) => (data as { text: string }).text);
  return { prompts, loaded: events.some(({ type, data }) => type === 'session.created' && (data as { loaded?: boolean }).loaded === true) };
};

describe('a run that has ended', () => {
  it('is continued with a message, in the same worktree and session, from its commit', async () => {
    await fixture.agent('talker', { loadSession: true, prompt: [{ write: { path: 'one.txt', text: 'one\n' } }, { message: 'Wrote one.' }], resumed: [{ write: { path: 'two.txt', text: 'two\n' } }, { message: 'Wrote two.' }] });
    const first = await fixture.dispatch('shop', 'talker', { prompt: 'Write one.txt' });
    const before = await fixture.ended(first);
    const accepted = await act(first, 'continue', { message: 'Now two.txt, please', expectedGeneration: before.metadata.generation });
    expect(accepted).toEqual({ accepted: true, run: expect.stringMatching(/^run-/), attempt: `${accepted.run}-1`, phase: 'Pending', continues: first });

    const after = await fixture.ended(accepted.run);
    expect(after.status).toMatchObject({ phase: 'Completed', workspaceRef: before.status?.workspaceRef, baseSha: before.status?.headSha, changedFiles: 1 });
    expect(after.spec).toMatchObject({ prompt: 'Now two.txt, please', continues: { run: first, mode: 'continue' } });
    expect(await told(accepted.run)).toEqual({ prompts: ['Now two.txt, please'], loaded: true });
    const workspace = await fixture.workspace(accepted.run);
    expect([existsSync(join(workspace, 'one.txt')), existsSync(join(workspace, 'two.txt'))]).toEqual([true, true]);
    // The run that went before still shows what it did.
    expect(await fixture.server.api('GET', `${AGENTS}/runs/${first}/diff`)).toMatchObject({ files: [{ path: 'one.txt' }] });
    expect((await fixture.server.api<{ spec: { attemptReason: string } }>('GET', `/api/orgs/default/resources/agentdispatchattempts/${accepted.attempt}`)).spec.attemptReason).toBe('continue');
  });

  it('tells an agent that cannot load its session what was asked and answered before', async () => {
    await fixture.agent('forgetful', { prompt: [{ message: 'The answer is 42.' }] });
    const first = await fixture.dispatch('shop', 'forgetful', { prompt: 'What is the answer?' });
    await fixture.ended(first);
    const { run } = await act(first, 'continue', { message: 'And the question?' });
    await fixture.ended(run);
    const { prompts: [prompt], loaded } = await told(run);
    expect(loaded).toBe(false);
    expect(prompt).toMatch(/What is the answer\?[\s\S]*The answer is 42\.[\s\S]*# Task\n\nAnd the question\?$/);
  });

  it('is resumed after a failure, with what was not committed', async () => {
    await fixture.agent('unlucky', { prompt: [{ write: { path: 'half.txt', text: 'half\n' } }, { message: 'Half done.' }] });
    const first = await fixture.dispatch('shop', 'unlucky', { prompt: 'Do it all' });
    const before = await fixture.ended(first);
    const workspace = await fixture.workspace(first);
    // As a runner leaves it that was killed: a change of a tracked file, and a new file, that no commit has.
    await writeFile(join(workspace, 'half.txt'), 'half and a bit\n');
    await writeFile(join(workspace, 'new.txt'), 'new\n');
    expect(await refusal(act(first, 'resume'))).toEqual([409, 'RUN_COMPLETED']);
    expect(before.status?.phase).toBe('Completed');

    await fixture.agent('stuck', { prompt: [{ write: { path: 'start.txt', text: 'start\n' } }, { hang: true }] });
    const second = await fixture.dispatch('shop', 'stuck', { prompt: 'Do it slowly' });
    await fixture.until(second, 'at work', (run) => run.status?.agent !== undefined && run.status.phase === 'Running');
    expect(await refusal(act(second, 'resume'))).toEqual([409, 'RUN_ACTIVE']);
    await act(second, 'cancel', { reason: 'user-requested' });
    const cancelled = await fixture.ended(second);
    await writeFile(join(await fixture.workspace(second), 'README.md'), 'changed, not committed\n');
    const { run } = await act(second, 'resume');
    await fixture.until(run, 'at work', (each) => each.status?.agent !== undefined && each.status.phase === 'Running');
    expect(await readFile(join(await fixture.workspace(run), 'README.md'), 'utf8')).toBe('changed, not committed\n');
    await expect.poll(async () => (await told(run)).prompts[0], { timeout: 20_000 }).toMatch(/interrupted[\s\S]*Do it slowly/);
    expect((await fixture.run(run)).status?.workspaceRef).toBe(cancelled.status?.workspaceRef);
    await act(run, 'cancel');
    await fixture.ended(run);
  });

  it('is forked from its commit, in a worktree of its own', async () => {
    await fixture.agent('maker', { prompt: [{ write: { path: 'base.txt', text: 'base\n' } }, { message: 'Made the base.' }] });
    const first = await fixture.dispatch('shop', 'maker', { prompt: 'Make the base' });
    const before = await fixture.ended(first);
    const forks = await Promise.all(['left', 'right'].map((message) => act(first, 'fork', { message })));
    for (const { run } of forks) {
      const after = await fixture.ended(run);
      expect(after.spec).toMatchObject({ sha: before.status?.headSha, continues: { run: first, mode: 'fork' } });
      expect(after.status?.workspaceRef).not.toBe(before.status?.workspaceRef);
    }
    expect(new Set(await Promise.all(forks.map(({ run }) => fixture.workspace(run)))).size).toBe(2);
  });

  it('refuses what it cannot do, with the reason', async () => {
    await fixture.agent('plain', { prompt: [{ message: 'Done.' }] });
    const run = await fixture.dispatch('shop', 'plain');
    const { metadata, status } = await fixture.ended(run);
    expect(await refusal(act(run, 'continue'))).toEqual([422, 'INVALID']);
    for (const action of ['continue', 'fork', 'retry']) expect(await refusal(act(run, action, { message: 'x', expectedGeneration: metadata.generation + 1 }))).toEqual([409, 'GENERATION_CONFLICT']);
    expect(await refusal(act('run-none', 'fork'))).toEqual([404, 'NOT_FOUND']);
    await fixture.server.api('POST', `/api/orgs/default/workspaces/${status?.workspaceRef ?? ''}/archive`, {});
    await fixture.until(run, 'archived', () => true);
    await expect.poll(async () => (await refusal(act(run, 'continue', { message: 'x' })))[1], { timeout: 20_000 }).toBe('WORKSPACE_GONE');
  });
});
