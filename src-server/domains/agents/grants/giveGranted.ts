import { isStatusError } from '#shared/api/status';
import { AgentConfigGrant } from '#shared/kinds/identity/agentConfigGrant';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentSecretGrant } from '#shared/kinds/identity/agentSecretGrant';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import type { Actor } from '../../../resources/actor';
import { timestampOf } from '../../../app/clock';
import type { AgentsContext } from '../agentsContext';
import type { GrantedValue, GrantedValues } from '../runnerProtocol';
import type { Run, RunStatus } from '../runState';
import { approvedGrants } from '../startApprovals';
import { findGrants, situationOf, type JudgedGrant } from './findGrants';
import { sourceOf, type Grant } from './grantUse';
import { variableName } from './variableName';

type Given = NonNullable<RunStatus['granted']>[number];

/**
 * What the grants of a run give its agent, as they are now: who was to have it when the run was dispatched may not be any more. Notes each
 * use in the grant, in the run and in the trail of the request.
 */
export async function giveGranted(ctx: AgentsContext, org: string, { run, actor }: { run: Run; actor: Actor }): Promise<GrantedValues> {
  const usable = await usableGrants(ctx, org, run);
  const values: GrantedValue[] = [];
  const given: Given[] = [];
  for (const judged of usable) {
    const one = await readGrant(ctx, org, judged.grant);
    if ('failure' in one) return { values: [], failure: one.failure };
    values.push(...one.values);
    given.push(one.given);
  }
  await noteUse(ctx, org, { run, actor, given });
  return { values };
}

async function usableGrants(ctx: AgentsContext, org: string, run: Run): Promise<JudgedGrant[]> {
  const stack = await ctx.resources.find(AgentStack, { org, name: run.spec.agentStack });
  if (stack === undefined) return [];
  const situation = await situationOf(ctx.resources, { org, stack, run: run.spec, now: timestampOf(ctx.clock) });
  const [grants, approved] = await Promise.all([findGrants(ctx.resources, org, situation), approvedGrants(ctx, { org, run })]);
  return grants
    .filter(({ grant, problem, approval }) => problem === undefined && grant.spec.mountPolicy !== 'never-mount-pass-by-reference' && (approval === undefined || approved.has(`${grant.kind}/${grant.metadata.name}`)))
    .sort((a, b) => (a.grant.metadata.name < b.grant.metadata.name ? -1 : 1));
}

async function readGrant(ctx: AgentsContext, org: string, grant: Grant): Promise<{ values: GrantedValue[]; given: Given } | { failure: string }> {
  const { kind, name, keys } = sourceOf(grant);
  const what = `${kind === 'secret' ? 'Secret' : 'ConfigMap'} "${name}"`;
  const described = await ctx.secrets.describe(org, { kind, name });
  if (described === undefined) return { failure: `${grant.kind} "${grant.metadata.name}" gives ${what}, which does not exist. Create it, or revoke the grant, then retry the run.` };
  const wanted = keys ?? described.keys;
  const missing = wanted.filter((key) => !described.keys.includes(key));
  if (missing.length > 0) return { failure: `${grant.kind} "${grant.metadata.name}" gives ${missing.map((key) => `"${key}"`).join(', ')} of ${what}, which has no such entry. It has: ${described.keys.join(', ') || 'none'}.` };
  try {
    const read = await ctx.secrets.read(org, { kind, name, keys: wanted, version: described.version });
    const mount = grant.spec.mountPolicy === 'file' ? 'file' : 'env';
    return {
      values: [...read].map(([key, value]) => ({ kind, source: name, key, mount, variable: variableName(key), value: value.toString('base64') })),
      given: { kind: grant.kind, grant: grant.metadata.name, name, keys: [...read.keys()].sort(), ...(described.version === undefined ? {} : { version: described.version }) },
    };
  } catch (error) {
    // To ask again would not help: the run says so instead of waiting for ever.
    if (isStatusError(error, 'InternalError', 'NotFound')) return { failure: error.message };
    throw error;
  }
}

async function noteUse(ctx: AgentsContext, org: string, { run, actor, given }: { run: Run; actor: Actor; given: readonly Given[] }): Promise<void> {
  const now = timestampOf(ctx.clock);
  for (const { kind, grant, name, keys, version } of given) {
    await actor.trail?.note(actor, {
      verb: 'use-secret', kind: kind === 'AgentSecretGrant' ? 'Secret' : 'ConfigMap', org, name, outcome: 'allowed', rule: `${kind}/${grant}`,
      details: { run: run.metadata.name, agent: run.spec.agentStack, keys, ...(version === undefined ? {} : { version }) },
    });
    await ifThere(kind === 'AgentSecretGrant'
      ? ctx.resources.mutateStatus(AgentSecretGrant, { org, name: grant }, (status) => void (status.lastUsedAt = now))
      : ctx.resources.mutateStatus(AgentConfigGrant, { org, name: grant }, (status) => void (status.lastUsedAt = now)));
  }
  if (given.length === 0) return;
  await ctx.resources.mutateStatus(AgentDispatchRun, { org, name: run.metadata.name }, (status) => {
    const isAgain = (before: Given) => given.some((each) => each.kind === before.kind && each.grant === before.grant && each.version === before.version);
    status.granted = [...(status.granted ?? []).filter((before) => !isAgain(before)), ...given];
  });
}

async function ifThere(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
