import type { AcceptedInvite, InvitationView, IssuedInvite, NewAccount } from '#shared/api/people';
import { isStatusError, StatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { normalizeName } from '#shared/kind/names';
import { Invite } from '#shared/kinds/identity/invite';
import { Organization } from '#shared/kinds/identity/organization';
import { User } from '#shared/kinds/identity/user';
import { timestampOf, type Clock } from '../../../app/clock';
import { controllerActor, type Actor } from '../../../resources/actor';
import { onBehalfOf, type AuditTrail } from '../../../resources/auditTrail';
import { pagesOf } from '../../../resources/pagesOf';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { Accounts } from '../accounts/accounts';
import { completeAcceptance, findAcceptance } from './acceptance';
import { InviteAcceptance, InviteCode, inviteCodeName, newInviteCode } from './inviteCode';
import { readInvitedRole } from './invitedRole';
import { actsAsOwner } from './ownership';

const DAY_MS = 24 * 3_600_000;
/** Codes of an invitation read at a time. */
const PAGE = 200;

export interface InvitationsDeps {
  readonly resources: ResourceClient;
  readonly accounts: Accounts;
  readonly clock: Clock;
  /** Whether invitations go out by mail. */
  readonly hasMail: boolean;
}

type InviteObject = ObjectOf<typeof Invite>;

/** Who accepts: an account that is signed in, or one that is to be made, on the trail of its request. */
export type Accepting = { readonly actor: Actor } | { readonly account: NewAccount; readonly trail?: AuditTrail | undefined };

export interface Invitations {
  /** Invites one address, as the actor that `resources` is bound to. `Conflict` for who is a member or is invited already. */
  invite(resources: ResourceClient, input: { org: string; email: string; role: string; teams?: readonly string[] | undefined; message?: string | undefined; days: number; origin: string }): Promise<IssuedInvite>;
  /** A new code in place of all earlier ones, and a new end. `Conflict` when it was accepted or revoked. */
  resend(resources: ResourceClient, input: { org: string; name: string; days: number; origin: string }): Promise<IssuedInvite>;
  revoke(resources: ResourceClient, ref: { org: string; name: string }): Promise<InviteObject>;
  /** What the holder of a code may know. `NotFound` for a code that is none; `Expired` (410) for one that is good no more, with the reason. */
  lookup(code: string): Promise<InvitationView>;
  /** Makes an account a member, once. Repeated by the same account, it answers the same. */
  accept(code: string, by: Accepting): Promise<AcceptedInvite>;
}

export function createInvitations(deps: InvitationsDeps): Invitations {
  const { accounts, clock } = deps;
  const resources = deps.resources.as(controllerActor('invitations'));
  const accepting = new Map<string, Promise<unknown>>();

  async function issue(invite: InviteObject, origin: string): Promise<IssuedInvite> {
    const { code, name } = newInviteCode();
    const { organizationRef, email, expiresAt = '' } = invite.spec;
    await resources.create(InviteCode, organizationRef, { metadata: { name }, spec: { organizationRef, invite: invite.metadata.name, inviteUid: invite.metadata.uid, sentBy: 'link' } });
    return { name: invite.metadata.name, email, role: invite.spec.role, expiresAt, link: `${origin}/invites/${code}`, mail: deps.hasMail ? 'sending' : 'off' };
  }

  async function replaceCodes({ metadata, spec }: InviteObject): Promise<void> {
    const codes = pagesOf((at) => resources.list(InviteCode, { org: spec.organizationRef, fieldSelector: `spec.inviteUid=${metadata.uid}`, ...at }), PAGE);
    for await (const { items } of codes) {
      for (const code of items) await resources.mutateStatus(InviteCode, { org: spec.organizationRef, name: code.metadata.name }, (status) => { status.replacedAt ??= timestampOf(clock); });
    }
  }

  async function requireNotInvited(org: string, email: string): Promise<void> {
    const users = await resources.list(User, { org, q: email });
    const member = users.items.find(({ spec, status }) => spec.email.toLowerCase() === email && status?.phase !== undefined && status.phase !== 'Invited');
    if (member !== undefined) throw new StatusError('Conflict', `${email} is the address of "${member.metadata.name}", who is a member already`, { code: 'ALREADY_MEMBER' });
    const { items } = await resources.list(Invite, { org, q: email });
    const pending = items.find((each) => each.spec.email === email && !each.spec.revoked && each.status?.acceptedAt === undefined && Date.parse(each.spec.expiresAt ?? '') > clock.now());
    if (pending !== undefined) throw new StatusError('Conflict', `${email} is invited already, by "${pending.metadata.name}"; resend that invitation, or revoke it first`, { code: 'ALREADY_INVITED' });
  }

  /** The invitation that a code is good for. */
  async function open(code: string, by?: Accepting): Promise<{ code: ObjectOf<typeof InviteCode>; invite: InviteObject; accepted: ObjectOf<typeof InviteAcceptance> | undefined }> {
    const name = inviteCodeName(code);
    const found = await resources.find(InviteCode, { org: name, name });
    const invite = found === undefined ? undefined : await orUndefined(resources.find(Invite, { org: found.spec.organizationRef, name: found.spec.invite }));
    if (found === undefined || invite?.metadata.uid !== found.spec.inviteUid) {
      throw new StatusError('NotFound', 'This is no invitation. Check that the link is complete, or ask for a new one', { code: 'INVITE_NOT_FOUND' });
    }
    const accepted = await findAcceptance(resources, invite);
    const again = accepted !== undefined && by !== undefined && 'actor' in by && by.actor.name === accepted.spec.account;
    if (accepted !== undefined && !again) throw gone('INVITE_USED', 'This invitation has been accepted already. Sign in if it was you, or ask for a new one');
    if (accepted !== undefined) return { code: found, invite, accepted };
    if (invite.spec.revoked || invite.metadata.deletionTimestamp !== undefined) throw gone('INVITE_REVOKED', 'This invitation was taken back');
    if (found.status?.replacedAt !== undefined) throw gone('INVITE_REPLACED', 'This invitation was sent again: use the newest link');
    if (Date.parse(invite.spec.expiresAt ?? '') <= clock.now()) throw gone('INVITE_EXPIRED', `This invitation could be accepted until ${invite.spec.expiresAt ?? ''}; ask for a new one`);
    return { code: found, invite, accepted };
  }

  /** The account that accepts; a new one is made only when it can join. */
  async function accountFor(by: Accepting, { code, invite }: { code: ObjectOf<typeof InviteCode>; invite: InviteObject }): Promise<string> {
    if ('actor' in by) return by.actor.name;
    const { username, displayName, password } = by.account;
    const wanted = await orUndefined(resources.find(User, { org: invite.spec.organizationRef, name: normalizeName(username) }));
    if (wanted !== undefined && wanted.spec.email.toLowerCase() !== invite.spec.email) throw userTaken(wanted.metadata.name);
    const made = await accounts.create({ wantedName: username, displayName, password, email: invite.spec.email, emailVerified: code.spec.sentBy === 'mail' });
    return made.metadata.name;
  }

  async function acceptNow(code: string, by: Accepting): Promise<AcceptedInvite> {
    const opened = await open(code, by);
    const { invite, accepted } = opened;
    const org = invite.spec.organizationRef;
    if (accepted !== undefined) {
      await completeAcceptance({ resources, accounts, clock }, invite, accepted);
      return { org, user: accepted.spec.account };
    }
    const trail = 'actor' in by ? by.actor.trail : by.trail;
    await trail?.ready();
    const account = await accountFor(by, opened);
    const user = await resources.find(User, { org, name: account });
    if (user?.metadata.deletionTimestamp !== undefined) throw new StatusError('Conflict', 'Your former membership is being removed; try again in a moment', { code: 'USER_TERMINATING', retryAfterSeconds: 1 });
    const isMember = (await accounts.find(account))?.spec.memberships.some((membership) => membership.org === org) === true;
    if (isMember && user !== undefined) throw new StatusError('Conflict', `You are a member of this organization already, as "${account}"; the invitation was not used`, { code: 'ALREADY_MEMBER' });
    const { role, groups } = readInvitedRole(invite.spec.role);
    let claim: ObjectOf<typeof InviteAcceptance>;
    try {
      // Whoever makes it has accepted; there is one for each invitation.
      claim = await resources.create(InviteAcceptance, org, {
        metadata: { name: invite.metadata.uid },
        spec: {
          organizationRef: org, invite: invite.metadata.name, account, acceptedAt: timestampOf(clock), role, groups: [...groups], teams: invite.spec.teams ?? [],
          adopt: user === undefined || user.spec.email.toLowerCase() === invite.spec.email,
        },
      });
    } catch (error) {
      throw isStatusError(error, 'AlreadyExists') ? gone('INVITE_USED', 'This invitation has just been accepted by somebody else') : error;
    }
    await completeAcceptance({ resources, accounts, clock }, invite, claim);
    const actor: Actor = 'actor' in by ? by.actor : { kind: 'user', name: account, orgs: [] };
    await trail?.note(actor, { verb: 'accept', kind: Invite.names.kind, org, name: invite.metadata.name, uid: invite.metadata.uid, outcome: 'allowed', rule: 'invitation', details: { role, ...('actor' in by ? {} : { newAccount: true }) } });
    return { org, user: account };
  }

  return {
    async invite(as, { org, email: given, role, teams, message, days, origin }) {
      const email = given.toLowerCase();
      await as.require('invite', Invite, { org });
      await requireNotInvited(org, email);
      const invite = await as.create(Invite, org, {
        metadata: {},
        spec: {
          organizationRef: org, email, role, expiresAt: new Date(clock.now() + days * DAY_MS).toISOString(),
          ...(teams === undefined ? {} : { teams: [...teams] }), ...(message === undefined ? {} : { message }),
        },
      });
      return issue(invite, origin);
    },
    async resend(as, { org, name, days, origin }) {
      const ref = { org, name };
      await as.require('resend', Invite, ref);
      const before = await as.get(Invite, ref);
      // Who gets the link can accept it.
      if (before.spec.role === 'owner' && !(await actsAsOwner(resources, as.actor, org))) throw new StatusError('Forbidden', `Only an owner of organization "${org}" invites an owner`, { code: 'OWNER_REQUIRED' });
      const system = resources.as(onBehalfOf(as.actor));
      const invite = await system.mutate(Invite, ref, ({ spec }, current) => {
        requireOpen(current);
        spec.expiresAt = new Date(clock.now() + days * DAY_MS).toISOString();
      });
      await replaceCodes(invite);
      const issued = await issue(invite, origin);
      await system.mutateStatus(Invite, ref, (status) => {
        status.phase = 'Pending';
        status.mail = { state: deps.hasMail ? 'Pending' : 'Off', attempts: 0 };
      });
      return issued;
    },
    async revoke(as, ref) {
      await as.require('revoke', Invite, ref);
      const invite = await as.get(Invite, ref);
      if ((await findAcceptance(resources, invite)) !== undefined) throw alreadyAccepted(invite);
      return resources.as(onBehalfOf(as.actor)).mutate(Invite, ref, ({ spec }, current) => {
        if (current.status?.phase === 'Accepted') throw alreadyAccepted(current);
        spec.revoked = true;
      });
    },
    async lookup(code) {
      const { invite } = await open(code);
      const { organizationRef: org, role, email, invitedBy } = invite.spec;
      const organization = await resources.get(Organization, { org, name: org });
      const inviter = invitedBy?.kind === 'user' ? await inviterName(org, invitedBy.name) : undefined;
      return { organization: { slug: org, displayName: organization.spec.displayName }, inviter: inviter ?? organization.spec.displayName, role: readInvitedRole(role).role, email };
    },
    async accept(code, by) {
      const name = inviteCodeName(code);
      // One after the other: whoever comes second does not make an account first. An invitation may have several codes.
      const key = (await resources.find(InviteCode, { org: name, name }))?.spec.inviteUid ?? name;
      const turn = (accepting.get(key) ?? Promise.resolve()).catch(() => undefined).then(() => acceptNow(code, by));
      accepting.set(key, turn);
      return turn.finally(() => { if (accepting.get(key) === turn) accepting.delete(key); });
    },
  };

  /** An administrator of the installation may be no member: they are known by their account. */
  async function inviterName(org: string, name: string): Promise<string | undefined> {
    return (await orUndefined(resources.find(User, { org, name })))?.spec.displayName ?? (await accounts.find(name))?.spec.displayName;
  }
}

function requireOpen(invite: InviteObject): void {
  if (invite.status?.phase === 'Accepted') throw alreadyAccepted(invite);
  if (invite.spec.revoked) throw new StatusError('Conflict', `Invitation "${invite.metadata.name}" is revoked; invite ${invite.spec.email} anew`, { code: 'INVITE_REVOKED' });
}

function alreadyAccepted({ metadata, status }: InviteObject): StatusError {
  return new StatusError('Conflict', `Invitation "${metadata.name}" has been accepted${status?.acceptedBy === undefined ? '' : ` by "${status.acceptedBy}"`}; to end that membership, delete the user`, { code: 'INVITE_USED' });
}

function userTaken(name: string): StatusError {
  return new StatusError('Conflict', `The organization has somebody called "${name}" already; choose another user name`, { code: 'USER_TAKEN', causes: [{ code: 'FieldValueDuplicate', field: 'account.username', message: 'choose another user name' }] });
}

/** 410: it was an invitation once. */
function gone(code: string, message: string): StatusError {
  return new StatusError('Expired', message, { code });
}

/** An organization that is gone has nothing. */
async function orUndefined<T>(reading: Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined;
    throw error;
  }
}
