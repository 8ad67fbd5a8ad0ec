import { randomUUID } from 'node:crypto';
import { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import type { Actor } from '../../../resources/actor';
import type { ActorReference } from '../../../resources/actorReference';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { SignInPort } from '../signInPort';

export interface ActorOfDeps {
  readonly resources: () => ResourceClient;
  readonly signIn: () => Pick<SignInPort, 'findAccount' | 'trails'>;
}

export type ActorOf = (org: string, reference: ActorReference) => Promise<Actor | undefined>;

/**
 * Finds somebody that an object of an organization names, with the rights that they have now and a trail of their own: for what is done in their
 * name when they are not there. Undefined for whoever may not sign in any more, for runs, which do nothing when they are not at work, and for the
 * system, in whose name nothing needs to be asked.
 */
export function createActorOf(deps: ActorOfDeps): ActorOf {
  return async (org, reference) => {
    const actor = await find(deps, org, reference);
    if (actor === undefined) return undefined;
    const trail = deps.signIn().trails.begin({ door: 'http', correlationId: randomUUID(), actor });
    return { ...actor, trail };
  };
}

async function find({ resources, signIn }: ActorOfDeps, org: string, { kind, name }: ActorReference): Promise<Actor | undefined> {
  if (kind === 'user') return signIn().findAccount(name);
  if (kind !== 'agent') return undefined;
  const account = await resources().find(AgentServiceAccount, { org, name });
  return account === undefined ? undefined : { kind: 'service-account', name, orgs: [org] };
}
