import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually';
import { ask, createRunFixture, isAlive, ORG, type RunFixture } from '../harness/runFixture';

let fixture: RunFixture;

beforeEach(async () => {
  fixture = await createRunFixture();
  await fixture.repository('shop');
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

const ticks = (count: number) => ({ repeat: { times: count, steps: [{ message: 'tick ' }, { sleepMs: 5 }] } });
const messages = (events: { type: string; data: unknown }[]) =>
  events.flatMap(({ type, data }) => (type === 'update' && (data as { sessionUpdate: string }).sessionUpdate === 'agent_message_chunk' ? [(data as { content: { text: string } }).content.text] : []));
const recordOf = async (run: string, file: 'runner' | 'agent') => JSON.parse(await readFile(join(fixture.server.dataDir, 'runs', ORG, run, `${file}.json`), 'utf8')) as { pid: number };

describe('kill -9 of the server', () => {
  it('in the middle of a turn loses neither the run nor an event', async () => {
    await fixture.agent('ticker', { prompt: [{ write: { path: 'before.txt', text: 'x\n' } }, ticks(400), { write: { path: 'after.txt', text: 'x\n' } }, { message: 'end' }] });
    const run = await fixture.dispatch('shop', 'ticker');
    await eventually('some ticks', async () => messages(await fixture.events(run)).length > 20);
    await fixture.server.kill9();
    const { pid } = await recordOf(run, 'runner');
    expect(await isAlive(pid)).toBe(true);
    await fixture.server.restart();
    const { status } = await fixture.ended(run);
    expect(status).toMatchObject({ phase: 'Completed', attemptNumber: 1, changedFiles: 2 });
    const events = await fixture.events(run);
    expect(messages(events)).toEqual([...Array.from({ length: 400 }, () => 'tick '), 'end']);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });

  it('leaves a question open, and its answer reaches the agent', async () => {
    await fixture.agent('patient', { prompt: [ask('go on')] });
    const run = await fixture.dispatch('shop', 'patient');
    const question = await fixture.question(run);
    await fixture.server.kill9();
    await fixture.server.restart();
    expect((await fixture.run(run)).status).toMatchObject({ phase: 'Running', reason: 'PermissionRequested', pendingApprovals: [question.metadata.name] });
    await fixture.decide(question.metadata.name, { decision: 'approve', optionId: 'yes' });
    expect((await fixture.ended(run)).status).toMatchObject({ phase: 'Completed', summary: 'go on: yes' });
    expect(await fixture.approvals(run)).toHaveLength(1);
  });

  it('while the turn ends keeps the result until it is back', async () => {
    await fixture.agent('finisher', { prompt: [{ message: 'a' }, { sleepMs: 700 }, { write: { path: 'late.txt', text: 'x\n' } }, { message: ' b' }] });
    const run = await fixture.dispatch('shop', 'finisher');
    await eventually('the first message', async () => messages(await fixture.events(run)).length > 0);
    await fixture.server.kill9();
    const agent = await recordOf(run, 'agent');
    await eventually('the agent to end', async () => !(await isAlive(agent.pid)));
    await fixture.server.restart();
    expect((await fixture.ended(run)).status).toMatchObject({ phase: 'Completed', summary: 'a b', changedFiles: 1, attemptNumber: 1 });
  });
});

describe('kill -9 of the runner', () => {
  it('starts another attempt in the same workspace that loads the session, and repeats nothing', async () => {
    await fixture.agent('loader', {
      loadSession: true,
      outlivesInput: true,
      prompt: [{ message: 'first' }, { write: { path: 'kept.txt', text: 'x\n' } }, { spawnChild: { file: '../child.pid' } }, ask('wait')],
      replay: [{ message: 'first' }],
      resumed: [{ message: 'resumed' }],
    });
    const run = await fixture.dispatch('shop', 'loader');
    const question = await fixture.question(run);
    const [runner, agent] = await Promise.all([recordOf(run, 'runner'), recordOf(run, 'agent')]);
    const child = Number(await readFile(join(await fixture.workspace(run), '../child.pid'), 'utf8'));
    process.kill(runner.pid, 'SIGKILL');
    const { status } = await fixture.ended(run);
    expect(status).toMatchObject({ phase: 'Completed', attemptNumber: 2, summary: 'resumed', changedFiles: 1 });
    expect(await Promise.all([agent.pid, child].map(isAlive))).toEqual([false, false]);
    const events = await fixture.events(run);
    expect(messages(events)).toEqual(['first', 'resumed']);
    expect(events.find(({ type, id }) => type === 'session.created' && id.startsWith('2.'))?.data).toMatchObject({ sessionId: 'session-1', loaded: true });
    expect((await fixture.approvals(run)).find(({ metadata }) => metadata.name === question.metadata.name)?.status).toMatchObject({ phase: 'Pending', obsolete: true });
    const attempts = await fixture.server.api<{ items: { spec: object; status: object }[] }>('GET', `/api/orgs/${ORG}/resources?kind=agentdispatchattempts&fieldSelector=spec.agentDispatchRun%3D${run}`);
    expect(attempts.items).toMatchObject([{ spec: { attemptReason: 'initial' }, status: { phase: 'Lost', exitReason: 'RunnerLost' } }, { spec: { attemptReason: 'runner-lost' }, status: { phase: 'Succeeded' } }]);
  });

  it('again and again fails the run in the end, and keeps the workspace', async () => {
    await fixture.agent('doomed', { prompt: [{ write: { path: 'kept.txt', text: 'x\n' } }, { message: 'here' }, { hang: true }] });
    const run = await fixture.dispatch('shop', 'doomed');
    for (const attempt of [1, 2, 3]) {
      await fixture.until(run, `attempt ${attempt}`, ({ status }) => status?.attemptNumber === attempt && status.runner !== undefined && status.sessionRef === `${run}-${attempt}`);
      process.kill((await recordOf(run, 'runner')).pid, 'SIGKILL');
    }
    const { status } = await fixture.ended(run);
    expect(status).toMatchObject({ phase: 'Failed', reason: 'RunnerLost', retryable: true });
    expect(await readFile(join(await fixture.workspace(run), 'kept.txt'), 'utf8')).toBe('x\n');
    const { items } = await fixture.server.api<{ items: { metadata: { name: string }; status: { git?: object } }[] }>('GET', `/api/orgs/${ORG}/resources?kind=kradleworkspaces`);
    expect(items.find(({ metadata }) => metadata.name === status?.workspaceRef)?.status).toMatchObject({ phase: 'Ready', lastRun: run, git: { phase: 'Dirty' } });
  });
});

describe('kill -9 of the agent', () => {
  it('fails the run with the signal, and ends what it left', async () => {
    await fixture.agent('victim', { prompt: [{ spawnChild: { file: 'child.pid', detached: false } }, { message: 'here' }, { hang: true }] });
    const run = await fixture.dispatch('shop', 'victim');
    await eventually('the message', async () => messages(await fixture.events(run)).length > 0);
    const child = Number(await readFile(join(await fixture.workspace(run), 'child.pid'), 'utf8'));
    process.kill((await recordOf(run, 'agent')).pid, 'SIGKILL');
    expect((await fixture.ended(run)).status).toMatchObject({ phase: 'Failed', reason: 'AgentExited', message: expect.stringContaining('SIGKILL') as string });
    expect(await isAlive(child)).toBe(false);
  });
});
