import { isStatusError, StatusError, type StatusReason } from '#shared/api/status';
import { AgentApproval } from '#shared/kinds/agents/agentApproval';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { KradleArtifact } from '#shared/kinds/agents/kradleArtifact';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { KradleWorkspace } from '#shared/kinds/workspaces/kradleWorkspace';
import type { Actor } from '../../resources/actor';
import { timestampOf } from '../../app/clock';
import type { Controller } from '../../runtime/controller';
import type { AgentsContext } from './agentsContext';
import { hasDigest, type Artifact } from './artifacts';
import type { Approval } from './decideApproval';
import { pullRequestBody } from './pullRequestBody';
import { runBranch, writeBackApprovalName } from './runNames';
import type { Run, RunStatus } from './runState';

type WriteBack = NonNullable<RunStatus['writeBack']>;

/**
 * Takes the work of completed runs to the forge: asks a person (or the run's policy) first, then pushes the branch and opens the pull
 * request. Each step looks whether it is done before it does it, so that a server that was killed between two of them goes on
 * without doing any twice.
 */
export function createWriteBackController(ctx: AgentsContext): Controller {
  return {
    name: 'write-back',
    kind: AgentDispatchRun,
    watches: [{ kind: AgentApproval, map: (object) => (object.spec.action === 'write-back' ? [{ org: String(object.spec.organizationRef), name: String(object.spec.dispatchRun) }] : []) }],
    async reconcile({ org, name }, { log }) {
      const run = await ctx.resources.find(AgentDispatchRun, { org, name });
      if (run?.status?.phase !== 'Completed') return;
      const { writeBack, headSha } = run.status;
      if (headSha === undefined) {
        if (writeBack === undefined) await setWriteBack(ctx, org, { run, change: () => ({ phase: 'NothingToWrite', message: 'The run changed no file.' }) });
        return;
      }
      if (writeBack?.phase === 'Applied' || writeBack?.phase === 'Denied' || writeBack?.phase === 'Failed' || writeBack?.phase === 'NothingToWrite') return;
      const approval = await requestApproval(ctx, org, run);
      if (approval === undefined) return;
      switch (approval.status?.phase ?? 'Pending') {
        case 'Pending':
          await setWriteBack(ctx, org, { run, change: () => ({ phase: 'AwaitingApproval', approvalRef: approval.metadata.name, branch: runBranch(name), sha: headSha, message: 'Waits for a person to approve the change.' }) });
          return;
        case 'Denied':
          await setWriteBack(ctx, org, { run, change: (before) => ({ ...before, phase: 'Denied', approvalRef: approval.metadata.name, message: `${approval.status?.decidedBy?.name ?? 'A reviewer'} did not approve the change${approval.status?.comment === undefined ? '' : `: ${approval.status.comment}`}. Nothing left the workspace.` }) });
          return;
        case 'Approved':
          try {
            await apply(ctx, org, { run, approval });
          } catch (error) {
            if (!(error instanceof WriteBackRefused)) throw error;
            log.warn({ err: error }, 'write-back refused');
            await fail(ctx, org, { run, approval, message: error.message });
          }
      }
    },
  };
}

/** The key under which a mutation is done once. Source: seeds, 001-artifacts-writeback-spec, "Idempotency". */
export function idempotencyKey(approval: Approval, opts: { action: string; targetKind: string; targetName: string; digest: string }): string {
  return `${approval.metadata.uid}:${opts.action}:${opts.targetKind}:${opts.targetName}:${opts.digest}`;
}

