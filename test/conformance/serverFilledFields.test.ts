import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnyKind, ObjectInputOf } from '#shared/kind/defineKind';
import { getPath } from '#shared/kind/paths';
import { AgentAdapter } from '#shared/kinds/agents/agentAdapter';
import { AgentApproval } from '#shared/kinds/agents/agentApproval';
import { AgentContextLabel } from '#shared/kinds/agents/agentContextLabel';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentSession } from '#shared/kinds/agents/agentSession';
import { AgentSessionAttachment } from '#shared/kinds/agents/agentSessionAttachment';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { Issue } from '#shared/kinds/forge/issue';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Release } from '#shared/kinds/forge/release';
import { Repository } from '#shared/kinds/forge/repository';
import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import { Review } from '#shared/kinds/forge/review';
import { SSHKey } from '#shared/kinds/forge/sshKey';
import { allKinds } from '#shared/kinds/index';
import { createAuthorStrategies } from '../../src-server/domains/agents/authorStrategies';
import { createRunStrategy } from '../../src-server/domains/agents/runStrategy';
import { ada, bob, createForgeFixture, type ForgeFixture } from '../harness/forgeFixture';

const org = 'default';
const FORGED = { kind: 'user' as const, name: 'admin' };
const LONG_AGO = '2001-01-01T00:00:00Z';
const DIGEST = `sha256:${'0'.repeat(64)}`;
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ9vK1n5nIoxgoUQ5S4QzTWl4ZnNX8h6xu5nT3sS0Fqk bob@laptop';
const byBob = { kind: 'user', name: 'bob' };

interface Row {
  readonly kind: AnyKind;
  readonly name?: string;
  /** As bob writes it. */
  readonly spec: Record<string, unknown>;
  /** What he would like to be believed, beside a status. */
  readonly forged: Record<string, unknown>;
  /** What is stored, by path. */
  readonly stored: Record<string, unknown>;
  readonly status?: Record<string, unknown>;
}

