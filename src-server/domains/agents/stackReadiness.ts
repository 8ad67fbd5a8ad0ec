import type { StatusOf } from '#shared/kind/defineKind';
import type { Condition } from '#shared/kind/objectMeta';
import { AgentAdapter } from '#shared/kinds/agents/agentAdapter';
import type { AgentStack } from '#shared/kinds/agents/agentStack';
import { AgentToolProfile } from '#shared/kinds/agents/agentToolProfile';
import { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import { KradleWorkspacePolicy } from '#shared/kinds/workspaces/kradleWorkspacePolicy';
import type { ResourceClient } from '../../resources/resourceClient';
import { adapterNameOf, type Adapter, type Stack } from './attempts';

export interface Readiness {
  readonly conditions: readonly Omit<Condition, 'lastTransitionTime'>[];
  readonly ready: boolean;
  readonly defaulted: NonNullable<StatusOf<typeof AgentStack>['defaulted']>;
  readonly adapter?: Adapter;
}

/** Where the agent's program has to be for the stack to be ready: the adapter controller finds out, and says so in its status. */
type Reader = Pick<ResourceClient, 'find'>;

/** The seeds' readiness of a stack (003 section 10), computed from what is there now, and what local mode filled in. */
export async function stackReadiness(resources: Reader, org: string, stack: Pick<Stack, 'spec'>): Promise<Readiness> {
  const { spec } = stack;
  const adapterName = adapterNameOf(spec);
  const adapter = await resources.find(AgentAdapter, { org, name: adapterName });
  const missing: string[] = [];
  if (adapter === undefined) missing.push(`AgentAdapter "${adapterName}" (spec.adapter)`);
  if (spec.workspacePolicyRef !== undefined && (await resources.find(KradleWorkspacePolicy, { org, name: spec.workspacePolicyRef })) === undefined) {
    missing.push(`KradleWorkspacePolicy "${spec.workspacePolicyRef}" (spec.workspacePolicyRef)`);
  }
  const profileFound = spec.toolProfileRef === undefined || (await resources.find(AgentToolProfile, { org, name: spec.toolProfileRef })) !== undefined;
  const account = spec.runtimeIdentity?.serviceAccountRef;
  const accountFound = account === undefined || (await resources.find(AgentServiceAccount, { org, name: account })) !== undefined;
  const conditions = [
    missing.length > 0
      ? no('CapabilitiesResolved', 'ReferenceMissing', `Not found: ${missing.join(', ')}`)
      : adapter?.status?.phase === 'NotFound'
        ? no('CapabilitiesResolved', 'ProgramNotFound', `The program of adapter "${adapterName}", "${adapter.spec.command?.[0] ?? ''}", is not on this machine`)
        : adapter?.status?.phase === 'Unsupported'
          ? no('CapabilitiesResolved', 'AdapterUnsupported', `Adapter "${adapterName}" is of type ${adapter.spec.adapterType} over ${adapter.spec.transport}; this installation starts acp and command adapters over stdio`)
          : yes('CapabilitiesResolved', 'AdapterManifestLoaded'),
    profileFound ? yes('ToolsAdmitted', spec.toolProfileRef === undefined ? 'NoToolProfile' : 'ToolProfileFound') : no('ToolsAdmitted', 'ToolProfileMissing', `AgentToolProfile "${spec.toolProfileRef ?? ''}" does not exist`),
    referenced('McpHealthy', 'AgentMcpServer', spec.mcpServerRefs),
    referenced('SkillsValidated', 'AgentSkill', spec.skillRefs),
    referenced('SubagentsValid', 'AgentSubagent', spec.subagentRefs),
    referenced('ContextLabelsValid', 'AgentContextLabel', spec.contextLabelRefs),
    accountFound ? yes('RuntimeIdentityReady', account === undefined ? 'LocalDefault' : 'ServiceAccountReady') : no('RuntimeIdentityReady', 'ServiceAccountMissing', `AgentServiceAccount "${account ?? ''}" does not exist`),
    referenced('RolesAdmitted', 'AgentRoleBinding', spec.permissionRefs?.roleBindings),
    referenced('SecretsAdmitted', 'AgentSecretGrant', spec.permissionRefs?.secretGrants),
    referenced('ConfigAdmitted', 'AgentConfigGrant', spec.permissionRefs?.configGrants),
  ];
  const blocked = conditions.filter(({ status }) => status !== 'True');
  const ready = blocked.length === 0;
  return {
    ready,
    conditions: [...conditions, ready ? yes('Ready', 'PolicyAdmitted') : no('Ready', blocked[0]?.reason ?? 'Blocked', blocked.map(({ message }) => message).join('; '))],
    defaulted: defaultsOf(stack, adapterName),
    ...(adapter === undefined ? {} : { adapter }),
  };
}

/** Kinds that this version does not have yet: an empty list is satisfied, a name cannot be. Saying "ready" would drop it silently. */
function referenced(type: string, kind: string, names: readonly string[] | undefined): Omit<Condition, 'lastTransitionTime'> {
  if (names === undefined || names.length === 0) return yes(type, 'NothingReferenced');
  return no(type, `${kind}Missing`, `Not found: ${names.map((name) => `${kind} "${name}"`).join(', ')}`);
}

function defaultsOf({ spec }: Pick<Stack, 'spec'>, adapterName: string): Readiness['defaulted'] {
  const defaults: Readiness['defaulted'] = [];
  if (spec.adapter === 'default') defaults.push({ field: 'spec.adapter', value: adapterName, reason: 'the adapter named like baseAgent' });
  if (spec.runtimeIdentity === undefined) defaults.push({ field: 'spec.runtimeIdentity', value: 'the user of this machine', reason: 'local mode runs agents as the user, with the user\'s own sign-ins' });
  if (spec.workspacePolicyRef === undefined) defaults.push({ field: 'spec.workspacePolicyRef', value: 'isolated-worktree', reason: 'each run gets a git worktree of its own' });
  if (spec.writeBackPolicy === undefined) defaults.push({ field: 'spec.writeBackPolicy.requireApproval', value: 'true', reason: 'a person approves before work leaves its workspace' });
  if (spec.limits?.deadline === undefined) defaults.push({ field: 'spec.limits.deadline', value: '1h', reason: 'runs end sometime' });
  if (spec.model === undefined) defaults.push({ field: 'spec.model', value: 'the agent\'s own setting', reason: 'no model is asked for' });
  return defaults;
}

function yes(type: string, reason: string): Omit<Condition, 'lastTransitionTime'> {
  return { type, status: 'True', reason };
}

function no(type: string, reason: string, message: string): Omit<Condition, 'lastTransitionTime'> {
  return { type, status: 'False', reason, message };
}