/** The approval of the run's write-back, made when it is not there; undefined when the patch is missing, which ends it. */
async function requestApproval(ctx: AgentsContext, org: string, run: Run): Promise<Approval | undefined> {
  const name = writeBackApprovalName(run.metadata.name);
  const existing = await ctx.resources.find(AgentApproval, { org, name });
  if (existing !== undefined) return existing;
  const patch = await patchOf(ctx, org, run);
  if (patch === undefined) {
    await setWriteBack(ctx, org, { run, change: () => ({ phase: 'Failed', message: 'The run recorded no patch, so there is nothing that could be checked and applied. The work is in its workspace.' }) });
    return undefined;
  }
  if (patch.spec.redactionStatus === 'redacted' || patch.spec.redactionStatus === 'suspected-secret') {
    await setWriteBack(ctx, org, { run, change: () => ({ phase: 'Failed', message: secretInPatch(run) }) });
    return undefined;
  }
  const now = timestampOf(ctx.clock);
  const reasons = await approvalReasons(ctx, org, run);
  const { title = run.metadata.name, repository, branch, sha } = run.spec;
  const { additions = 0, deletions = 0, changedFiles = 0, headSha } = run.status ?? {};
  try {
    return await ctx.resources.create(AgentApproval, org, {
      metadata: { name },
      spec: {
        organizationRef: org,
        dispatchRun: run.metadata.name,
        ...(run.status?.attemptRef === undefined ? {} : { attempt: run.status.attemptRef }),
        action: 'write-back',
        requestedBy: { kind: 'agent', name: run.spec.agentStack },
        summary: `Open a pull request with ${changedFiles} changed file${changedFiles === 1 ? '' : 's'} (+${additions} −${deletions}): ${title}`.slice(0, 2000),
        policyReasons: reasons.length > 0 ? reasons : ['writeBackPolicy.requireApproval is false'],
        artifactRefs: [patch.metadata.name],
        artifactDigest: patch.spec.digest,
        target: {
          type: 'pull-request',
          repository,
          branch: runBranch(run.metadata.name),
          ...(branch === undefined ? {} : { baseBranch: branch }),
          ...(sha === undefined ? {} : { baseSha: sha }),
          ...(headSha === undefined ? {} : { headSha }),
          title,
        },
        riskWarnings: patch.spec.patch?.unsafeFileWarnings ?? [],
      },
      status: reasons.length > 0
        ? { phase: 'Pending', createdAt: now }
        : { phase: 'Approved', createdAt: now, decidedAt: now, decidedBy: { kind: 'system', name: 'policy' }, comment: 'writeBackPolicy.requireApproval is false.' },
    });
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
    return ctx.resources.get(AgentApproval, { org, name });
  }
}

/** Source: seeds, 001-artifacts-writeback-spec: an artifact with a suspected secret blocks the write-back. */
function secretInPatch({ status }: Run): string {
  const secrets = [...new Set((status?.granted ?? []).filter(({ kind }) => kind === 'AgentSecretGrant').map(({ name }) => `"${name}"`))];
  return `The change holds a value of a Secret that the run was given${secrets.length === 0 ? '' : ` (${secrets.join(', ')})`}, so nothing left its workspace. Take the value out of the code, write a new one into the Secret, and dispatch the task again.`;
}

/** Why a person has to approve; empty when the run's policy, or else its agent's, says that nobody has to. */
async function approvalReasons(ctx: AgentsContext, org: string, run: Run): Promise<string[]> {
  const stack = await ctx.resources.find(AgentStack, { org, name: run.spec.agentStack });
  const policy = run.spec.writeBackPolicy ?? stack?.spec.writeBackPolicy;
  if (run.spec.approvalPolicy?.requireWriteBackApproval === true) return ['approvalPolicy.requireWriteBackApproval'];
  if (policy?.requireApproval === false) return [];
  return [policy === undefined ? 'people approve what leaves a workspace, unless a policy says otherwise' : 'writeBackPolicy.requireApproval'];
}

async function apply(ctx: AgentsContext, org: string, { run, approval }: { run: Run; approval: Approval }): Promise<void> {
  const { name } = run.metadata;
  const { repository } = run.spec;
  const { target, artifactDigest = '' } = approval.spec;
  const branch = target?.branch ?? runBranch(name);
  const sha = target?.headSha ?? '';
  const key = idempotencyKey(approval, { action: 'pull-request', targetKind: 'Repository', targetName: repository, digest: artifactDigest });
  await setWriteBack(ctx, org, { run, change: () => ({ phase: 'Applying', approvalRef: approval.metadata.name, branch, sha, idempotencyKey: key, message: 'The branch is being pushed and the pull request opened.' }) });
  // The run pushes its own branch; that it may was decided by who approved it.
  const actor: Actor = { kind: 'run', name, orgs: [org], run: { org, name } };
  const approvedBy = approval.status?.decidedBy;
  let pull = await findPull(ctx, org, { run, branch });
  if (pull === undefined) {
    pull = await refusable(async () => {
      await checkBeforeApply(ctx, org, { run, approval });
      await ctx.forge.acceptBranch({ org, repository, fromRepositoryPath: ctx.worktrees.locations({ org, repository }).workspaceRepository, branch, sha, actor, ...(approvedBy === undefined ? {} : { approvedBy }) });
      return ctx.forge.createPullRequest(actor, {
        org,
        repository,
        title: (target?.title ?? run.spec.title ?? name).slice(0, 500),
        body: pullRequestBody(run, approval),
        sourceBranch: branch,
        targetBranch: target?.baseBranch ?? '',
        dispatchRun: name,
        ...(approvedBy === undefined ? {} : { approvedBy }),
      });
    });
  }
  const pullName = pull.metadata.name;
  const now = timestampOf(ctx.clock);
  await ctx.resources.mutateStatus(AgentApproval, { org, name: approval.metadata.name }, (status) => {
    status.applied = true;
    status.idempotencyKey = key;
    delete status.applyMessage;
  });
  await noteSynced(ctx, org, run);
  await setWriteBack(ctx, org, { run, change: (before) => ({ ...before, phase: 'Applied', branch, sha, idempotencyKey: key, pullRequestRef: pullName, appliedAt: before?.appliedAt ?? now, message: `Opened pull request ${pullName}.` }) });
}

