import type { ObjectOf } from '#shared/kind/defineKind';
import type { AgentConfigGrant } from '#shared/kinds/identity/agentConfigGrant';
import type { AgentSecretGrant } from '#shared/kinds/identity/agentSecretGrant';
import { accessProblem, type AccessHolder } from '../accessInForce';
import type { GrantedKind } from '../secretsPort';
import { matchesGlob } from './globPattern';

export type Grant = ObjectOf<typeof AgentSecretGrant> | ObjectOf<typeof AgentConfigGrant>;

/** What a grant gives, whichever kind it is. */
export interface GrantSource {
  readonly kind: GrantedKind;
  readonly name: string;
  /** Absent: all entries. */
  readonly keys?: readonly string[];
}

/** Parts of an agent that a grant may be for. */
export type AgentParts = Readonly<Record<'mcp-server' | 'skill' | 'subagent', readonly string[]>>;

/** The use that is to be made of grants: by whom, where, since what. */
export interface GrantSituation extends AccessHolder {
  readonly parts: AgentParts;
  /** Grants that the agent or its run names. */
  readonly named: ReadonlySet<string>;
  readonly repository?: string | undefined;
  /** Full reference name. */
  readonly ref?: string | undefined;
  readonly triggerSource?: string | undefined;
  /** The code may be of people who cannot push here. */
  readonly untrusted: boolean;
  readonly secretPolicy?: { readonly allowOnForks?: boolean | undefined; readonly allowedSecretRefs?: readonly string[] | undefined } | undefined;
  /** RFC 3339. */
  readonly now: string;
}

/** `problem`: why it gives nothing, in words that follow its name. `approval`: why a person has to say yes first. */
export type GrantVerdict = { readonly problem: string } | { readonly problem?: undefined; readonly approval?: string | undefined };

export function sourceOf(grant: Grant): GrantSource {
  const [kind, reference] = grant.kind === 'AgentSecretGrant' ? (['secret', grant.spec.secretRef] as const) : (['config', grant.spec.configMapRef] as const);
  return { kind, name: reference.name, ...(reference.keys === undefined ? {} : { keys: reference.keys }) };
}

/** Whether a grant is meant for this agent at all, in force or not. */
export function isForAgent({ metadata, spec: { subject } }: Grant, situation: Pick<GrantSituation, 'stack' | 'serviceAccount' | 'parts' | 'named'>): boolean {
  const within = subject.stackRef === undefined || subject.stackRef === situation.stack;
  switch (subject.kind) {
    case 'agent-stack':
      return subject.name === situation.stack && within;
    case 'service-account':
      return subject.name === situation.serviceAccount && within;
    case 'mcp-server':
    case 'skill':
    case 'subagent':
      return within && situation.parts[subject.kind].includes(subject.name);
    case 'tool':
      // What tools an agent has only it knows: the grant or the agent has to say that the two belong together.
      return subject.stackRef === situation.stack || (within && situation.named.has(metadata.name));
  }
}

/** Whether a grant that is meant for this agent may be used here and now. */
export function judgeGrant(grant: Grant, situation: GrantSituation): GrantVerdict {
  const { spec } = grant;
  const { repository, ref, triggerSource } = situation;
  const problem = accessProblem(spec, situation, situation.now);
  if (problem !== undefined) return { problem };
  if (spec.allowedRepositories !== undefined && repository !== undefined && !spec.allowedRepositories.includes(repository)) {
    return { problem: `is for the repositories ${listed(spec.allowedRepositories)}, not for "${repository}"` };
  }
  const refProblem = ref === undefined ? undefined : problemOfRef(spec.allowedRefs, ref);
  if (refProblem !== undefined) return { problem: refProblem };
  if (spec.allowedTriggerSources !== undefined && triggerSource !== undefined && !spec.allowedTriggerSources.includes(triggerSource)) {
    return { problem: `is for runs that are started by ${listed(spec.allowedTriggerSources)}, not by ${triggerSource}` };
  }
  const source = sourceOf(grant);
  const allowed = situation.secretPolicy?.allowedSecretRefs;
  if (source.kind === 'secret' && allowed !== undefined && !allowed.includes(source.name)) return { problem: `gives Secret "${source.name}", which the agent's secretPolicy does not allow` };
  return judgeTrust(grant, situation);
}

function judgeTrust({ spec: { requiredApproval } }: Grant, { untrusted, secretPolicy, ref }: GrantSituation): GrantVerdict {
  const where = ref ?? 'this code';
  if (requiredApproval === 'always' && !untrusted) return { approval: 'each use of it is approved' };
  if (!untrusted) return {};
  if (secretPolicy?.allowOnForks === false) return { problem: `is not used on ${where}: the agent's secretPolicy keeps Secrets from code of people who cannot push here` };
  if (requiredApproval !== 'never') return { approval: `${where} may hold code of people who cannot push here` };
  return secretPolicy?.allowOnForks === true ? {} : { problem: `is not used on ${where}, which may hold code of people who cannot push here: set requiredApproval to on-untrusted-ref, or secretPolicy.allowOnForks of the agent` };
}

function problemOfRef(refs: Grant['spec']['allowedRefs'], ref: string): string | undefined {
  const names = [ref, ref.replace(/^refs\/(heads|tags)\//, '')];
  const matches = (pattern: string) => names.some((name) => matchesGlob(pattern, name));
  const excluded = refs?.exclude?.find(matches);
  if (excluded !== undefined) return `is not for ${ref}, which "${excluded}" shuts out`;
  if (refs?.include !== undefined && !refs.include.some(matches)) return `is for the references ${listed(refs.include)}, not for ${ref}`;
  return undefined;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `"${name}"`).join(', ');
}
