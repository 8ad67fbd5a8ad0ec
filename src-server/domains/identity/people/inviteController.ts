import type { ObjectOf } from '#shared/kind/defineKind';
import { Invite } from '#shared/kinds/identity/invite';
import { Organization } from '#shared/kinds/identity/organization';
import { User } from '#shared/kinds/identity/user';
import { timestampOf, type Clock } from '../../../app/clock';
import { controllerActor } from '../../../resources/actor';
import type { ObjectRef, ResourceClient } from '../../../resources/resourceClient';
import type { Controller } from '../../../runtime/controller';
import type { Accounts } from '../accounts/accounts';
import { invitationMail } from '../mail/invitationMail';
import { MailFailure, type Mailer } from '../mail/mailer';
import { completeAcceptance, findAcceptance, type Acceptance } from './acceptance';
import { InviteAcceptance, InviteCode, newInviteCode } from './inviteCode';
import { readInvitedRole } from './invitedRole';

/** Waits after the first, second, … failed attempt to send a mail, in ms; after the last one it is given up. */
const MAIL_RETRY_MS = [60_000, 5 * 60_000, 30 * 60_000, 2 * 3_600_000, 6 * 3_600_000, 12 * 3_600_000];
/** Whoever accepts is made a member by what they asked; after this, that server is taken for dead, in ms. */
const VERB_MS = 5_000;
/** A timer does not reach further. */
const MAX_WAIT_MS = 24 * 3_600_000;

export interface InviteControllerDeps {
  readonly resources: ResourceClient;
  readonly accounts: Pick<Accounts, 'find' | 'join'>;
  readonly clock: Clock;
  /** Absent: invitations are handed on as links. */
  readonly mailer?: Mailer | undefined;
  /** Address that links in mails begin with. */
  readonly baseUrl: () => string;
}

type InviteObject = ObjectOf<typeof Invite>;

/** Says how invitations stand, mails them, ends them when their time is over, and carries out what was accepted when a server died. */
export function createInviteController(deps: InviteControllerDeps): Controller {
  const { clock, mailer } = deps;
  const resources = deps.resources.as(controllerActor('invite'));

  return {
    name: 'invite',
    kind: Invite,
    // A mail server may take its time.
    concurrency: 4,
    watches: [{ kind: InviteAcceptance, map: ({ spec }) => [{ org: String(spec.organizationRef), name: String(spec.invite) }] }],
    async reconcile(ref) {
      const invite = await resources.find(Invite, ref);
      if (invite === undefined || invite.metadata.deletionTimestamp !== undefined) return;
      const acceptance = await findAcceptance(resources, invite);
      const waitMs = acceptance === undefined || acceptance.status?.joinedAt !== undefined ? 0 : VERB_MS - Math.abs(clock.now() - Date.parse(acceptance.spec.acceptedAt));
      if (acceptance !== undefined && waitMs <= 0) await completeAcceptance({ ...deps, resources }, invite, acceptance);
      const { status, spec } = await setPhase(ref, acceptance);
      if (waitMs > 0) return { requeueAfterMs: waitMs };
      if (status?.phase !== 'Pending') return;
      const mailedInMs = await mail(ref, invite);
      const leftMs = Date.parse(spec.expiresAt ?? '') - clock.now();
      return { requeueAfterMs: Math.min(Math.max(leftMs, 0), mailedInMs ?? MAX_WAIT_MS, MAX_WAIT_MS) };
    },
  };

  async function setPhase(ref: ObjectRef, acceptance: Acceptance | undefined): Promise<InviteObject> {
    return resources.mutateStatus(Invite, ref, (status, { spec, metadata }) => {
      const isOver = Date.parse(spec.expiresAt ?? '') <= clock.now();
      status.phase = acceptance !== undefined ? 'Accepted' : spec.revoked ? 'Revoked' : isOver ? 'Expired' : 'Pending';
      if (acceptance !== undefined) Object.assign(status, { acceptedAt: acceptance.spec.acceptedAt, acceptedBy: acceptance.spec.account });
      status.observedGeneration = metadata.generation;
    });
  }

  /** Sends the mail when it is due. Answers in how many ms it is due next; undefined when there is nothing more to do. */
  async function mail(ref: ObjectRef, { spec, status, metadata }: InviteObject): Promise<number | undefined> {
    const { state, attempts = 0, nextAttemptAt } = status?.mail ?? {};
    if (mailer === undefined) {
      if (state === undefined || state === 'Pending') await setMail(ref, { state: 'Off', attempts });
      return undefined;
    }
    if (state === 'Sent' || state === 'Off' || (state === 'Failed' && nextAttemptAt === undefined)) return undefined;
    const waitMs = nextAttemptAt === undefined ? 0 : Date.parse(nextAttemptAt) - clock.now();
    if (waitMs > 0) return waitMs;
    // Only digests of codes are kept, so each attempt has a code of its own. One that was not sent is nobody's.
    const { code, name } = newInviteCode();
    const { organizationRef: org } = spec;
    await resources.create(InviteCode, org, { metadata: { name }, spec: { organizationRef: org, invite: ref.name, inviteUid: metadata.uid, sentBy: 'mail' } });
    try {
      await mailer.send(invitationMail({
        to: spec.email, ...(await namesOf(org, spec.invitedBy)), role: readInvitedRole(spec.role).role, link: `${deps.baseUrl()}/invites/${code}`, expiresAt: spec.expiresAt ?? '', message: spec.message,
      }));
    } catch (error) {
      if (!(error instanceof MailFailure)) throw error;
      await resources.delete(InviteCode, { org, name });
      const retryMs = error.permanent ? undefined : MAIL_RETRY_MS[attempts];
      await setMail(ref, {
        state: 'Failed', attempts: attempts + 1, message: error.message,
        ...(retryMs === undefined ? {} : { nextAttemptAt: new Date(clock.now() + retryMs).toISOString() }),
      });
      return retryMs;
    }
    await setMail(ref, { state: 'Sent', attempts: attempts + 1 });
    return undefined;
  }

  async function setMail(ref: ObjectRef, next: NonNullable<NonNullable<InviteObject['status']>['mail']>): Promise<void> {
    await resources.mutateStatus(Invite, ref, (status) => {
      status.mail = next;
      if (next.state === 'Sent') status.sentAt = timestampOf(clock);
    });
  }

  async function namesOf(org: string, by: InviteObject['spec']['invitedBy']): Promise<{ organization: string; inviter: string }> {
    const organization = (await resources.find(Organization, { org, name: org }))?.spec.displayName ?? org;
    if (by?.kind !== 'user') return { organization, inviter: organization };
    const user = await resources.find(User, { org, name: by.name });
    return { organization, inviter: user?.spec.displayName ?? (await deps.accounts.find(by.name))?.spec.displayName ?? organization };
  }
}
