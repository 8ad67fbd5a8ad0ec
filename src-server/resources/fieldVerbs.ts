import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { jsonEqual } from '#shared/kind/equality';
import type { Actor } from './actor';
import type { AccessDecision, AccessRequest, Authorizer } from './authorize';

/** What an update may change of the metadata: no verb but `update` covers it. */
const METADATA = ['labels', 'annotations', 'ownerReferences', 'finalizers'] as const;

/**
 * The authorizer of writes. Who may not update an object may still change the fields that verbs of their own cover (`fieldVerbs` of the
 * kind), as far as they may do those. Only a write asks this way: whether somebody may `update` is answered as ever.
 */
export function withFieldVerbs(authorizer: Authorizer): Authorizer {
  return {
    decide(actor, request) {
      const { verb, kind: { fieldVerbs } } = request;
      return verb === 'update' && fieldVerbs !== undefined ? decideUpdate(actor, request, fieldVerbs) : authorizer.decide(actor, request);
    },
    visibility: (actor, scope) => authorizer.visibility(actor, scope),
    onChange: (org, listener) => authorizer.onChange(org, listener),
  };

  async function decideUpdate(actor: Actor, request: AccessRequest, fieldVerbs: FieldVerbs): Promise<AccessDecision> {
    const decision = await authorizer.decide(actor, request);
    if (decision.allowed || decision.hidden !== false) return decision;
    const verbs = changedVerbs(fieldVerbs, request);
    if (verbs === 'update') return decision;
    const answers = await Promise.all([...new Set(verbs ?? Object.values(fieldVerbs))].map((each) => authorizer.decide(actor, { ...request, verb: each })));
    const allowed = answers.find((answer) => answer.allowed);
    // What changes is not known yet: the same question follows once it is.
    if (verbs === undefined) return allowed ?? decision;
    return answers.find((answer) => !answer.allowed) ?? allowed ?? decision;
  }
}

type FieldVerbs = NonNullable<AnyKind['fieldVerbs']>;

/** The verbs that cover everything that changes, `update` when something takes that; undefined when nothing changes, or it is not known what. */
function changedVerbs(fieldVerbs: FieldVerbs, { object, proposed, draft }: AccessRequest): readonly string[] | 'update' | undefined {
  if (object === undefined || proposed === undefined || draft === true) return undefined;
  if (METADATA.some((field) => !jsonEqual(object.metadata[field], proposed.metadata[field]))) return 'update';
  const verbs = changedFields(object, proposed).map((field) => fieldVerbs[`spec.${field}`] ?? 'update');
  if (verbs.includes('update')) return 'update';
  return verbs.length === 0 ? undefined : verbs;
}

function changedFields({ spec: before }: KradleObject, { spec: after }: KradleObject): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((field) => !jsonEqual(before[field], after[field]));
}
