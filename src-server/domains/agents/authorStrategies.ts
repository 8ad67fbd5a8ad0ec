import type { StatusCause } from '#shared/api/status';
import { jsonEqual } from '#shared/kind/equality';
import { AgentApproval } from '#shared/kinds/agents/agentApproval';
import { AgentContextLabel } from '#shared/kinds/agents/agentContextLabel';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentSessionAttachment } from '#shared/kinds/agents/agentSessionAttachment';
import { toActorReference } from '../../resources/actorReference';
import { defineStrategy, type AnyStrategy } from '../../resources/strategy';

/** Of the kinds that say who did something: it is who did it, whatever a client sends. */
export function createAuthorStrategies(): AnyStrategy[] {
  return [approvalStrategy, attachmentStrategy, contextLabelStrategy];
}

const approvalStrategy = defineStrategy<typeof AgentApproval>({
  kind: AgentApproval,
  prepare({ spec }, { actor, current }) {
    if (actor.kind !== 'system') spec.requestedBy = current?.spec.requestedBy ?? toActorReference(actor);
  },
  /** What a run of this server asks, the server asks: people would find a question answered that was never put. */
  async validate({ spec }, { operation, actor, org, resources }): Promise<readonly StatusCause[]> {
    if (operation === 'update' || actor.kind === 'system') return [];
    const run = await resources.find(AgentDispatchRun, { org, name: spec.dispatchRun });
    // A run without a task is the record of one elsewhere.
    if (run?.spec.prompt === undefined) return [];
    return [{ code: 'FieldValueForbidden', field: 'spec.dispatchRun', message: `run "${spec.dispatchRun}" asks for its approvals itself; only those of a run elsewhere can be brought here` }];
  },
});

const attachmentStrategy = defineStrategy<typeof AgentSessionAttachment>({
  kind: AgentSessionAttachment,
  prepare({ spec }, { actor, current }) {
    if (current !== undefined) spec.uploadedBy = current.spec.uploadedBy;
    else if (actor.kind !== 'system') spec.uploadedBy = toActorReference(actor);
  },
});

/** Whoever says that a text was reviewed has reviewed it: the text as it is now, today. */
const contextLabelStrategy = defineStrategy<typeof AgentContextLabel>({
  kind: AgentContextLabel,
  prepare({ spec }, { actor, current, now }) {
    if (actor.kind === 'system') return;
    const { reviewedBy, reviewedAt } = current?.spec ?? {};
    if (spec.reviewedBy !== undefined && !jsonEqual(spec.reviewedBy, reviewedBy)) Object.assign(spec, { reviewedBy: toActorReference(actor), reviewedAt: now });
    // Another text is one that nobody has reviewed yet.
    else if (current !== undefined && spec.promptFragment !== current.spec.promptFragment) Object.assign(spec, { reviewedBy: undefined, reviewedAt: undefined });
    else Object.assign(spec, { reviewedBy, reviewedAt });
  },
});
