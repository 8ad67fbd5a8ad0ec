/** Inputs and outputs of the verbs about people: invitations and teams. */
import { z } from 'zod';
import { objectName, timestamp } from '../kind/objectMeta';
import { orgParam } from './paging';

const email = z.email('must be an e-mail address such as ada@example.com').max(320);
/** Days that an invitation can be accepted. */
const days = z.number().int().min(1).max(90).default(7).describe('Days until it can be accepted no more.');

/** 256 random bits, base64url. */
export const inviteCode = z.string().regex(/^[\w-]{43}$/, 'must be the code of an invitation link: 43 letters, digits, "-" and "_"');
export const inviteCodeParam = z.object({ code: inviteCode });

export const inviteParam = orgParam.extend({ name: objectName.describe('Name of the Invite.') });

export const inviteInput = orgParam.extend({
  emails: z.array(email).min(1).max(100).describe('Whom to invite, each by an invitation of their own.'),
  role: z.string().min(1).max(100).default('developer').describe('What they become: viewer, reviewer, developer, maintainer, admin or, invited by an owner, owner. Any other word makes a developer with that group.'),
  teams: z.array(objectName).max(100).optional().describe('Teams that they join.'),
  message: z.string().max(2000).optional().describe('Words to them, sent with the invitation.'),
  days,
});

/** What who invites has to know. The link is told once: only its digest is kept. */
export const issuedInvite = z.object({
  name: objectName,
  email: z.string(),
  role: z.string(),
  expiresAt: timestamp,
  link: z.string().describe('Address at which the invitation is accepted; shown once.'),
  mail: z.enum(['sending', 'off']).describe('Whether it is on its way by mail, too, or the server has no mail.'),
});
export type IssuedInvite = z.output<typeof issuedInvite>;

export const inviteOutput = z.object({
  invites: z.array(issuedInvite),
  refused: z.array(z.object({ email: z.string(), code: z.string(), message: z.string() })).describe('Addresses that were not invited, each with the reason.'),
});

export const resendInviteInput = inviteParam.extend({ days });

/** All that the holder of a code is told before they accept. */
export const invitationView = z.object({
  organization: z.object({ slug: z.string(), displayName: z.string() }),
  inviter: z.string().describe('Who invites, as people know them.'),
  role: z.string(),
  email: z.string().describe('Whom the invitation was addressed to.'),
});
export type InvitationView = z.output<typeof invitationView>;

/** The account that an invitation makes for who has none. */
export const newAccount = z.object({
  username: z.string().min(1).max(60).describe('Login; brought to lower case letters, digits and "-", and numbered when it is taken.'),
  displayName: z.string().min(1).max(200),
  password: z.string().min(1).max(1000),
});
export type NewAccount = z.output<typeof newAccount>;

export const acceptInviteInput = inviteCodeParam.extend({
  account: newAccount.optional().describe('Left out by who is signed in.'),
});
export const acceptedInvite = z.object({
  org: objectName,
  user: objectName.describe('The account that is a member now; its login.'),
});
export type AcceptedInvite = z.output<typeof acceptedInvite>;

export const updateTeamInput = orgParam.extend({
  team: objectName,
  displayName: z.string().min(1).max(200).optional(),
  description: z.string().max(2000).optional(),
  addMembers: z.array(objectName).max(1000).optional(),
  removeMembers: z.array(objectName).max(1000).optional().describe('They cease to be maintainers, too.'),
  addMaintainers: z.array(objectName).max(100).optional(),
  removeMaintainers: z.array(objectName).max(100).optional().describe('They stay members.'),
});
