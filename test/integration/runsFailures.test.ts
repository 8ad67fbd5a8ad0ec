import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTokens } from '../../src-server/api/tokens';
import { keyRingOf } from '../../src-server/app/keyRing';
import { createRunFixture, ORG, type AgentScript, type RunFixture } from '../harness/runFixture';

let fixture: RunFixture;

beforeAll(async () => {
  fixture = await createRunFixture({ env: { KRADLE_MAX_CONCURRENT_RUNS: '8' } });
  await fixture.repository('shop');
});

afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
});

async function outcome(name: string, script: AgentScript, adapter: Record<string, unknown> = {}) {
  await fixture.agent(name, script);
  if (Object.keys(adapter).length > 0) {
    await fixture.server.api('POST', `/api/orgs/${ORG}/resources`, { resource: { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AgentAdapter', metadata: { name }, spec: { organizationRef: ORG, adapterType: 'acp', ...adapter } } });
  }
  return (await fixture.ended(await fixture.dispatch('shop', name))).status;
}

describe.concurrent('an agent that', () => {
  it.each<{ what: string; script: AgentScript; expected: Record<string, unknown>; message: RegExp }>([
    { what: 'prints garbage', script: { initialize: 'garbage' }, expected: { reason: 'AgentProtocolError' }, message: /does not speak the Agent Client Protocol.*\nWelcome to the agent, line 0/ },
    { what: 'exits at once', script: { initialize: 'exit', exitCode: 9, stderr: 'no config found\n' }, expected: { reason: 'AgentExited', exitCode: 9, retryable: true }, message: /ended with code 9.*\nno config found/s },
    { what: 'floods standard output', script: { initialize: 'flood' }, expected: { reason: 'AgentOutputFlood' }, message: /single message of more than 64 MiB/ },
    { what: 'asks to be signed in', script: { authRequired: true, authMethods: [{ id: 'login', name: 'Sign in with Example', type: 'terminal', args: ['--login'] }] }, expected: { reason: 'AgentAuthRequired', retryable: true }, message: /Sign in with Example.*--login`/ },
    { what: 'ends its turn empty', script: { prompt: [] }, expected: { reason: 'AgentEmptyTurn', retryable: true }, message: /without a message, a tool call or a change/ },
    { what: 'refuses', script: { prompt: [{ message: 'No.' }], stopReason: 'refusal' }, expected: { reason: 'AgentRefused', stopReason: 'refusal', summary: 'No.' }, message: /refused the task/ },
    { what: 'runs out of tokens', script: { prompt: [{ message: 'Half' }], stopReason: 'max_tokens' }, expected: { reason: 'MaxTokens', retryable: true }, message: /token limit/ },
    { what: 'runs out of requests', script: { prompt: [{ message: 'Half' }], stopReason: 'max_turn_requests' }, expected: { reason: 'MaxTurnRequests' }, message: /limit of requests/ },
    { what: 'is killed', script: { prompt: [{ message: 'a' }, { stderr: 'out of memory soon\n' }, { sleepMs: 50 }, { kill: 'SIGKILL' }] }, expected: { reason: 'AgentExited', retryable: true }, message: /was killed by SIGKILL.*\nout of memory soon/s },
    { what: 'answers with an error', script: { prompt: [{ error: { code: -32603, message: 'model overloaded' } }] }, expected: { reason: 'AgentProtocolError', retryable: true }, message: /model overloaded/ },
  ])('$what fails the run with a reason that says what to do', async ({ what, script, expected, message }) => {
    const status = await outcome(what.replaceAll(' ', '-'), script);
    expect(status).toMatchObject({ phase: 'Failed', ...expected });
    expect(status?.message).toMatch(message);
    expect(status?.lastError).toBe(status?.message);
    expect(status?.writeBack).toBeUndefined();
  });

  it('hangs at initialize fails when its time is over', async () => {
    expect(await outcome('hangs', { initialize: 'hang', stderr: 'waiting for the browser\n' }, { initializeTimeoutSeconds: 1 })).toMatchObject({ phase: 'Failed', reason: 'AgentInitializeTimeout', message: expect.stringMatching(/within 1 s.*initializeTimeoutSeconds.*waiting for the browser/s) as string });
  });

  it('is not there fails with what was looked for', async () => {
    await fixture.adapter('missing', { adapterType: 'acp', command: ['/opt/nowhere/agent', 'acp'] });
    const status = await fixture.dispatch('shop', 'missing').then((run) => fixture.ended(run)).then(({ status: found }) => found?.message, (error: Error) => error.message);
    expect(status).toMatch(/\/opt\/nowhere\/agent/);
  });

  it('prints a few lines beside the protocol is forgiven', async () => {
    expect(await outcome('chatty', { banner: 'Update available: 1.2 -> 1.3\n\n', prompt: [{ garbage: 'debug: thinking' }, { message: 'done' }] })).toMatchObject({ phase: 'Completed', summary: 'done' });
  });

  it('sets the model where the agent offers one, and says so where it does not', async () => {
    const configOptions = [{ id: 'm', name: 'Model', category: 'model', type: 'select', currentValue: 'small', options: [{ value: 'small', name: 'Small' }, { value: 'large', name: 'Large' }] }];
    await fixture.agent('choosy', { configOptions, prompt: [{ message: 'done' }] }, { model: 'Large' });
    const run = await fixture.dispatch('shop', 'choosy');
    await fixture.ended(run);
    expect((await fixture.events(run)).filter(({ type }) => type === 'stderr').map(({ data }) => (data as { text: string }).text).join('')).toContain('config m=large');
    await fixture.agent('choosy-too', { configOptions, prompt: [{ message: 'done' }] }, { model: 'huge' });
    const other = await fixture.dispatch('shop', 'choosy-too');
    await fixture.ended(other);
    expect(JSON.stringify((await fixture.events(other)).filter(({ type }) => type === 'runner.notice'))).toContain('does not offer the model \\"huge\\" and uses its own setting. It offers: small, large');
  });
});

describe.concurrent('a run over its limits', () => {
  it('is stopped at its deadline, keeping the work', async () => {
    await fixture.agent('endless', { prompt: [{ write: { path: 'partial.txt', text: 'x\n' } }, { message: 'working' }, { hang: true }] });
    const { status } = await fixture.ended(await fixture.dispatch('shop', 'endless', { deadline: '8s' }));
    expect(status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded', deadlineExceeded: true, changedFiles: 1, message: expect.stringContaining('deadline of 8s') as string });
  });

  it('is stopped when it costs more than its agent may', async () => {
    await fixture.agent('dear', { prompt: [{ update: { sessionUpdate: 'usage_update', used: 1, size: 2, cost: { amount: 5, currency: 'USD' } } }, { message: 'spent' }, { hang: true }] }, { limits: { maxCostUsd: 1 } });
    expect((await fixture.ended(await fixture.dispatch('shop', 'dear'))).status).toMatchObject({ phase: 'Failed', reason: 'BudgetExceeded', costUsd: 5, message: expect.stringContaining('$5.00') as string });
  });

  it('says that it is stalled while nothing happens, and no longer when something does', async () => {
    await fixture.agent('sleepy', { prompt: [{ message: 'a' }, { sleepMs: 9_000 }, { message: 'b' }, { sleepMs: 6_000 }, { message: 'c' }] }, { limits: { stallAfter: '4s' } });
    const run = await fixture.dispatch('shop', 'sleepy');
    expect((await fixture.until(run, 'stall', ({ status }) => status?.reason === 'Stalled')).status).toMatchObject({ phase: 'Running', message: expect.stringContaining('said and done nothing') as string });
    await fixture.until(run, 'waking', ({ status }) => status?.phase === 'Running' && status.reason === undefined);
    expect((await fixture.ended(run)).status).toMatchObject({ phase: 'Completed' });
  });
});

describe.concurrent('a plain command', () => {
  const node = (code: string, ...args: string[]) => ({ adapterType: 'command', command: [process.execPath, '-e', code, ...args] });

  it('gets the task on standard input, and its exit code 0 is success', async () => {
    await fixture.adapter('cat', node('process.stdin.pipe(require("fs").createWriteStream("task.txt")); console.log("took it")'));
    const run = await fixture.dispatch('shop', 'cat', { prompt: 'Word for word.' });
    const { status } = await fixture.ended(run);
    expect(status).toMatchObject({ phase: 'Completed', exitCode: 0, changedFiles: 1, summary: 'took it' });
    const diff = await fixture.server.api<{ files: { hunks: { lines: { text: string }[] }[] }[] }>('GET', `/api/orgs/${ORG}/agents/runs/${run}/diff`);
    expect(diff.files[0]?.hunks[0]?.lines[0]?.text).toBe('Word for word.');
    expect((await fixture.events(run)).filter(({ type }) => type === 'stdout').map(({ data }) => (data as { text: string }).text).join('')).toBe('took it\n');
  });

  it('gets the task in its arguments where they ask for it', async () => {
    await fixture.adapter('args', node('console.log(process.argv[1], require("fs").readFileSync(process.argv[2], "utf8"))', '{prompt}!', '{promptFile}'));
    expect((await fixture.ended(await fixture.dispatch('shop', 'args', { prompt: 'Both $(ways)' }))).status).toMatchObject({ phase: 'Completed', summary: 'Both $(ways)! Both $(ways)' });
  });

  it('fails with its exit code and last words, or when it did nothing at all', async () => {
    await fixture.adapter('broken', node('console.error("cannot connect"); process.exit(4)'));
    expect((await fixture.ended(await fixture.dispatch('shop', 'broken'))).status).toMatchObject({ phase: 'Failed', reason: 'CommandFailed', exitCode: 4, message: expect.stringContaining('cannot connect') as string });
    await fixture.adapter('silent', node('0'));
    expect((await fixture.ended(await fixture.dispatch('shop', 'silent'))).status).toMatchObject({ phase: 'Failed', reason: 'AgentEmptyTurn' });
  });
});

describe('the callback', () => {
  const post = (run: string, token: string, body: unknown) =>
    fixture.server.fetch(`/api/orgs/${ORG}/agents/runs/${run}/callback`, { method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

  it('of an ended run is a conflict and changes nothing; only its own token may call it', async () => {
    await fixture.agent('quick', { prompt: [{ message: 'done' }] });
    const run = await fixture.dispatch('shop', 'quick');
    const before = await fixture.ended(run);
    const late = await post(run, fixture.token(run), { phase: 'Failed', errorMessage: 'late' });
    expect(late.status).toBe(409);
    expect((await fixture.run(run)).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    expect((await post(run, fixture.token('run-of-somebody-else'), { phase: 'Succeeded' })).status).toBe(403);
    expect((await post(run, fixture.server.token, { phase: 'Succeeded' })).status).toBe(403);
    expect((await post('run-that-never-was', fixture.token('run-that-never-was'), { phase: 'Succeeded' })).status).toBe(404);
    const forged = createTokens({ keys: keyRingOf([Buffer.alloc(32)]), adminToken: 'x', now: () => 0 }).signRunToken({ org: ORG, run, attempt: '1' });
    expect((await post(run, forged, { phase: 'Succeeded' })).status).toBe(401);
  });

  it('with a body that is not valid is refused with the field', async () => {
    await fixture.agent('waits', { prompt: [{ message: 'a' }, { hang: true }] });
    const run = await fixture.dispatch('shop', 'waits');
    await fixture.until(run, 'session', ({ status }) => status?.sessionRef !== undefined);
    const refused = await post(run, fixture.token(run), { phase: 'Done' });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { reasons: [{ field: 'phase' }] } });
    const unknownBlob = await post(run, fixture.token(run), { phase: 'Succeeded', artifacts: [{ kind: 'patch', digest: `sha256:${'0'.repeat(64)}` }] });
    expect(unknownBlob.status).toBe(400);
    expect((await fixture.run(run)).status?.phase).toBe('Running');
    expect((await post(run, fixture.token(run), { phase: 'Succeeded', exitCode: 0, costUsd: 1.5 })).status).toBe(200);
    expect((await fixture.ended(run)).status).toMatchObject({ phase: 'Completed', costUsd: 1.5 });
  });
});
