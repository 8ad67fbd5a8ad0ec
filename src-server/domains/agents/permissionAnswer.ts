import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { PermissionReview, permissionReviewInput } from '#shared/api/permissionReview';
import { StatusError } from '#shared/api/status';
import { orgNamespace } from '#shared/kind/names';
import { API_VERSION } from '#shared/kind/objectMeta';
import { AgentCapabilityRequirement } from '#shared/kinds/agents/agentCapabilityRequirement';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { Repository } from '#shared/kinds/forge/repository';
import { timestampOf } from '../../app/clock';
import type { ResourceClient } from '../../resources/resourceClient';
import type { AgentsContext } from './agentsContext';
import type { Stack } from './attempts';
import { sourceOf } from './grants/grantUse';
import { reviewGrants } from './grants/reviewGrants';
import { describeRequirement, type MetRequirement } from './grants/requirements';
import { reviewDispatch, type ReviewedSpec } from './permissionReview';

/**
 * What would happen to a run that is dispatched so, and why. `resources` is bound to who asks: they must see the agent and the repository;
 * what is granted is then looked at for them.
 */
export async function answerPermissionReview(ctx: AgentsContext, resources: ResourceClient, input: z.output<typeof permissionReviewInput>): Promise<PermissionReview> {
  const { org, triggerSource, runnerPool, runtimeIdentity, actor } = input;
  const agentStack = input.agentStack ?? input.stackRef;
  if (agentStack === undefined) throw new StatusError('BadRequest', 'Say which agent: agentStack', { causes: [{ code: 'FieldValueRequired', field: 'agentStack', message: 'agentStack is required: the name of an AgentStack' }] });
  const [repository, stack] = [await resources.get(Repository, { org, name: input.repository }), await resources.find(AgentStack, { org, name: agentStack })];
  const spec: ReviewedSpec = {
    repository: input.repository, agentStack, ref: input.ref ?? `refs/heads/${repository.spec.defaultBranch}`,
    ...(runtimeIdentity === undefined ? {} : { runtimeIdentity }), ...(actor === undefined ? {} : { sourceRefs: { actor } }),
  };
  const review = await reviewDispatch({ resources: ctx.resources, now: timestampOf(ctx.clock), triggerSource }, org, spec);
  const requirements = review.grants?.requirements ?? [];
  const missing = requirements.filter(({ met }) => met === undefined);
  const account = runtimeIdentity?.serviceAccountRef ?? stack?.spec.runtimeIdentity?.serviceAccountRef;
  const place = (name: string) => `${orgNamespace(org)}/${name}`;
  const of = (kind: 'secret' | 'config') => requirements.filter(({ requirement }) => requirement.kind === kind);
  return {
    decision: review.decision,
    runtimeIdentity: { serviceAccountRef: account ?? null, ready: !review.causes.some(({ field }) => field === 'spec.runtimeIdentity.serviceAccountRef') },
    runnerIdentity: { runnerPool: runnerPool ?? stack?.spec.runnerPool ?? null, ready: true },
    requiredRoles: (stack?.spec.permissionRefs?.roleBindings ?? []).map((roleRef) => ({ roleRef, allowed: !review.causes.some(({ code, message }) => /RoleBinding/.test(code) && message.includes(`"${roleRef}"`)) })),
    requiredSecrets: of('secret').map((each) => ({ ...answerOf(each), secretRef: place(each.requirement.name) })),
    requiredConfigs: of('config').map((each) => ({ ...answerOf(each), configMapRef: place(each.requirement.name) })),
    grants: (review.grants?.grants ?? []).map(({ grant, problem, approval }) => ({
      kind: grant.kind, name: grant.metadata.name, source: sourceOf(grant).name, counts: problem === undefined, ...(problem === undefined ? {} : { problem }), ...(approval === undefined ? {} : { approval }),
    })),
    missingGrants: missing.map((each) => missingGrant(agentStack, each)),
    approvalRequirements: [
      ...review.reasons.map((reason) => ({ action: 'dispatch', reason })),
      ...(review.grants?.approvals ?? []).map(({ grant, reason }) => ({ action: 'secret-access', reason, grant: grant.metadata.name })),
    ],
    yamlPreview: await Promise.all(missing.map((each) => grantDocument(org, agentStack, each))),
    reasons: review.causes.map(({ message }) => message),
  };
}

