import type { StatusCause } from '#shared/api/status';
import type { SpecOf } from '#shared/kind/defineKind';
import type { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { AgentTransportBinding } from '#shared/kinds/agents/agentTransportBinding';
import { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import { KradleWorkspacePolicy } from '#shared/kinds/workspaces/kradleWorkspacePolicy';
import type { ResourceClient } from '../../resources/resourceClient';
import { isPullRef } from './grants/findGrants';
import { reviewGrants, type GrantReview } from './grants/reviewGrants';
import { describeRequirement, type MetRequirement } from './grants/requirements';
import { stackReadiness } from './stackReadiness';

/** Denied wins over requires-approval, which wins over allowed. */
export interface DispatchReview {
  readonly decision: 'allowed' | 'requires-approval' | 'denied';
  /** Why it is denied. */
  readonly causes: readonly StatusCause[];
  /** Why a person has to approve that it starts. */
  readonly reasons: readonly string[];
  /** Secrets and configuration: what is granted, what is missing, what a person has to approve. Absent when there is no such agent. */
  readonly grants?: GrantReview;
  /** Seeds, 003 section 6.5. */
  readonly transport: { readonly transport: string; readonly codec: string };
}

type RunSpec = SpecOf<typeof AgentDispatchRun>;
export type ReviewedSpec = Pick<RunSpec, 'repository' | 'agentStack' | 'runtimeIdentity' | 'requiresApproval' | 'ref'> & Partial<Pick<RunSpec, 'secretGrants' | 'configGrants' | 'sourceRefs' | 'sourceEvent'>>;

/** May this agent work on this repository, and does a person have to say so first? Decided when a run is created and when it starts; `now` is RFC 3339. */
export async function reviewDispatch(deps: { readonly resources: ResourceClient; readonly now: string; readonly triggerSource?: string | undefined }, org: string, spec: ReviewedSpec): Promise<DispatchReview> {
  const { resources, now, triggerSource } = deps;
  const stack = await resources.find(AgentStack, { org, name: spec.agentStack });
  const transport = { transport: 'stdio', codec: 'ndjson' };
  if (stack === undefined) return denied([cause('FieldValueNotFound', 'spec.agentStack', `There is no agent "${spec.agentStack}" in this organization.`)], transport);
  const readiness = await stackReadiness(resources, { org, stack, now });
  const causes = readiness.blockers.map(({ reason, message }) => cause(reason, 'spec.agentStack', `The agent "${spec.agentStack}" is not ready: ${message}.`));
  const accountName = spec.runtimeIdentity?.serviceAccountRef ?? stack.spec.runtimeIdentity?.serviceAccountRef;
  const account = accountName === undefined ? undefined : await resources.find(AgentServiceAccount, { org, name: accountName });
  if (accountName !== undefined && account === undefined) {
    causes.push(cause('FieldValueNotFound', 'spec.runtimeIdentity.serviceAccountRef', `There is no AgentServiceAccount "${accountName}".`));
  }
  const allowed = account?.spec.allowedRepositories;
  if (allowed !== undefined && !allowed.includes(spec.repository)) {
    causes.push(cause('RepositoryNotAllowed', 'spec.repository', `AgentServiceAccount "${accountName ?? ''}" may not work on repository "${spec.repository}"; it may on: ${allowed.join(', ') || 'none'}.`));
  }
  const grants = await reviewGrants(resources, { org, stack, run: spec, now, triggerSource });
  causes.push(...grants.requirements.filter(({ met }) => met === undefined).map((missing) => missingCause(spec, missing)));
  if (causes.length > 0) return { ...denied(causes, transport), grants };

  const policyName = stack.spec.workspacePolicyRef;
  const policy = policyName === undefined ? undefined : await resources.find(KradleWorkspacePolicy, { org, name: policyName });
  const reasons: string[] = [];
  if (stack.spec.requiresApproval) reasons.push(`agent "${spec.agentStack}" requires approval`);
  if (spec.requiresApproval === true) reasons.push('the dispatch asked for approval');
  if (policy?.spec.requiresApproval === true) reasons.push(`workspace policy "${policyName ?? ''}" requires approval`);
  if (isPullRef(spec.ref) && policy?.spec.trustTier !== 'trusted') reasons.push(`${spec.ref ?? ''} may hold code of people who cannot push here`);
  const binding = readiness.adapter === undefined ? undefined : (await resources.list(AgentTransportBinding, { org, fieldSelector: `spec.adapterRef=${readiness.adapter.metadata.name}`, limit: 1 })).items[0];
  return {
    decision: reasons.length + grants.approvals.length > 0 ? 'requires-approval' : 'allowed',
    causes: [],
    reasons,
    grants,
    transport: { transport: binding?.spec.protocol ?? readiness.adapter?.spec.transport ?? 'stdio', codec: binding?.spec.codec ?? 'ndjson' },
  };
}

function denied(causes: readonly StatusCause[], transport: DispatchReview['transport']): DispatchReview {
  return { decision: 'denied', causes, reasons: [], transport };
}

/** Source of the reasons: seeds, 001 "Response conventions" and 002 "permission review response". */
function missingCause(spec: ReviewedSpec, { requirement, problems }: MetRequirement): StatusCause {
  const [kind, code, field] = requirement.kind === 'secret' ? ['AgentSecretGrant', 'MissingSecretGrant', 'spec.secretGrants'] : ['AgentConfigGrant', 'MissingConfigGrant', 'spec.configGrants'];
  const why = problems.length === 0 ? '' : ` (${problems.join('; ')})`;
  return cause(code, field, `${describeRequirement(requirement)} for ${requirement.purpose}, but no ${kind} matches the agent "${spec.agentStack}"${spec.ref === undefined ? '' : ` on ${spec.ref}`}${why}.`);
}

function cause(code: string, field: string, message: string): StatusCause {
  return { code, field, message };
}
