import type { AnyKind } from '../../shared/kind/defineKind';
import { maySeeOrganization, type AccessDecision, type Authorizer } from '../../src-server/resources/authorize';

/**
 * For tests that are not about permission: who belongs to an organization may do everything in it, and a run may read itself. The server's
 * own is `createAccessAuthorizer`.
 */
export function createMembersAuthorizer(opts: { runKind: AnyKind }): Authorizer {
  return {
    async decide(actor, request): Promise<AccessDecision> {
      const allowed = { allowed: true, rule: 'members' } as const;
      if (actor.kind === 'system') return allowed;
      if (actor.kind === 'run') {
        const own = actor.run;
        if (own === undefined || request.org !== own.org) return { allowed: false, hidden: 'organization', rule: 'run-self', reason: 'This token belongs to a run of another organization' };
        if (request.verb === 'get' && request.kind.names.kind === opts.runKind.names.kind && request.name === own.name) return allowed;
        return { allowed: false, hidden: false, rule: 'run-self', reason: `A run's token may read its own ${opts.runKind.names.kind} and nothing else` };
      }
      if (request.org === '*' || maySeeOrganization(actor, request.org)) return allowed;
      if (request.verb === 'create' && request.kind.placement === 'platform') {
        return { allowed: false, hidden: false, rule: 'members', reason: `Creating objects of kind ${request.kind.names.kind} takes access to all organizations` };
      }
      return { allowed: false, hidden: 'organization', rule: 'members', reason: `You are not a member of organization "${request.org}"` };
    },
    visibility: () => Promise.resolve(undefined),
    onChange: () => () => undefined,
  };
}
