import type { AnyKind, ObjectOf, StatusOf } from '#shared/kind/defineKind';
import type { Condition } from '#shared/kind/objectMeta';
import { AgentAdapter } from '#shared/kinds/agents/agentAdapter';
import { AgentContextLabel } from '#shared/kinds/agents/agentContextLabel';
import { AgentMcpServer } from '#shared/kinds/agents/agentMcpServer';
import { AgentSkill } from '#shared/kinds/agents/agentSkill';
import type { AgentStack } from '#shared/kinds/agents/agentStack';
import { AgentSubagent } from '#shared/kinds/agents/agentSubagent';
import { AgentToolProfile } from '#shared/kinds/agents/agentToolProfile';
import { AgentConfigGrant } from '#shared/kinds/identity/agentConfigGrant';
import { AgentRoleBinding } from '#shared/kinds/identity/agentRoleBinding';
import { AgentSecretGrant } from '#shared/kinds/identity/agentSecretGrant';
import { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import { AgentMemoryRepository } from '#shared/kinds/memory/agentMemoryRepository';
import { KradleWorkspacePolicy } from '#shared/kinds/workspaces/kradleWorkspacePolicy';
import type { ResourceClient } from '../../resources/resourceClient';
import { accessProblem, type AccessHolder } from './accessInForce';
import { adapterNameOf, type Adapter, type Stack } from './attempts';
import { stackDefaults } from './stackDefaults';

type Verdict = Omit<Condition, 'lastTransitionTime'>;

export interface Readiness {
  readonly conditions: readonly Verdict[];
  readonly ready: boolean;
  /** Why it is not ready: each reason once, though several conditions may follow from it. */
  readonly blockers: readonly { readonly reason: string; readonly message: string }[];
  readonly defaulted: NonNullable<StatusOf<typeof AgentStack>['defaulted']>;
  readonly adapter?: Adapter;
}

/** Kinds whose objects a stack's readiness is read from: it is computed again when one of them comes, changes or goes. */
export const READINESS_KINDS: readonly AnyKind[] = [
  AgentAdapter, AgentToolProfile, AgentMcpServer, AgentSkill, AgentSubagent, AgentContextLabel, AgentMemoryRepository, KradleWorkspacePolicy,
  AgentServiceAccount, AgentRoleBinding, AgentSecretGrant, AgentConfigGrant,
];

export interface ReadinessRequest {
  readonly org: string;
  readonly stack: Pick<Stack, 'metadata' | 'spec'>;
  /** RFC 3339; grants end by it. */
  readonly now: string;
}

/** The seeds' readiness of a stack (003 section 10), computed from what is there now, and what was filled in for it. */
export async function stackReadiness(resources: Pick<ResourceClient, 'find'>, { org, stack, now }: ReadinessRequest): Promise<Readiness> {
  const { spec } = stack;
  const look = async <TKind extends AnyKind>(kind: TKind, names: readonly string[] | undefined): Promise<Named<TKind>[]> =>
    Promise.all((names ?? []).map(async (name) => ({ label: `${kind.names.kind} "${name}"`, object: await resources.find(kind, { org, name }) })));
  const one = (name: string | undefined): string[] => (name === undefined ? [] : [name]);
  const adapterName = adapterNameOf(spec);
  const account = spec.runtimeIdentity?.serviceAccountRef;
  const holder: AccessHolder = { stack: stack.metadata.name, serviceAccount: account };

  const [adapter] = await look(AgentAdapter, [adapterName]);
  const policies = await look(KradleWorkspacePolicy, one(spec.workspacePolicyRef));
  const memories = await look(AgentMemoryRepository, spec.memoryRepositoryRefs);
  const toolProfiles = await look(AgentToolProfile, one(spec.toolProfileRef));
  const mcpServers = await look(AgentMcpServer, spec.mcpServerRefs);
  const skills = await look(AgentSkill, spec.skillRefs);
  const subagents = await look(AgentSubagent, spec.subagentRefs);
  const contextLabels = await look(AgentContextLabel, spec.contextLabelRefs);
  const roleBindings = await look(AgentRoleBinding, spec.permissionRefs?.roleBindings);
  const secretGrants = await look(AgentSecretGrant, spec.permissionRefs?.secretGrants);
  const configGrants = await look(AgentConfigGrant, spec.permissionRefs?.configGrants);

  const parts = [toolProfiles, mcpServers, skills, subagents, contextLabels];
  const missingStart = missingOf([...(adapter === undefined ? [] : [adapter]), ...policies, ...memories]);
  const start = capabilities(missingStart, adapter?.object);
  const others = [
    judge('ToolsAdmitted', toolProfiles, { good: 'ToolProfileFound', missing: 'ToolProfileMissing' }),
    judge('McpHealthy', mcpServers, { good: 'AllRequiredServersReady', missing: 'McpServerMissing', problem: mcpProblem, bad: 'McpServerUnhealthy' }),
    judge('SkillsValidated', skills, { good: 'SkillsFound', missing: 'SkillMissing', problem: skillProblem, bad: 'SkillInvalid' }),
    judge('SubagentsValid', subagents, { good: 'SubagentsFound', missing: 'SubagentMissing', problem: subagentProblem, bad: 'SubagentInvalid' }),
    judge('ContextLabelsValid', contextLabels, { good: 'ContextLabelsFound', missing: 'ContextLabelMissing' }),
    account === undefined ? yes('RuntimeIdentityReady', 'LocalDefault') : judge('RuntimeIdentityReady', await look(AgentServiceAccount, [account]), { good: 'ServiceAccountReady', missing: 'ServiceAccountMissing' }),
    judge('RolesAdmitted', roleBindings, { good: 'RequiredRolesAllowed', missing: 'MissingRoleBinding', problem: (binding) => accessProblem(binding.spec, holder, now), bad: 'RoleBindingNotInForce' }),
    judge('SecretsAdmitted', secretGrants, { good: 'SecretGrantsFound', missing: 'MissingSecretGrant', problem: (grant) => accessProblem(grant.spec, holder, now), bad: 'SecretGrantNotInForce' }),
    judge('ConfigAdmitted', configGrants, { good: 'ConfigGrantsFound', missing: 'MissingConfigGrant', problem: (grant) => accessProblem(grant.spec, holder, now), bad: 'ConfigGrantNotInForce' }),
  ];
  const missingParts = parts.flatMap(missingOf);
  const resolved = missingParts.length > 0 ? no('CapabilitiesResolved', 'ReferenceMissing', notFound([...missingStart, ...missingParts])) : start;
  const blocked = [start, ...others].filter(({ status }) => status !== 'True');
  const ready = blocked.length === 0;
  return {
    ready,
    conditions: [resolved, ...others, ready ? yes('Ready', 'PolicyAdmitted') : no('Ready', readyReason(blocked), blocked.map(({ message }) => message).join('; '))],
    blockers: blocked.map(({ reason, message }) => ({ reason, message: message ?? reason })),
    defaulted: stackDefaults(stack),
    ...(adapter?.object === undefined ? {} : { adapter: adapter.object }),
  };
}

/** An object that the stack names, if it is there. */
interface Named<TKind extends AnyKind> {
  /** `AgentSkill "ci-diagnosis"`. */
  readonly label: string;
  readonly object: ObjectOf<TKind> | undefined;
}

interface Reasons<TKind extends AnyKind> {
  readonly good: string;
  readonly missing: string;
  /** What is wrong with an object that is there, in words that follow its name. */
  readonly problem?: (object: ObjectOf<TKind>) => string | undefined;
  readonly bad?: string;
}

function judge<TKind extends AnyKind>(type: string, named: readonly Named<TKind>[], reasons: Reasons<TKind>): Verdict {
  const { good, missing: missingReason, problem, bad = missingReason } = reasons;
  if (named.length === 0) return yes(type, 'NothingReferenced');
  const missing = missingOf(named);
  const problems = named.flatMap(({ label, object }) => {
    const found = object === undefined ? undefined : problem?.(object);
    return found === undefined ? [] : [`${label} ${found}`];
  });
  if (missing.length === 0 && problems.length === 0) return yes(type, good);
  return no(type, missing.length > 0 ? missingReason : bad, [...(missing.length > 0 ? [notFound(missing)] : []), ...problems].join('; '));
}

/** Whether what the stack starts from is there: its adapter with its program, its workspace policy, its memory. */
function capabilities(missing: readonly string[], adapter: Adapter | undefined): Verdict {
  const type = 'CapabilitiesResolved';
  if (missing.length > 0 || adapter === undefined) return no(type, 'ReferenceMissing', notFound(missing));
  const { metadata: { name }, spec, status } = adapter;
  if (status?.phase === 'NotFound') return no(type, 'ProgramNotFound', `The program of adapter "${name}", "${spec.command?.[0] ?? ''}", is not on this machine`);
  if (status?.phase === 'Unsupported') {
    return no(type, 'AdapterUnsupported', `Adapter "${name}" is of type ${spec.adapterType} over ${spec.transport}; this installation starts acp and command adapters over stdio`);
  }
  return yes(type, 'AdapterManifestLoaded');
}

function mcpProblem({ status }: ObjectOf<typeof AgentMcpServer>): string | undefined {
  return status?.health === 'Unhealthy' || status?.phase === 'Unhealthy' ? `is unhealthy${status.message === undefined ? '' : `: ${status.message}`}` : undefined;
}

function skillProblem({ spec: { format, sourceRef, promptFragment } }: ObjectOf<typeof AgentSkill>): string | undefined {
  if (format === 'inline') return promptFragment === undefined ? 'is inline and has no promptFragment' : undefined;
  return sourceRef.path === undefined && sourceRef.url === undefined ? 'has a sourceRef that names neither a path nor a url' : undefined;
}

function subagentProblem({ spec: { taskKinds } }: ObjectOf<typeof AgentSubagent>): string | undefined {
  return taskKinds.length === 0 ? 'takes no kind of task: its taskKinds are empty' : undefined;
}

function missingOf(named: readonly Named<AnyKind>[]): string[] {
  return named.filter(({ object }) => object === undefined).map(({ label }) => label);
}

function notFound(labels: readonly string[]): string {
  return `Not found: ${labels.join(', ')}`;
}

const PERMISSION_CONDITIONS: ReadonlySet<string> = new Set(['RolesAdmitted', 'SecretsAdmitted', 'ConfigAdmitted']);

/** Source: seeds, 002, "stack status after missing grant". */
function readyReason(blocked: readonly Verdict[]): string {
  return blocked.every(({ type }) => PERMISSION_CONDITIONS.has(type)) ? 'PermissionRequirementsBlocked' : (blocked[0]?.reason ?? 'Blocked');
}

function yes(type: string, reason: string): Verdict {
  return { type, status: 'True', reason };
}

function no(type: string, reason: string, message: string): Verdict {
  return { type, status: 'False', reason, message };
}
