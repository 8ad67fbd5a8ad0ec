import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually';
import { runProcess } from '../harness/runProcess';
import { ask, createRunFixture, isAlive, OPTIONS, ORG, type RunFixture } from '../harness/runFixture';
import type { ApiFailure } from '../harness/startServer';

let fixture: RunFixture;

beforeAll(async () => {
  fixture = await createRunFixture({ env: { KRADLE_SOMETHING_SECRET: 'do-not-leak', GITHUB_TOKEN: 'do-not-leak', INHERITED: 'wanted', KRADLE_MAX_CONCURRENT_RUNS: '3' } });
  await fixture.repository('shop');
});

afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
});

describe('a run', () => {
  it('goes from dispatch over a question to a pull request', async () => {
    const odd = { sessionUpdate: 'something_of_next_year', _meta: { vendor: [1, { deep: true }] }, extra: 'kept' };
    await fixture.agent('story', {
      usage: { inputTokens: 1000, outputTokens: 100, totalTokens: 1100 },
      prompt: [
        { plan: [{ content: 'Write a file', priority: 'high', status: 'in_progress' }] },
        { thought: 'Which file?' },
        { update: odd },
        ask('write hello.txt'),
        { update: { sessionUpdate: 'tool_call', toolCallId: 'w1', title: 'Write hello.txt', kind: 'edit', status: 'completed' } },
        { write: { path: 'hello.txt', text: 'hello\n' } },
        { write: { path: '.github/workflows/ci.yml', text: 'on: push\n' } },
        { update: { sessionUpdate: 'usage_update', used: 10, size: 100, cost: { amount: 0.25, currency: 'USD' } } },
        { message: 'I wrote ' }, { message: 'hello.txt.' },
      ],
    });
    const run = await fixture.dispatch('shop', 'story', { prompt: '# Write a greeting\n\nInto hello.txt.' });
    const question = await fixture.question(run);
    expect(question.spec).toMatchObject({ options: OPTIONS, summary: 'write hello.txt', toolCall: { toolCallId: 'write hello.txt', rawInput: { command: 'write hello.txt' } }, requestedBy: { kind: 'agent', name: 'story' } });
    expect((await fixture.run(run)).status).toMatchObject({ phase: 'Running', reason: 'PermissionRequested', pendingApprovals: [question.metadata.name] });
    await fixture.decide(question.metadata.name, { decision: 'approve', optionId: 'yes' });

    const { spec, status } = await fixture.ended(run);
    expect(spec).toMatchObject({ title: 'Write a greeting', ref: 'refs/heads/main', branch: 'main', requestedBy: { kind: 'user', name: 'admin' } });
    expect(status).toMatchObject({
      phase: 'Completed', exitCode: 0, stopReason: 'end_turn', summary: 'I wrote hello.txt.', branch: `kradle/runs/${run}`, changedFiles: 2, additions: 2, deletions: 0,
      costUsd: 0.25, usage: { inputTokens: 1000, outputTokens: 100, totalTokens: 1100, contextUsed: 10, contextSize: 100 },
      agent: { name: 'scripted', title: 'Scripted agent', version: '1.2.3', protocolVersion: 1 },
      resolvedTransport: { transport: 'stdio', codec: 'ndjson' }, attemptNumber: 1,
    });
    expect(status).not.toHaveProperty('reason');

    const events = await fixture.events(run);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    expect(events.filter(({ type }) => type === 'run.phase').map(({ data }) => (data as { phase: string }).phase)).toEqual(['Queued', 'Running', 'Completed']);
    expect(events.filter(({ type, data }) => type === 'update' && (data as { extra?: string }).extra === 'kept').map(({ data }) => data)).toEqual([odd]);
    expect(events.find(({ type }) => type === 'permission.resolved')?.data).toMatchObject({ outcome: 'selected', optionId: 'yes', by: 'admin' });

    const [patch, diagnosis] = ['patch', 'diagnosis'].map((kind) => status?.artifacts?.find((each) => each.kind === kind));
    const content = await fixture.server.fetch(`/api/orgs/${ORG}/agents/artifacts/${patch?.name ?? ''}/content`);
    const bytes = Buffer.from(await content.arrayBuffer());
    expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(patch?.digest);
    expect(bytes.toString()).toContain('+hello');
    expect(await (await fixture.server.fetch(`/api/orgs/${ORG}/agents/artifacts/${diagnosis?.name ?? ''}/content`)).text()).toBe('I wrote hello.txt.\n');

    const writeBack = (await fixture.until(run, 'write-back', ({ status: { writeBack } = {} }) => writeBack?.phase === 'AwaitingApproval')).status?.writeBack?.approvalRef ?? '';
    const approval = (await fixture.approvals(run)).find(({ spec: { action } }) => action === 'write-back');
    expect(approval).toMatchObject({
      metadata: { name: writeBack },
      spec: { artifactDigest: patch?.digest, target: { type: 'pull-request', repository: 'shop', branch: `kradle/runs/${run}`, baseBranch: 'main', headSha: status?.headSha }, riskWarnings: ['.github/workflows/ci.yml: changes what CI runs'] },
    });
    expect((await runProcess('git', ['ls-remote', fixture.server.gitUrl('shop'), `refs/heads/kradle/runs/${run}`])).stdout).toBe('');
    await fixture.decide(writeBack, { decision: 'approve' });
    const applied = await fixture.until(run, 'applied', ({ status: { writeBack: state } = {} }) => state?.phase === 'Applied');
    expect(applied.status?.writeBack?.idempotencyKey).toBe(`${approval?.metadata.uid ?? ''}:pull-request:Repository:shop:${patch?.digest ?? ''}`);
    const pull = await fixture.server.api<{ spec: Record<string, unknown>; status: { headSha: string } }>('GET', `/api/orgs/${ORG}/pullrequests/${applied.status?.writeBack?.pullRequestRef ?? ''}`);
    expect(pull.spec).toMatchObject({ title: 'Write a greeting', sourceBranch: `kradle/runs/${run}`, targetBranch: 'main', author: { kind: 'agent', name: run }, dispatchRun: run });
    expect(String(pull.spec.body)).toContain('Write-back approved by: admin');
    expect((await runProcess('git', ['ls-remote', fixture.server.gitUrl('shop'), `refs/heads/kradle/runs/${run}`])).stdout).toContain(status?.headSha ?? 'no head');
    const { items } = await fixture.server.api<{ items: { spec: { messages: { role: string; content: string }[] }; status: Record<string, unknown> }[] }>('GET', `/api/orgs/${ORG}/resources?kind=agentsessiontranscripts&fieldSelector=spec.dispatchRun%3D${run}`);
    expect(items[0]?.spec.messages.filter(({ role }) => role === 'assistant').map(({ content: text }) => text)).toEqual(['write hello.txt: yes', 'I wrote hello.txt.']);
    expect(items[0]?.status).toMatchObject({ phase: 'Sealed', eventCount: events.length, truncated: false });
  });

  it('gives the agent its instructions, its own environment and nothing of Kradle', async () => {
    const script = { prompt: [{ promptText: { path: 'prompt.txt' } }, { env: { path: 'env.json' } }, { message: 'ok' }] };
    await fixture.agent('nosy', script, { prompt: { system: 'Be terse.', developer: 'Keep tests green.' } });
    await fixture.server.api('POST', `/api/orgs/${ORG}/resources`, { resource: { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AgentAdapter', metadata: { name: 'nosy' }, spec: { organizationRef: ORG, adapterType: 'acp', inheritEnv: ['INHERITED', 'KRADLE_RUNNER_TOKEN'] } } });
    const run = await fixture.dispatch('shop', 'nosy', { prompt: 'Look around.' });
    await fixture.ended(run);
    const path = await fixture.workspace(run);
    const env = JSON.parse(await readFile(join(path, 'env.json'), 'utf8')) as Record<string, string>;
    expect(env).toMatchObject({ FROM_ADAPTER: 'yes', INHERITED: 'wanted' });
    expect(JSON.stringify(env)).not.toContain('do-not-leak');
    expect(Object.keys(env).filter((name) => name.startsWith('KRADLE'))).toEqual([]);
    expect(JSON.stringify(env)).not.toContain(fixture.server.token);
    const prompt = await readFile(join(path, 'prompt.txt'), 'utf8');
    expect(prompt).toMatch(/# Instructions\n\nBe terse\.\n\n# Developer instructions\n\nKeep tests green\.[^]*# Task\n\nLook around\.$/);
  });

  it('shows what changed while it works, new files included', async () => {
    await fixture.agent('slow', { prompt: [{ write: { path: 'half.txt', text: 'half\n' } }, ask('go on')] });
    const run = await fixture.dispatch('shop', 'slow');
    await fixture.question(run);
    const diff = await fixture.server.api<{ files: { path: string; status: string }[] }>('GET', `/api/orgs/${ORG}/agents/runs/${run}/diff`);
    expect(diff.files).toMatchObject([{ path: 'half.txt', status: 'added' }]);
    await fixture.server.api('POST', `/api/orgs/${ORG}/agents/runs/${run}/cancel`, { reason: 'seen enough' });
    const { status } = await fixture.ended(run);
    expect(status).toMatchObject({ phase: 'Cancelled', reason: 'CancelledByUser', message: 'Cancelled by admin: seen enough.', changedFiles: 1 });
    expect(status).not.toHaveProperty('writeBack');
    expect((await fixture.approvals(run))[0]?.status).toMatchObject({ phase: 'Pending', obsolete: true });
  });

  it('is retried as a new run with the next attempt number, from the same commit', async () => {
    await fixture.agent('fails', { prompt: [{ exit: 3 }] });
    const run = await fixture.dispatch('shop', 'fails');
    const before = await fixture.ended(run);
    expect(before.status).toMatchObject({ phase: 'Failed', reason: 'AgentExited', retryable: true, exitCode: 3 });
    const retried = await fixture.server.api<{ run: string }>('POST', `/api/orgs/${ORG}/agents/runs/${run}/retry`, {});
    const after = await fixture.ended(retried.run);
    expect(after.spec).toMatchObject({ retryOf: run, attemptNumber: 2, sha: before.spec.sha, prompt: before.spec.prompt });
    expect((await fixture.run(run)).status?.retriedBy).toBe(retried.run);
  });

  it('can be created by applying a document, and waits for a person where that is asked', async () => {
    await fixture.agent('gated', { prompt: [{ message: 'done' }] }, { requiresApproval: true });
    await fixture.server.api('POST', `/api/orgs/${ORG}/resources`, { resource: { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AgentDispatchRun', metadata: { name: 'by-hand' }, spec: { repository: 'shop', agentStack: 'gated', prompt: 'Say done.' } } });
    const waiting = await fixture.until('by-hand', 'gate', ({ status }) => status?.phase === 'AwaitingApproval');
    expect(waiting.status).toMatchObject({ reason: 'DispatchApproval', approvalRef: 'by-hand-dispatch' });
    await fixture.decide('by-hand-dispatch', { decision: 'approve' });
    expect((await fixture.ended('by-hand')).status).toMatchObject({ phase: 'Completed', writeBack: { phase: 'NothingToWrite' } });
    const denied = await fixture.dispatch('shop', 'gated');
    await fixture.until(denied, 'gate', ({ status }) => status?.phase === 'AwaitingApproval');
    await fixture.decide(`${denied}-dispatch`, { decision: 'deny', reason: 'not today' });
    expect((await fixture.ended(denied)).status).toMatchObject({ phase: 'Failed', reason: 'ApprovalDenied', message: 'admin did not approve this run: not today.' });
  });

  it('is refused with every reason when it could not start', async () => {
    const refusal = (await fixture.dispatch('shop', 'nobody', { prompt: ' ' }).catch((error: unknown) => error)) as ApiFailure;
    expect(refusal.status).toBe(422);
    const missing = (await fixture.dispatch('shop', 'story', { branch: 'no-such-branch' }).catch((error: unknown) => error)) as ApiFailure;
    expect(missing.body.error).toMatchObject({ reasons: [{ field: 'spec.ref', message: '"refs/heads/no-such-branch" is not in the repository "shop"' }] });
    await fixture.adapter('lost', { adapterType: 'acp', command: ['no-such-program-anywhere'] });
    await fixture.server.api('POST', `/api/orgs/${ORG}/agents/lost/check`, {});
    const blocked = (await fixture.dispatch('shop', 'lost').catch((error: unknown) => error)) as ApiFailure;
    expect(blocked.body.error.message).toContain('no-such-program-anywhere');
  });

  it('waits in Queued for a free place, with a reason', async () => {
    await fixture.agent('holder', { prompt: [ask('hold')] });
    const holders = await Promise.all([1, 2, 3].map(() => fixture.dispatch('shop', 'holder')));
    await Promise.all(holders.map((run) => fixture.question(run)));
    const fourth = await fixture.dispatch('shop', 'holder');
    expect((await fixture.until(fourth, 'wait', ({ status }) => status?.reason === 'ConcurrencyLimit')).status?.phase).toBe('Queued');
    const first = await fixture.question(holders[0] ?? '');
    await fixture.decide(first.metadata.name, { decision: 'deny' });
    await fixture.question(fourth);
    await Promise.all([...holders.slice(1), fourth].map((run) => fixture.server.api('POST', `/api/orgs/${ORG}/agents/runs/${run}/cancel`, {})));
    await Promise.all([...holders, fourth].map((run) => fixture.ended(run)));
  });
});

describe('a write-back', () => {
  it('that is denied leaves nothing in the forge', async () => {
    await fixture.agent('writer', { prompt: [{ write: { path: 'denied.txt', text: 'x\n' } }, { message: 'wrote' }] });
    const run = await fixture.dispatch('shop', 'writer');
    await fixture.until(run, 'question', ({ status }) => status?.writeBack?.phase === 'AwaitingApproval');
    await fixture.decide(`${run}-write-back`, { decision: 'deny', reason: 'no' });
    expect((await fixture.until(run, 'denied', ({ status }) => status?.writeBack?.phase === 'Denied')).status?.writeBack?.message).toContain('admin did not approve the change: no');
    expect((await runProcess('git', ['ls-remote', fixture.server.gitUrl('shop'), `refs/heads/kradle/runs/${run}`])).stdout).toBe('');
  });

  it('happens by itself when the policy says so', async () => {
    await fixture.agent('free', { prompt: [{ write: { path: 'free.txt', text: 'x\n' } }, { message: 'wrote' }] }, { writeBackPolicy: { requireApproval: false } });
    const run = await fixture.dispatch('shop', 'free');
    const { status } = await fixture.until(run, 'applied', ({ status: { writeBack } = {} }) => writeBack?.phase === 'Applied');
    expect((await fixture.approvals(run))[0]?.status).toMatchObject({ phase: 'Approved', decidedBy: { kind: 'system', name: 'policy' }, applied: true, idempotencyKey: status?.writeBack?.idempotencyKey });
  });

  it('fails with the reason when the patch was tampered with, keeps the work, and can be tried again', async () => {
    await fixture.agent('careful', { prompt: [{ write: { path: 'careful.txt', text: 'x\n' } }, { message: 'wrote' }] });
    const run = await fixture.dispatch('shop', 'careful');
    const { status } = await fixture.until(run, 'question', ({ status: { writeBack } = {} }) => writeBack?.phase === 'AwaitingApproval');
    const hex = status?.artifacts?.find(({ kind }) => kind === 'patch')?.digest?.slice('sha256:'.length) ?? '';
    const blob = join(fixture.server.dataDir, 'blobs', 'sha256', hex.slice(0, 2), hex);
    const original = await readFile(blob);
    await runProcess('chmod', ['u+w', blob]);
    await writeFile(blob, 'something else');
    await fixture.decide(`${run}-write-back`, { decision: 'approve' });
    const failed = await fixture.until(run, 'failure', ({ status: { writeBack } = {} }) => writeBack?.phase === 'Failed');
    expect(failed.status?.writeBack?.message).toContain('digest does not match');
    expect((await runProcess('git', ['ls-remote', fixture.server.gitUrl('shop'), `refs/heads/kradle/runs/${run}`])).stdout).toBe('');
    await writeFile(blob, original);
    await fixture.server.api('POST', `/api/orgs/${ORG}/agents/runs/${run}/write-back`, {});
    await fixture.until(run, 'applied', ({ status: { writeBack } = {} }) => writeBack?.phase === 'Applied');
  });
});

describe('a cancelled run', () => {
  it('leaves no process behind, not even one that ignores everything or left the group', async () => {
    await fixture.agent('stubborn', {
      ignoreCancel: true, outlivesInput: true,
      prompt: [{ spawnChild: { file: 'child.pid' } }, { spawnChild: { file: 'detached.pid', detached: true } }, { message: 'started' }, { hang: true }],
    });
    const run = await fixture.dispatch('shop', 'stubborn');
    const path = await fixture.until(run, 'children', ({ status }) => status?.phase === 'Running' && status.workspaceRef !== undefined).then(() => fixture.workspace(run));
    await eventually('the first message', async () => (await fixture.events(run)).some(({ type }) => type === 'update'));
    const pids = await Promise.all(['child.pid', 'detached.pid'].map(async (file) => Number(await readFile(join(path, file), 'utf8'))));
    const agentPid = ((await fixture.events(run)).find(({ type }) => type === 'agent.started')?.data as { pid: number }).pid;
    expect(await Promise.all([...pids, agentPid].map(isAlive))).toEqual([true, true, true]);
    await fixture.server.api('POST', `/api/orgs/${ORG}/agents/runs/${run}/cancel`, {});
    expect((await fixture.ended(run)).status?.phase).toBe('Cancelled');
    expect(await Promise.all([...pids, agentPid].map(isAlive))).toEqual([false, false, false]);
  });
});
