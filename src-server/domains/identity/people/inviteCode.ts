import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { defineKind } from '#shared/kind/defineKind';
import { organizationRef, refTo, timestamp } from '#shared/kind/fields';

/**
 * A code with which an invitation can be accepted. Its name is the SHA-256 of the code in hexadecimal, which is all that is kept of it:
 * 256 random bits need no slow hash. Internal.
 */
export const InviteCode = defineKind({
  names: { kind: 'InviteCode', plural: 'invitecodes', singular: 'invitecode', title: 'Invitation codes' },
  context: 'identity',
  storage: 'config',
  placement: 'platform',
  purpose: 'Digest of a code with which an invitation is accepted',
  spec: () => z.object({
    organizationRef,
    invite: refTo('Invite'),
    /** Another invitation of the same name is not what the code was made for. */
    inviteUid: z.string(),
    /** Who has a code that was mailed has shown that the address is theirs; a link may have been handed to anybody. */
    sentBy: z.enum(['link', 'mail']),
  }),
  status: () => z.object({ replacedAt: timestamp.optional() }),
  columns: [],
  refs: [{ path: 'spec.invite', kind: 'Invite', required: true, owner: true }],
  authored: false,
});

/**
 * That somebody accepts an invitation. Its name is the uid of the Invite, so there is one at most: whoever makes it is the one. What they
 * get is written down in it, so that a server that is killed goes on with the same. Internal.
 */
export const InviteAcceptance = defineKind({
  names: { kind: 'InviteAcceptance', plural: 'inviteacceptances', singular: 'inviteacceptance', title: 'Accepted invitations' },
  context: 'identity',
  storage: 'config',
  placement: 'platform',
  purpose: 'Who accepted an invitation, and what they got',
  spec: () => z.object({
    organizationRef,
    invite: refTo('Invite'),
    account: z.string(),
    acceptedAt: timestamp,
    role: z.string(),
    teams: z.array(z.string()).default([]),
    groups: z.array(z.string()).default([]),
    /** There was no User of the account's name when it was accepted, or one with the address of the invitation. */
    adopt: z.boolean().default(false),
  }),
  status: () => z.object({ joinedAt: timestamp.optional() }),
  columns: [],
  refs: [{ path: 'spec.invite', kind: 'Invite', required: true, owner: true }],
  authored: false,
});

/** A new code, and what it is stored under. */
export function newInviteCode(): { readonly code: string; readonly name: string } {
  const code = randomBytes(32).toString('base64url');
  return { code, name: inviteCodeName(code) };
}

export function inviteCodeName(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}