/** What every agent of an organization needs, and what it lacks, computed as records of the seeds' kind. */
export async function listCapabilityRequirements(ctx: AgentsContext, resources: ResourceClient, org: string) {
  const { items } = await resources.list(AgentStack, { org });
  return Promise.all(items.map((stack) => toRecord(ctx, org, stack)));
}

async function toRecord(ctx: AgentsContext, org: string, stack: Stack) {
  const { requirements } = await reviewGrants(ctx.resources, { org, stack, now: timestampOf(ctx.clock) });
  const missing = requirements.filter(({ met }) => met === undefined);
  const entries = (kind: 'secret' | 'config') => requirements.filter(({ requirement }) => requirement.kind === kind).map(({ requirement: { owner, name, keys, purpose } }) => ({
    reason: purpose, namespace: orgNamespace(org), name,
    ...(owner.kind === 'agent-stack' ? {} : { [OWNER_FIELDS[owner.kind]]: owner.name }),
    ...(keys === undefined ? {} : { key: keys.join(',') }),
  }));
  return {
    apiVersion: API_VERSION,
    kind: AgentCapabilityRequirement.names.kind,
    metadata: { name: stack.metadata.name, namespace: orgNamespace(org) },
    spec: {
      organizationRef: org,
      ownerRef: { kind: 'AgentStack', name: stack.metadata.name },
      requiredRoles: stack.spec.permissionRefs?.roleBindings ?? [],
      requiredSecretRefs: entries('secret'),
      requiredConfigRefs: entries('config'),
      requiredMcpServers: stack.spec.mcpServerRefs ?? [],
      ...(stack.spec.model === undefined ? {} : { requiredModels: [stack.spec.model] }),
    },
    status: { phase: missing.length === 0 ? 'Resolved' : 'Blocked', missingGrants: missing.map((each) => missingGrant(stack.metadata.name, each)) },
  };
}

const OWNER_FIELDS = { tool: 'toolRef', 'mcp-server': 'mcpServerRef', skill: 'skillRef', subagent: 'subagentRef' } as const;

function answerOf({ requirement: { owner, keys, purpose }, met }: MetRequirement) {
  const decision = met === undefined ? ('missing-grant' as const) : met.approval === undefined ? ('allowed' as const) : ('requires-approval' as const);
  return { owner, purpose, grant: met?.grant.metadata.name ?? null, decision, ...(keys === undefined ? {} : { keys: [...keys] }) };
}

/** Source of the reasons: seeds, 002: ToolSecretNotGranted. */
function missingGrant(stack: string, { requirement, problems }: MetRequirement): PermissionReview['missingGrants'][number] {
  const isSecret = requirement.kind === 'secret';
  const part = requirement.owner.kind.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return {
    kind: isSecret ? 'AgentSecretGrant' : 'AgentConfigGrant',
    suggestedName: suggestedName(stack, requirement.name),
    reason: `${part}${isSecret ? 'Secret' : 'Config'}NotGranted`,
    message: `${describeRequirement(requirement)}${problems.length === 0 ? '' : `: ${problems.join('; ')}`}`,
    blocking: true,
  };
}

function suggestedName(stack: string, source: string): string {
  const whole = `${stack}-${source}`;
  return whole.length <= 200 ? whole : `${whole.slice(0, 180)}-${createHash('sha256').update(whole).digest('hex').slice(0, 12)}`;
}

async function grantDocument(org: string, stack: string, missing: MetRequirement): Promise<string> {
  const { stringify } = await import('yaml');
  const { requirement: { owner, kind, name, keys, purpose } } = missing;
  const { kind: grantKind, suggestedName: grant } = missingGrant(stack, missing);
  const reference = { name, ...(keys === undefined ? {} : { keys: [...keys] }) };
  return stringify({
    apiVersion: API_VERSION,
    kind: grantKind,
    metadata: { name: grant, namespace: orgNamespace(org) },
    spec: {
      organizationRef: org,
      subject: owner.kind === 'agent-stack' ? { kind: owner.kind, name: owner.name } : { kind: owner.kind, name: owner.name, stackRef: stack },
      ...(kind === 'secret' ? { secretRef: reference } : { configMapRef: reference }),
      purpose,
    },
  });
}