/** The forge said no: trying again by itself would not help. */
class WriteBackRefused extends Error {
  override readonly name = 'WriteBackRefused';
}

const PASSING: ReadonlySet<StatusReason> = new Set(['ServiceUnavailable', 'Timeout', 'InternalError', 'TooManyRequests']);

/** A refusal of the forge's becomes WriteBackRefused; what may pass by itself stays what it is, and is tried again. */
async function refusable<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!isStatusError(error) || PASSING.has(error.reason)) throw error;
    throw new WriteBackRefused(error.message, { cause: error });
  }
}

/** Whatever its state is now: a pull request that people closed or merged meanwhile was still opened. */
async function findPull(ctx: AgentsContext, org: string, { run, branch }: { run: Run; branch: string }): Promise<{ metadata: { name: string } } | undefined> {
  const { items } = await ctx.resources.list(PullRequest, { org, fieldSelector: `spec.dispatchRun=${run.metadata.name}` });
  return items.find((pull) => pull.spec.sourceBranch === branch && pull.spec.repository === run.spec.repository);
}

/** The work is in the forge now: its workspace may go when its time comes. */
async function noteSynced(ctx: AgentsContext, org: string, run: Run): Promise<void> {
  const name = run.status?.workspaceRef;
  const workspace = name === undefined ? undefined : await ctx.resources.find(KradleWorkspace, { org, name });
  if (workspace?.status?.lastRun !== run.metadata.name) return;
  await ctx.resources.mutateStatus(KradleWorkspace, { org, name: workspace.metadata.name }, (status) => {
    if (status.git?.dirtyFiles === 0) status.git = { phase: 'Synced', dirtyFiles: 0, unpushedCommits: 0 };
  });
}

/** What was approved is what is applied, where it was meant to go. Throws StatusErrors for people. */
async function checkBeforeApply(ctx: AgentsContext, org: string, { run, approval }: { run: Run; approval: Approval }): Promise<void> {
  const { artifactDigest, target } = approval.spec;
  const patch = await patchOf(ctx, org, run);
  if (artifactDigest === undefined || patch?.spec.digest !== artifactDigest || patch.spec.patch?.headSha !== target?.headSha || !(await hasDigest(ctx.blobs, artifactDigest))) {
    throw new StatusError('Invalid', 'The stored patch is not the one that was approved: its digest does not match. Nothing was pushed; retry the run.', { code: 'ARTIFACT_DIGEST_MISMATCH' });
  }
  if (target?.branch !== runBranch(run.metadata.name) || target.headSha !== run.status?.headSha || target.baseBranch !== run.spec.branch) {
    throw new StatusError('Invalid', 'The approval names another branch or commit than the run\'s. Nothing was pushed; retry the run.', { code: 'TARGET_MISMATCH' });
  }
  const { baseBranch } = target;
  if (baseBranch === undefined || (await ctx.forge.resolveRef(org, run.spec.repository, `refs/heads/${baseBranch}`)) === undefined) {
    throw new StatusError('Invalid', `The branch "${baseBranch ?? ''}" that the change is for is not in the repository any more. The work is kept; dispatch the task again from a branch that exists.`, { code: 'TARGET_MISSING' });
  }
}

async function patchOf(ctx: AgentsContext, org: string, run: Run): Promise<Artifact | undefined> {
  const name = run.status?.artifacts?.find(({ kind }) => kind === 'patch')?.name;
  return name === undefined ? undefined : ctx.resources.find(KradleArtifact, { org, name });
}

async function fail(ctx: AgentsContext, org: string, { run, approval, message }: { run: Run; approval: Approval; message: string }): Promise<void> {
  await ctx.resources.mutateStatus(AgentApproval, { org, name: approval.metadata.name }, (status) => {
    status.applied = false;
    status.applyMessage = message;
  });
  await setWriteBack(ctx, org, { run, change: (before) => ({ ...before, phase: 'Failed', message }) });
}

async function setWriteBack(ctx: AgentsContext, org: string, { run, change }: { run: Run; change: (before: WriteBack | undefined) => WriteBack }): Promise<void> {
  await ctx.resources.mutateStatus(AgentDispatchRun, { org, name: run.metadata.name }, (status) => {
    status.writeBack = change(status.writeBack);
    const { approvalRef } = status.writeBack;
    if (approvalRef !== undefined && status.approvals?.includes(approvalRef) !== true) status.approvals = [...(status.approvals ?? []), approvalRef];
  });
}
