import { randomBytes } from 'node:crypto';
import { normalizeName } from '#shared/kind/names';
import { Invite } from '#shared/kinds/identity/invite';
import { toActorReference } from '../../resources/actorReference';
import { expiryCauses } from '../../resources/expiryCauses';
import { defineStrategy } from '../../resources/strategy';

/** How long an invitation can be accepted when it does not say, in ms. Source: seeds, "Identity": seven days. */
const INVITE_LIFETIME_MS = 7 * 24 * 3_600_000;

/** Who invites is who asks, and every invitation ends. */
export const inviteStrategy = defineStrategy({
  kind: Invite,
  defaultName(spec) {
    const { email } = spec as { email?: unknown };
    // The part before the @, so that a list of invitations can be read; what follows tells two for one person apart.
    return typeof email === 'string' ? `${normalizeName(email.split('@', 1)[0] ?? '').slice(0, 40)}-${randomBytes(4).toString('hex')}` : undefined;
  },
  prepare({ spec }, { actor, current, now }) {
    spec.expiresAt ??= current?.spec.expiresAt ?? new Date(Date.parse(now) + INVITE_LIFETIME_MS).toISOString();
    spec.invitedBy = current === undefined ? toActorReference(actor) : current.spec.invitedBy;
  },
  validate({ spec }, ctx) {
    return [
      ...expiryCauses('spec.expiresAt', spec.expiresAt, ctx),
      ...(spec.role === 'agent' ? [{ code: 'FieldValueNotSupported', field: 'spec.role', message: 'people are not invited as "agent"; make a service account for an agent' }] : []),
    ];
  },
  canonicalize({ spec }) {
    spec.email = spec.email.toLowerCase();
  },
});