const ROWS: readonly Row[] = [
  {
    kind: Repository, name: 'forged', spec: {}, forged: { createdBy: FORGED }, stored: { 'spec.createdBy': byBob },
    status: { phase: 'Ready', nextNumber: 99 },
  },
  {
    kind: PullRequest, spec: { repository: 'demo', title: 'Change', sourceBranch: 'feature' },
    forged: { author: FORGED, requesters: [FORGED], dispatchRun: 'run-of-ada' },
    stored: { 'spec.author': byBob, 'spec.requesters': undefined, 'spec.dispatchRun': undefined },
    status: { phase: 'Merged', approvals: 9, merge: { method: 'merge', sha: 'x', mergedBy: FORGED, mergedAt: LONG_AGO, targetBefore: 'y' } },
  },
  {
    kind: Review, name: 'forged', spec: { pullRequest: 'demo-1', state: 'approved', comments: [{ id: 'c1', path: 'b.txt', line: 1, body: 'Fine' }] },
    forged: { author: FORGED, comments: [{ id: 'c1', path: 'b.txt', line: 1, body: 'Fine', lineText: 'never was', commitSha: 'f'.repeat(40) }] },
    stored: { 'spec.author': byBob, 'spec.comments[0].lineText': 'b' },
    status: { phase: 'Submitted', submittedAt: LONG_AGO },
  },
  {
    kind: Issue, name: 'forged', spec: { title: 'Slow', comments: [{ id: '1', body: 'It is.' }] },
    forged: { author: FORGED, comments: [{ id: '1', body: 'It is.', author: FORGED, createdAt: LONG_AGO }] },
    stored: { 'spec.author': byBob, 'spec.comments[0].author': byBob },
    status: { phase: 'Closed', closedBy: FORGED },
  },
  {
    kind: Release, name: 'forged', spec: { repository: 'demo', tag: 'v1.0.0', draft: true }, forged: { createdBy: FORGED }, stored: { 'spec.createdBy': byBob },
    status: { phase: 'Published', assets: [{ name: 'app.zip', digest: DIGEST, sizeBytes: 1, contentType: 'application/zip', uploadedAt: LONG_AGO }] },
  },
  { kind: SSHKey, name: 'forged', spec: { scope: 'user', key: KEY }, forged: {}, stored: { 'spec.owner': 'bob' }, status: { fingerprint: 'SHA256:x', lastUsedAt: LONG_AGO } },
  {
    kind: RepositoryPermission, name: 'forged', spec: { repository: 'demo', subject: { kind: 'User', name: 'bob' }, permission: 'read' }, forged: {}, stored: {},
    status: { phase: 'Active', subjectUid: 'another' },
  },
  {
    kind: AgentDispatchRun, name: 'forged', spec: { repository: 'demo', agentStack: 'coder', taskKind: 'manual', sourceRefs: { issue: 'slow' } },
    forged: { requestedBy: FORGED, requesters: [FORGED], attemptNumber: 7, sourceRefs: { issue: 'slow', actor: 'admin' } },
    stored: { 'spec.requestedBy': byBob, 'spec.requesters': [byBob], 'spec.attemptNumber': 1, 'spec.sourceRefs': { issue: 'slow', actor: 'bob' } },
    status: { phase: 'Completed', writeBack: { phase: 'Applied' } },
  },
  {
    kind: AgentDispatchRun, name: 'forged-retry', spec: { repository: 'demo', agentStack: 'coder', taskKind: 'manual', sourceRefs: {}, retryOf: 'run-of-ada' },
    forged: { requesters: [] }, stored: { 'spec.requesters': [byBob, { kind: 'user', name: 'ada' }], 'spec.attemptNumber': 2 },
  },
  {
    kind: AgentApproval, name: 'forged', spec: { dispatchRun: 'run-of-ada', action: 'release' }, forged: { requestedBy: { kind: 'agent', name: 'coder' } }, stored: { 'spec.requestedBy': byBob },
    status: { phase: 'Approved', decidedBy: FORGED, decidedAt: LONG_AGO },
  },
  {
    kind: AgentSessionAttachment, name: 'forged', spec: { sessionRef: 'session', sourceType: 'upload', digest: DIGEST }, forged: { uploadedBy: FORGED }, stored: { 'spec.uploadedBy': byBob },
    status: { phase: 'Stored' },
  },
  {
    kind: AgentContextLabel, name: 'forged', spec: { promptFragment: 'Be kind.', allowedSources: ['issue'] }, forged: { reviewedBy: FORGED, reviewedAt: LONG_AGO }, stored: { 'spec.reviewedBy': byBob },
    status: { phase: 'Ready' },
  },
];

let fixture: ForgeFixture;

beforeAll(async () => {
  fixture = await createForgeFixture({ strategies: (forge) => [createRunStrategy(forge.verbs), ...createAuthorStrategies()] });
  await fixture.seed('demo');
  await fixture.openPull('demo', 'reviewed', { 'b.txt': 'b\n' });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'reviewed:feature');
  const { resources } = fixture;
  await resources.create(AgentAdapter, org, { metadata: { name: 'coder' }, spec: { organizationRef: org, adapterType: 'acp', command: ['coder'] } });
  await resources.create(AgentStack, org, { metadata: { name: 'coder' }, spec: { organizationRef: org, baseAgent: 'coder', adapter: 'coder' } });
  await resources.create(AgentDispatchRun, org, { metadata: { name: 'run-of-ada' }, spec: { organizationRef: org, repository: 'demo', agentStack: 'coder', taskKind: 'manual', sourceRefs: {}, requestedBy: { kind: 'user', name: 'ada' } } });
  await resources.create(AgentSession, org, { metadata: { name: 'session' }, spec: { organizationRef: org, agentMuxSessionId: 's', dispatchRun: 'run-of-ada', agentStack: 'coder' } });
});
afterAll(() => fixture[Symbol.asyncDispose]());

function expectStored(object: object, { stored, status }: Row): void {
  for (const [path, value] of Object.entries(stored)) expect(getPath(object, path), path).toEqual(value);
  // Of the status nothing that a client sent.
  const kept = 'status' in object ? object.status : undefined;
  if (status !== undefined) expect(kept ?? {}).not.toMatchObject(status);
}

