import { User } from '#shared/kinds/identity/user';
import type { Actor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';

/** Name and address that a commit carries. */
export interface CommitIdentity {
  readonly name: string;
  readonly email: string;
}

/** Who a commit made for this actor is by: the User object where there is one, else what the door knows. */
export async function commitIdentityOf(resources: ResourceClient, org: string, actor: Actor): Promise<CommitIdentity> {
  const user = actor.kind === 'user' ? await resources.find(User, { org, name: actor.name }) : undefined;
  return {
    name: clean(user?.spec.displayName ?? actor.displayName ?? actor.name),
    email: clean(user?.spec.email ?? actor.email ?? `${actor.name}@localhost`),
  };
}

/** Git ends a name at these, and would refuse or cut a line that has them. */
function clean(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what must go
  return text.replace(/[<>\u0000-\u001f]/g, '').trim() || 'unknown';
}
