import { StatusError } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { Actor } from './actor';
import { noteRefusal } from './auditTrail';
import { describeObject, keyOf } from './objectScope';

/** What an actor wants to do. Domains have verbs of their own beside these: `push`, `merge`, `dispatch`. */
export interface AccessRequest {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'update-status' | 'delete' | (string & {});
  readonly kind: AnyKind;
  /** `*` asks for a list or watch over every organization that the actor may see. */
  readonly org: string;
  /** Absent for lists. */
  readonly name?: string;
  /** The object as it is, for rules that read what is in it. */
  readonly object?: KradleObject;
  /** The object as it is to be, for one that is created or changed. */
  readonly proposed?: KradleObject;
  /** `proposed` is not admitted yet: its fields may be anything. The same question follows once it is. */
  readonly draft?: true;
}

/** What a refused actor may not know of: the organization, or the object alone. */
export type Hidden = 'organization' | 'object' | false;

/** `rule` is the id of the row of the permission table that decided; a refusal's names the row that would allow it. */
export type AccessDecision =
  | { readonly allowed: true; readonly rule: string }
  | {
    readonly allowed: false;
    readonly hidden: Hidden;
    readonly rule: string;
    readonly reason: string;
    /** Of a hidden object: what is said to be missing, when it is another than the one that was asked for. */
    readonly missing?: { readonly kind: AnyKind; readonly name: string };
    /** Code of the error that the actor gets, when `Forbidden` does not say it all: ORG_SUSPENDED. */
    readonly code?: string;
  };

/** Whether the actor may know of an object. Pure: it answers by the rules and facts of when it was asked for. */
export type Visible = (object: KradleObject) => boolean;

/** The one place where permission is decided. */
export interface Authorizer {
  decide(actor: Actor, request: AccessRequest): Promise<AccessDecision>;
  /**
   * Which objects of a kind the actor may know of, in one organization or in all (`*`): lists, watches, counts and searches show no
   * others. Undefined: all of the organizations that the actor belongs to. The same function as before when nothing has changed.
   */
  visibility(actor: Actor, scope: { readonly kind: AnyKind; readonly org: string }): Promise<Visible | undefined>;
  /** Calls back after a change of what decisions about the organization (`*`: about any) rest on; answers how to stop that. */
  onChange(org: string, listener: () => void): () => void;
}

/** Whether the organization exists, as far as this actor can tell. */
export function maySeeOrganization(actor: Actor, org: string): boolean {
  const only = actor.limits?.org;
  return (only === undefined || only === org) && (actor.orgs === '*' || actor.orgs.includes(org));
}

/** Answers the rule that allows it. Throws what the actor may know of a refusal: `Forbidden`, or `NotFound` where existence itself is hidden. */
export async function requireAccess(authorizer: Authorizer, actor: Actor, request: AccessRequest): Promise<string> {
  const decision = await authorizer.decide(actor, request);
  if (decision.allowed) return decision.rule;
  throw await refused(actor, decision, request);
}

/** Records a refusal, and answers what the actor is told. */
export async function refused(actor: Actor, decision: Extract<AccessDecision, { allowed: false }>, request: AccessRequest): Promise<StatusError> {
  await noteRefusal(actor, decision, request);
  return refusal(decision, request);
}

/** What the actor is told: `Forbidden` with the reason, or `NotFound` as for what is not there. */
export function refusal(decision: Extract<AccessDecision, { allowed: false }>, { kind, org, name }: AccessRequest): StatusError {
  if (decision.hidden === 'organization') return organizationNotFound(org);
  if (decision.missing !== undefined) return objectNotFound(decision.missing.kind, org, decision.missing.name);
  if (decision.hidden === 'object' && name !== undefined) return objectNotFound(kind, org, name);
  return new StatusError('Forbidden', decision.reason, decision.code === undefined ? {} : { code: decision.code });
}

/** The same answer for an organization that is not there and for one that the actor may not see. */
export function organizationNotFound(org: string): StatusError {
  return new StatusError('NotFound', `There is no organization "${org}", or you may not see it`, { code: 'ORG_NOT_FOUND' });
}

/** The same answer for an object that is not there and for one that the actor may not see. */
export function objectNotFound(kind: AnyKind, org: string, name: string): StatusError {
  return new StatusError('NotFound', `There is no ${kind.names.kind} "${name}"${kind.placement === 'org' ? ` in organization "${org}"` : ''}`, {
    resource: describeObject(kind, keyOf(kind, org, name)),
  });
}
