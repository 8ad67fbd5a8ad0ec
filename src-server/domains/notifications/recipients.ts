import type { NotificationType } from '#shared/api/notifications';
import type { AnyKind } from '#shared/kind/defineKind';
import { User } from '#shared/kinds/identity/user';
import type { ActorReference } from '../../resources/actorReference';
import type { ResourceClient } from '../../resources/resourceClient';
import type { Accounts } from '../identity/accounts/accounts';
import type { Notifications } from './notifications';

/** What somebody may be told of. */
export interface Happening {
  readonly type: NotificationType;
  readonly org: string;
  /** Who may not do this to the object is told nothing of it. */
  readonly object: { readonly kind: AnyKind; readonly name: string; readonly verb: string };
  /** Whose it is: those who asked for it. */
  readonly owners: readonly (ActorReference | undefined)[];
}

export interface RecipientsDeps {
  readonly resources: ResourceClient;
  readonly accounts: Pick<Accounts, 'findActor'>;
  readonly notifications: Pick<Notifications, 'preferences'>;
}

/** The accounts that want to hear of it and may. */
export async function findRecipients({ resources, accounts, notifications }: RecipientsDeps, happening: Happening): Promise<string[]> {
  const { type, org, object } = happening;
  const owners = new Set(happening.owners.flatMap((each) => (each?.kind === 'user' ? [each.name] : [])));
  const { items: members } = await resources.list(User, { org, fieldSelector: 'spec.disabled!=true' });
  const recipients: string[] = [];
  // An installation's administrator starts runs in organizations that it is no member of.
  for (const account of new Set([...owners, ...members.map(({ metadata }) => metadata.name)])) {
    const { about } = (await notifications.preferences(account)).types[type];
    if (about === 'none' || (about === 'mine' && !owners.has(account))) continue;
    const actor = await accounts.findActor(account);
    if (actor === undefined) continue;
    const { allowed } = await resources.as(actor).may(object.verb, object.kind, { org, name: object.name });
    if (allowed) recipients.push(account);
  }
  return recipients;
}
