import { setCondition } from '#shared/kind/conditions';
import type { Condition } from '#shared/kind/objectMeta';
import { AgentMcpServer } from '#shared/kinds/agents/agentMcpServer';
import { AgentSkill } from '#shared/kinds/agents/agentSkill';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { AgentSubagent } from '#shared/kinds/agents/agentSubagent';
import type { AgentConfigGrant } from '#shared/kinds/identity/agentConfigGrant';
import type { AgentSecretGrant } from '#shared/kinds/identity/agentSecretGrant';
import { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import { timestampOf } from '../../../app/clock';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { Controller } from '../../../runtime/controller';
import { Dependents } from '../../../runtime/dependents';
import type { AgentsContext } from '../agentsContext';
import { sourceOf, type Grant } from './grantUse';

type Verdict = Omit<Condition, 'lastTransitionTime'>;
type Phase = NonNullable<NonNullable<Grant['status']>['phase']>;

/** Kinds that a grant's subject may name; tools are known to agents alone. */
const SUBJECT_KINDS = { 'agent-stack': AgentStack, subagent: AgentSubagent, 'mcp-server': AgentMcpServer, skill: AgentSkill, 'service-account': AgentServiceAccount } as const;
/** A timer holds 31 bits of milliseconds, about 24 days. */
const MAX_TIMER_MS = 86_400_000;

/** Says of every grant of a kind whether it counts: at its end, when it is revoked, when what it gives or whom it is for comes or goes. */
export function createGrantController(ctx: AgentsContext, kind: typeof AgentSecretGrant | typeof AgentConfigGrant): Controller {
  const dependents = new Dependents();
  const sources = ctx.secrets.kinds;
  return {
    name: `${kind.names.plural}-phase`,
    kind,
    watches: [kind.names.kind === 'AgentSecretGrant' ? sources.secret : sources.config, ...Object.values(SUBJECT_KINDS)].map((watched) => ({ kind: watched, dependents: (ref) => dependents.of(watched, ref) })),
    async reconcile({ org, name }) {
      const grant: Grant | undefined = await ctx.resources.find(kind as typeof AgentSecretGrant, { org, name });
      if (grant === undefined) return undefined;
      const source = sourceOf(grant);
      const { subject } = grant.spec;
      dependents.add({ org, name }, { kind: sources[source.kind].names.kind, name: source.name });
      if (subject.kind !== 'tool') dependents.add({ org, name }, { kind: SUBJECT_KINDS[subject.kind].names.kind, name: subject.name });
      const conditions = [await sourceCondition(ctx, org, grant), await subjectCondition(ctx.resources, org, grant)];
      const nowMs = ctx.clock.now();
      const now = timestampOf(ctx.clock);
      const phase = phaseOf(grant, conditions, nowMs);
      await ctx.resources.mutateStatus(kind as typeof AgentSecretGrant, { org, name }, (status, current) => {
        status.phase = phase;
        for (const condition of conditions) status.conditions = setCondition(status.conditions, { ...condition, observedGeneration: current.metadata.generation }, now);
        status.observedGeneration = current.metadata.generation;
      });
      const { expiresAt } = grant.spec;
      return phase === 'Expired' || phase === 'Revoked' || expiresAt === undefined ? undefined : { requeueAfterMs: Math.min(Math.max(Date.parse(expiresAt) - nowMs, 0) + 50, MAX_TIMER_MS) };
    },
  };
}

function phaseOf({ spec: { revoked, expiresAt } }: Grant, conditions: readonly Verdict[], nowMs: number): Phase {
  if (revoked) return 'Revoked';
  if (expiresAt !== undefined && Date.parse(expiresAt) <= nowMs) return 'Expired';
  return conditions.every(({ status }) => status === 'True') ? 'Active' : 'Blocked';
}

/** Source of the types and reasons: seeds, 002, "native ServiceAccount, roles, Secrets, and ConfigMaps". */
async function sourceCondition(ctx: AgentsContext, org: string, grant: Grant): Promise<Verdict> {
  const { kind, name, keys = [] } = sourceOf(grant);
  const word = kind === 'secret' ? 'Secret' : 'ConfigMap';
  const type = `${word}Exists`;
  const found = await ctx.secrets.describe(org, { kind, name });
  if (found === undefined) return { type, status: 'False', reason: `${word}Missing`, message: `There is no ${word} "${name}" in this organization` };
  const missing = keys.filter((key) => !found.keys.includes(key));
  if (missing.length > 0) return { type, status: 'False', reason: 'KeyMissing', message: `${word} "${name}" has no entry ${missing.map((key) => `"${key}"`).join(', ')}` };
  return { type, status: 'True', reason: `${word}Found` };
}

async function subjectCondition(resources: ResourceClient, org: string, { spec: { subject } }: Grant): Promise<Verdict> {
  const type = 'SubjectAuthorized';
  const wanted = [
    ...(subject.kind === 'tool' ? [] : [{ kind: SUBJECT_KINDS[subject.kind], name: subject.name }]),
    ...(subject.stackRef === undefined ? [] : [{ kind: AgentStack, name: subject.stackRef }]),
    ...(subject.serviceAccountRef === undefined ? [] : [{ kind: AgentServiceAccount, name: subject.serviceAccountRef }]),
  ];
  for (const { kind, name } of wanted) {
    if ((await resources.find(kind, { org, name })) === undefined) return { type, status: 'False', reason: 'SubjectMissing', message: `There is no ${kind.names.kind} "${name}" in this organization` };
  }
  return { type, status: 'True', reason: 'GrantMatchesSubject' };
}
