import type { AnyKind } from '#shared/kind/defineKind';
import type { Actor } from '../../../resources/actor';
import { maySeeOrganization, type AccessDecision, type AccessRequest, type Authorizer } from '../../../resources/authorize';

/** Decides by membership: controllers may do everything, a person everything in the organizations they belong to, a run may read itself. */
export function createAccessAuthorizer(opts: { runKind: AnyKind }): Authorizer {
  return {
    async decide(actor, request) {
      if (actor.kind === 'system') return { allowed: true, rule: 'system' };
      if (actor.kind === 'run') return decideForRun(actor, request, opts.runKind);
      if (request.org === '*' || maySeeOrganization(actor, request.org)) return { allowed: true, rule: 'members' };
      if (request.verb === 'create' && request.kind.placement === 'platform') {
        return { allowed: false, hidden: false, rule: 'members', reason: `Creating objects of kind ${request.kind.names.kind} takes access to all organizations` };
      }
      return { allowed: false, hidden: 'organization', rule: 'members', reason: `You are not a member of organization "${request.org}"` };
    },
    visibility: () => Promise.resolve(undefined),
    onChange: () => () => undefined,
  };
}

function decideForRun(actor: Actor, request: AccessRequest, runKind: AnyKind): AccessDecision {
  const own = actor.run;
  if (own === undefined || request.org !== own.org) return { allowed: false, hidden: 'organization', rule: 'run-self', reason: 'This token belongs to a run of another organization' };
  if (request.verb === 'get' && request.kind.names.kind === runKind.names.kind && request.name === own.name) return { allowed: true, rule: 'run-self' };
  return { allowed: false, hidden: false, rule: 'run-self', reason: `A run's token may read its own ${runKind.names.kind} and nothing else` };
}
