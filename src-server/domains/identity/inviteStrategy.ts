import { Invite } from '#shared/kinds/identity/invite';
import { toActorReference } from '../../resources/actorReference';
import { expiryCauses } from '../../resources/expiryCauses';
import { defineStrategy } from '../../resources/strategy';

/** How long an invitation can be accepted when it does not say, in ms. Source: seeds, "Identity": seven days. */
const INVITE_LIFETIME_MS = 7 * 24 * 3_600_000;

/** Who invites is who asks, and every invitation ends. */
export const inviteStrategy = defineStrategy({
  kind: Invite,
  prepare({ spec }, { actor, current, now }) {
    spec.expiresAt ??= current?.spec.expiresAt ?? new Date(Date.parse(now) + INVITE_LIFETIME_MS).toISOString();
    spec.invitedBy = current === undefined ? toActorReference(actor) : current.spec.invitedBy;
  },
  validate: ({ spec }, ctx) => expiryCauses('spec.expiresAt', spec.expiresAt, ctx),
  canonicalize({ spec }) {
    spec.email = spec.email.toLowerCase();
  },
});
