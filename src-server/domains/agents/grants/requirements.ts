import { AgentCapabilityRequirement } from '#shared/kinds/agents/agentCapabilityRequirement';
import { AgentMcpServer } from '#shared/kinds/agents/agentMcpServer';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { Stack } from '../attempts';
import type { GrantedKind } from '../secretsPort';
import type { JudgedGrant } from './findGrants';
import { sourceOf } from './grantUse';

/** An entry of a Secret or ConfigMap that something of an agent cannot do without. */
export interface Requirement {
  /** The part that needs it, as a grant's subject names it. */
  readonly owner: { readonly kind: 'agent-stack' | 'subagent' | 'tool' | 'mcp-server' | 'skill'; readonly name: string };
  readonly kind: GrantedKind;
  readonly name: string;
  /** Absent: whatever entries there are. */
  readonly keys?: readonly string[];
  readonly purpose: string;
}

/** The grant that meets a requirement, or that would if a person said yes; undefined when there is none. */
export interface MetRequirement {
  readonly requirement: Requirement;
  readonly met?: JudgedGrant;
  /** Why grants of it that there are do not count. */
  readonly problems: readonly string[];
}

/** What an agent needs: its MCP servers' references, and what records of its capabilities say. */
export async function requirementsOf(resources: Pick<ResourceClient, 'find' | 'list'>, org: string, { metadata, spec }: Pick<Stack, 'metadata' | 'spec'>): Promise<Requirement[]> {
  const servers = await Promise.all((spec.mcpServerRefs ?? []).map((name) => resources.find(AgentMcpServer, { org, name })));
  const ofServers = servers.flatMap((server) => {
    if (server === undefined) return [];
    const owner = { kind: 'mcp-server', name: server.metadata.name } as const;
    const purpose = `mcp-server:${owner.name}`;
    const entry = (kind: GrantedKind) => ({ name, key }: { name: string; key?: string | undefined }): Requirement => ({ owner, kind, name, purpose, ...(key === undefined ? {} : { keys: [key] }) });
    return [...(server.spec.secretRefs ?? []).map(entry('secret')), ...(server.spec.configRefs ?? []).map(entry('config'))];
  });
  const { items } = await resources.list(AgentCapabilityRequirement, { org, fieldSelector: `spec.ownerRef.name=${metadata.name}` });
  const recorded = items.filter(({ spec: { ownerRef } }) => ownerRef.kind === 'AgentStack').flatMap(({ spec: { requiredSecretRefs = [], requiredConfigRefs = [] } }) => {
    const entry = (kind: GrantedKind) => (each: (typeof requiredSecretRefs)[number]): Requirement => ({
      owner: ownerOf(each, metadata.name), kind, name: each.name, purpose: each.reason, ...(each.key === undefined ? {} : { keys: [each.key] }),
    });
    return [...requiredSecretRefs.map(entry('secret')), ...requiredConfigRefs.map(entry('config'))];
  });
  return [...ofServers, ...recorded];
}

/** Finds the grant that meets each requirement: of its purpose, for its owner or the whole agent, with every key. */
export function meetRequirements(requirements: readonly Requirement[], grants: readonly JudgedGrant[]): MetRequirement[] {
  return requirements.map((requirement) => {
    const fitting = grants.filter((judged) => fits(judged, requirement));
    const good = fitting.filter(({ problem }) => problem === undefined);
    const met = good.find(({ approval }) => approval === undefined) ?? good[0];
    const problems = fitting.flatMap(({ grant, problem }) => (problem === undefined ? [] : [`${grant.kind} "${grant.metadata.name}" ${problem}`]));
    return { requirement, problems, ...(met === undefined ? {} : { met }) };
  });
}

/** `github-commenter requires Secret "github-writeback" (token)`. */
export function describeRequirement({ owner, kind, name, keys }: Requirement): string {
  return `${owner.name} requires ${kind === 'secret' ? 'Secret' : 'ConfigMap'} "${name}"${keys === undefined ? '' : ` (${keys.join(', ')})`}`;
}

function fits({ grant }: JudgedGrant, requirement: Requirement): boolean {
  const source = sourceOf(grant);
  if (source.kind !== requirement.kind || source.name !== requirement.name || grant.spec.purpose !== requirement.purpose) return false;
  if (source.keys !== undefined && (requirement.keys === undefined || !requirement.keys.every((key) => source.keys?.includes(key)))) return false;
  const { subject } = grant.spec;
  const isWhole = subject.kind === 'agent-stack' || subject.kind === 'service-account';
  return isWhole || (subject.kind === requirement.owner.kind && subject.name === requirement.owner.name);
}

function ownerOf(each: { toolRef?: string | undefined; mcpServerRef?: string | undefined; skillRef?: string | undefined; subagentRef?: string | undefined }, stack: string): Requirement['owner'] {
  if (each.toolRef !== undefined) return { kind: 'tool', name: each.toolRef };
  if (each.mcpServerRef !== undefined) return { kind: 'mcp-server', name: each.mcpServerRef };
  if (each.skillRef !== undefined) return { kind: 'skill', name: each.skillRef };
  if (each.subagentRef !== undefined) return { kind: 'subagent', name: each.subagentRef };
  return { kind: 'agent-stack', name: stack };
}