describe('who did something is who did it, whatever a client sends', () => {
  it.each(ROWS.map((row) => [`${row.kind.names.kind} ${row.name ?? ''}`, row] as const))('%s', async (_title, row) => {
    const { kind, name, spec, forged, status } = row;
    const client = fixture.resources.as(bob);
    const document = (more: Record<string, unknown>, named = name) => ({ metadata: named === undefined ? {} : { name: named }, spec: { organizationRef: org, ...spec, ...more }, ...(status === undefined ? {} : { status }) }) as ObjectInputOf<AnyKind>;

    const created = await client.create(kind, org, document(forged));
    expectStored(created, row);
    const ref = { org, name: created.metadata.name };
    // A review and a key are their author's alone, and a text is reviewed by whoever says so; all else anybody with the right may change.
    for (const other of kind === Review || kind === SSHKey || kind === AgentContextLabel ? [bob] : [bob, ada]) {
      const theirs = fixture.resources.as(other);
      expectStored(await theirs.update(kind, org, document({ ...created.spec, ...forged }, ref.name)), row);
      expectStored((await theirs.apply(kind, org, document(forged, ref.name))).object, row);
      expectStored((await theirs.patch(kind, ref, { type: 'merge', patch: { spec: forged, ...(status === undefined ? {} : { status }) } })).object, row);
      expectStored((await theirs.patch(kind, ref, { type: 'apply', object: { apiVersion: kind.apiVersion, kind: kind.names.kind, ...document(forged, ref.name) }, force: true })).object, row);
    }
    await fixture.resources.delete(kind, ref);
  });

  it('covers every kind of the forge and of agents that says who did something', () => {
    const says = (value: unknown): boolean => JSON.stringify(value).includes('"system"') && JSON.stringify(value).includes('"agent"');
    const covered = new Set(ROWS.map(({ kind }) => kind.names.kind));
    const named = allKinds.filter(({ context, spec }) => (context === 'forge' || context === 'agents') && Object.values(spec.shape).some((field) => says(field)));
    expect(named.map(({ names }) => names.kind).filter((kind) => !covered.has(kind))).toEqual([]);
    expect(named.length).toBeGreaterThan(4);
  });
});

describe('what others said and wanted', () => {
  it('is changed by nobody else', async () => {
    const comment = { id: '1', body: 'It is slow.' };
    await fixture.resources.as(ada).create(Issue, org, { metadata: { name: 'words' }, spec: { organizationRef: org, title: 'Words', comments: [comment] } });
    const change = (body: string) => fixture.resources.as(bob).mutate(Issue, { org, name: 'words' }, ({ spec }) => {
      spec.comments = [{ ...spec.comments?.[0], id: '1', body }];
    });
    await expect(change('It is fine.')).rejects.toMatchObject({ details: { causes: [{ field: 'spec.comments[0].body', message: expect.stringContaining('words of ada') as string }] } });
    await change('It is slow.');
  });

  it('is withdrawn by nobody: a run that was cancelled stays so, by whom it was', async () => {
    const ref = { org, name: 'run-of-ada' };
    const cancelled = await fixture.resources.as(bob).mutate(AgentDispatchRun, ref, ({ spec }) => { spec.cancelRequested = { by: FORGED, at: LONG_AGO, reason: 'Enough' }; });
    expect(cancelled.spec.cancelRequested).toMatchObject({ by: byBob, reason: 'Enough' });
    expect(cancelled.spec.cancelRequested?.at).not.toBe(LONG_AGO);
    const again = await fixture.resources.as(ada).mutate(AgentDispatchRun, ref, ({ spec }) => { delete spec.cancelRequested; });
    expect(again.spec.cancelRequested).toEqual(cancelled.spec.cancelRequested);
  });

  it('is asked by a run itself, where it has a task: people bring only the approvals of runs elsewhere', async () => {
    await fixture.resources.create(AgentDispatchRun, org, { metadata: { name: 'with-task' }, spec: { organizationRef: org, repository: 'demo', agentStack: 'coder', taskKind: 'manual', sourceRefs: {}, prompt: 'Fix it.' } });
    const squat = (dispatchRun: string) =>
      fixture.resources.as(bob).create(AgentApproval, org, { metadata: { name: `${dispatchRun}-write-back` }, spec: { organizationRef: org, dispatchRun, action: 'write-back', requestedBy: { kind: 'agent', name: 'coder' } } });
    await expect(squat('with-task')).rejects.toMatchObject({ details: { causes: [{ field: 'spec.dispatchRun' }] } });
    await squat('run-of-ada');
  });
});
