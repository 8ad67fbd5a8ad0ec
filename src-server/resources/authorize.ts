import { StatusError } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import type { Actor } from './actor';

/** What an actor wants to do. Domains have verbs of their own beside these: `push`, `merge`, `dispatch`. */
export interface AccessRequest {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'update-status' | 'delete' | (string & {});
  readonly kind: AnyKind;
  /** `*` asks for a list or watch over every organization that the actor may see. */
  readonly org: string;
  /** Absent for lists. */
  readonly name?: string;
}

/** `hidden`: not even that the organization exists may be told. */
export type AccessDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly hidden: boolean; readonly reason: string };

/** The one place where permission is decided. Roles and rules are read here, so callers never change. */
export type Authorizer = (actor: Actor, request: AccessRequest) => Promise<AccessDecision>;

/**
 * The rules as they are now: controllers may do everything; a person everything in the organizations they belong to; a run may
 * read itself and nothing else (what its runner reports goes through the run endpoints, which act for the system).
 */
export function createAuthorizer(opts: { runKind: AnyKind }): Authorizer {
  return async (actor, request) => {
    if (actor.kind === 'system') return ALLOWED;
    if (actor.kind === 'run') return decideForRun(actor, request, opts.runKind);
    if (request.org === '*' || maySeeOrganization(actor, request.org)) return ALLOWED;
    if (request.verb === 'create' && request.kind.placement === 'platform') {
      return { allowed: false, hidden: false, reason: `Creating objects of kind ${request.kind.names.kind} takes access to all organizations` };
    }
    return { allowed: false, hidden: true, reason: `You are not a member of organization "${request.org}"` };
  };
}

/** Whether the organization exists, as far as this actor can tell. */
export function maySeeOrganization(actor: Actor, org: string): boolean {
  return actor.orgs === '*' || actor.orgs.includes(org);
}

/** Throws what the actor may know of a refusal: `Forbidden`, or `NotFound` (ORG_NOT_FOUND) where existence itself is hidden. */
export async function requireAccess(authorize: Authorizer, actor: Actor, request: AccessRequest): Promise<void> {
  const decision = await authorize(actor, request);
  if (decision.allowed) return;
  if (decision.hidden) throw organizationNotFound(request.org);
  throw new StatusError('Forbidden', decision.reason);
}

/** The same answer for an organization that is not there and for one that the actor may not see. */
export function organizationNotFound(org: string): StatusError {
  return new StatusError('NotFound', `There is no organization "${org}", or you may not see it`, { code: 'ORG_NOT_FOUND' });
}

const ALLOWED: AccessDecision = { allowed: true };

function decideForRun(actor: Actor, request: AccessRequest, runKind: AnyKind): AccessDecision {
  const own = actor.run;
  if (own === undefined || request.org !== own.org) return { allowed: false, hidden: true, reason: 'This token belongs to a run of another organization' };
  if (request.verb === 'get' && request.kind.names.kind === runKind.names.kind && request.name === own.name) return ALLOWED;
  return { allowed: false, hidden: false, reason: `A run's token may read its own ${runKind.names.kind} and nothing else` };
}
