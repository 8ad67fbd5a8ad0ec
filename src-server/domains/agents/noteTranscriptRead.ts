import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { Repository } from '#shared/kinds/forge/repository';
import type { Actor } from '../../resources/actor';
import { noteSensitiveRead } from '../../resources/auditTrail';
import type { AgentsContext } from './agentsContext';
import type { Run } from './runState';

/** Notes that somebody reads what an agent read and said, where not everybody may: in a private repository. */
export async function noteTranscriptRead(ctx: Pick<AgentsContext, 'resources'>, actor: Actor, { metadata, spec }: Run): Promise<void> {
  const { organizationRef: org, repository } = spec;
  if (actor.trail === undefined || (await ctx.resources.find(Repository, { org, name: repository }))?.spec.visibility !== 'private') return;
  await noteSensitiveRead(actor, { verb: 'read-transcript', kind: AgentDispatchRun.names.kind, org, name: metadata.name });
}
