import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, createRunFixture, ORG, type RunFixture } from '../harness/runFixture';
import type { ApiFailure } from '../harness/startServer';

let fixture: RunFixture;

beforeAll(async () => {
  fixture = await createRunFixture({ env: { KRADLE_MAX_CONCURRENT_RUNS: '8' } });
  await fixture.repository('shop');
});

afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
});

const failure = (promise: Promise<unknown>) => promise.then(() => { throw new Error('it was accepted'); }, (error: unknown) => error as ApiFailure);
const both = { optionId: 'yes', name: 'Yes', kind: 'allow_once' };

describe.concurrent('a question of an agent', () => {
  it('is answered once: the second answer is a conflict that names who was first', async () => {
    await fixture.agent('asks', { prompt: [ask('rm -rf build')] });
    const run = await fixture.dispatch('shop', 'asks');
    const { metadata: { name } } = await fixture.question(run);
    const answers = await Promise.allSettled(['yes', 'no', 'always'].map((optionId) => fixture.decide(name, { decision: optionId === 'no' ? 'deny' : 'approve', optionId })));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers) if (answer.status === 'rejected') expect((answer.reason as ApiFailure).body.error).toMatchObject({ code: 'ALREADY_DECIDED', message: expect.stringContaining('admin has already') as string });
    const { status } = await fixture.ended(run);
    const [approval] = await fixture.approvals(run);
    expect(status?.summary).toBe(`rm -rf build: ${String(approval?.status?.optionId)}`);
    expect(approval?.status).toMatchObject({ delivered: true, decidedBy: { kind: 'user', name: 'admin' } });
  });

  it('is denied by the agent\'s own reject option', async () => {
    await fixture.agent('denied', { prompt: [ask('push')] });
    const run = await fixture.dispatch('shop', 'denied');
    const { metadata: { name } } = await fixture.question(run);
    await fixture.decide(name, { decision: 'denied', comment: 'never on friday' });
    expect((await fixture.ended(run)).status).toMatchObject({ phase: 'Completed', summary: 'push: no' });
    expect((await fixture.approvals(run))[0]?.status).toMatchObject({ phase: 'Denied', optionId: 'no', comment: 'never on friday' });
  });

  it('never has its yes guessed', async () => {
    await fixture.agent('two-ways', { prompt: [ask('choose', [both, { optionId: 'always', name: 'Here too', kind: 'allow_once' }, { optionId: 'no', name: 'No', kind: 'reject_once' }])] });
    const run = await fixture.dispatch('shop', 'two-ways');
    const { metadata: { name } } = await fixture.question(run);
    const unsaid = await failure(fixture.decide(name, { decision: 'approve' }));
    expect(unsaid).toMatchObject({ status: 422, body: { error: { reasons: [{ field: 'optionId', message: expect.stringContaining('must be chosen') as string }] } } });
    expect((await failure(fixture.decide(name, { decision: 'approve', optionId: 'no' }))).status).toBe(422);
    expect((await failure(fixture.decide(name, { decision: 'deny', optionId: 'yes' }))).status).toBe(422);
    expect((await failure(fixture.decide(name, { decision: 'approve', optionId: 'made-up' }))).status).toBe(422);
    expect((await fixture.approvals(run))[0]?.status).toMatchObject({ phase: 'Pending' });
    await fixture.decide(name, { decision: 'approve', optionId: 'always' });
    expect((await fixture.ended(run)).status?.summary).toBe('choose: always');
  });

  it('that cannot be denied cancels the turn, with the explanation', async () => {
    await fixture.agent('no-way-out', { prompt: [ask('only yes', [both]), { message: 'and on' }, { hang: true }] });
    const run = await fixture.dispatch('shop', 'no-way-out');
    const { metadata: { name } } = await fixture.question(run);
    await fixture.decide(name, { decision: 'deny', reason: 'no' });
    expect((await fixture.ended(run)).status).toMatchObject({ phase: 'Failed', reason: 'ApprovalDenied', message: expect.stringContaining('offers no option to say so') as string });
  });

  it('is answered by policy where the agent\'s mode says so, with an option that it offers', async () => {
    await fixture.agent('yolo', { prompt: [ask('one'), ask('two', [{ optionId: 'always', name: 'Always', kind: 'allow_always' }])] }, { approvalMode: 'yolo' });
    const yolo = await fixture.dispatch('shop', 'yolo');
    expect((await fixture.ended(yolo)).status?.summary).toBe('one: yestwo: always');
    expect((await fixture.approvals(yolo)).map(({ status }) => status)).toMatchObject([{ phase: 'Approved', decidedBy: { kind: 'system' } }, { phase: 'Approved' }]);
    expect((await fixture.events(yolo)).filter(({ type }) => type === 'permission.resolved').map(({ data }) => data)).toMatchObject([{ optionId: 'yes', by: 'policy', automatic: true }, { optionId: 'always' }]);
    await fixture.agent('denies', { prompt: [ask('one')] }, { approvalMode: 'deny' });
    expect((await fixture.ended(await fixture.dispatch('shop', 'denies'))).status?.summary).toBe('one: no');
  });

  it('goes to a person in spite of yolo when no allow option is offered', async () => {
    await fixture.agent('yolo-odd', { prompt: [ask('odd', [{ optionId: 'yes', name: 'Proceed', kind: 'proceed_somehow' }, { optionId: 'no', name: 'No', kind: 'reject_once' }])] }, { approvalMode: 'yolo' });
    const run = await fixture.dispatch('shop', 'yolo-odd');
    const { metadata: { name } } = await fixture.question(run);
    await fixture.decide(name, { decision: 'deny', optionId: 'no' });
    expect((await fixture.ended(run)).status?.summary).toBe('odd: no');
  });

  it('is obsolete when its run has ended', async () => {
    await fixture.agent('leaves', { prompt: [ask('too late')] });
    const run = await fixture.dispatch('shop', 'leaves');
    const { metadata: { name } } = await fixture.question(run);
    await fixture.server.api('POST', `/api/orgs/${ORG}/agents/runs/${run}/cancel`, {});
    await fixture.ended(run);
    expect((await failure(fixture.decide(name, { decision: 'approve' }))).body.error.code).toBe('APPROVAL_OBSOLETE');
    const pending = await fixture.server.api<{ items: unknown[] }>('GET', `/api/orgs/${ORG}/agents/approvals?phase=Pending&run=${run}`);
    expect(pending.items).toEqual([]);
  });
});
