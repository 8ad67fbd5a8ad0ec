import type { SpecOf } from '#shared/kind/defineKind';
import type { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentConfigGrant } from '#shared/kinds/identity/agentConfigGrant';
import { AgentSecretGrant } from '#shared/kinds/identity/agentSecretGrant';
import { KradleWorkspacePolicy } from '#shared/kinds/workspaces/kradleWorkspacePolicy';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { Stack } from '../attempts';
import { isForAgent, judgeGrant, type Grant, type GrantSituation } from './grantUse';

/** A grant that is meant for an agent, and what it is worth in a situation. */
export interface JudgedGrant {
  readonly grant: Grant;
  /** Why it gives nothing, in words that follow its name. */
  readonly problem?: string | undefined;
  /** Why a person has to say yes first. */
  readonly approval?: string | undefined;
}

type RunSpec = Partial<Pick<SpecOf<typeof AgentDispatchRun>, 'repository' | 'ref' | 'runtimeIdentity' | 'secretGrants' | 'configGrants' | 'sourceRefs' | 'sourceEvent'>>;

/** What a run of this agent is, to grants. Without a repository or reference, a question about the agent alone. */
export async function situationOf(resources: Pick<ResourceClient, 'find'>, request: { org: string; stack: Pick<Stack, 'metadata' | 'spec'>; run?: RunSpec; now: string; triggerSource?: string | undefined }): Promise<GrantSituation> {
  const { org, stack: { metadata, spec }, run = {}, now } = request;
  const policy = spec.workspacePolicyRef === undefined ? undefined : await resources.find(KradleWorkspacePolicy, { org, name: spec.workspacePolicyRef });
  return {
    stack: metadata.name,
    serviceAccount: run.runtimeIdentity?.serviceAccountRef ?? spec.runtimeIdentity?.serviceAccountRef,
    parts: { 'mcp-server': spec.mcpServerRefs ?? [], skill: spec.skillRefs ?? [], subagent: spec.subagentRefs ?? [] },
    named: new Set([...(spec.permissionRefs?.secretGrants ?? []), ...(spec.permissionRefs?.configGrants ?? []), ...(run.secretGrants ?? []), ...(run.configGrants ?? [])]),
    repository: run.repository,
    ref: run.ref,
    triggerSource: request.triggerSource ?? (run.repository === undefined ? undefined : triggerSourceOf(run)),
    untrusted: isPullRef(run.ref) && policy?.spec.trustTier !== 'trusted',
    secretPolicy: spec.secretPolicy,
    now,
  };
}

/** Every grant that is meant for the agent, those that count and those that do not. */
export async function findGrants(resources: Pick<ResourceClient, 'list'>, org: string, situation: GrantSituation): Promise<JudgedGrant[]> {
  const [secrets, configs] = await Promise.all([resources.list(AgentSecretGrant, { org }), resources.list(AgentConfigGrant, { org })]);
  return [...secrets.items, ...configs.items].filter((grant) => isForAgent(grant, situation)).map((grant) => ({ grant, ...judgeGrant(grant, situation) }));
}

/** Code of somebody who cannot push to the repository. */
export function isPullRef(ref: string | undefined): boolean {
  return /^refs\/pull\//.test(ref ?? '');
}

/** What started a run, as `allowedTriggerSources` names it. */
function triggerSourceOf({ sourceRefs = {}, sourceEvent }: RunSpec): string {
  if (sourceRefs.triggerSource !== undefined) return sourceRefs.triggerSource;
  if (sourceRefs.triggerRule !== undefined || sourceEvent !== undefined) return EVENT_SOURCES[sourceEvent?.kind ?? ''] ?? 'trigger';
  return 'manual';
}

const EVENT_SOURCES: Readonly<Record<string, string>> = { PullRequest: 'pull-request', Review: 'pull-request', Pipeline: 'ci', Job: 'ci', Issue: 'issue', WebhookDelivery: 'webhook' };
