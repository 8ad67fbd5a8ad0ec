import { isStatusError, StatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { orgRole } from '#shared/access/roles';
import { Invite } from '#shared/kinds/identity/invite';
import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import { timestampOf, type Clock } from '../../../app/clock';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { Accounts } from '../accounts/accounts';
import { InviteAcceptance } from './inviteCode';

type InviteObject = ObjectOf<typeof Invite>;
export type Acceptance = ObjectOf<typeof InviteAcceptance>;

/** The organization's user of that name is somebody else. */
const USER_TAKEN = 'USER_TAKEN';
/** Trying again would come to the same. */
const FINAL_CODES: ReadonlySet<string> = new Set([USER_TAKEN, 'INVITE_REVOKED']);

export interface AcceptanceDeps {
  /** Acts for the system. */
  readonly resources: ResourceClient;
  readonly accounts: Pick<Accounts, 'find' | 'join'>;
  readonly clock: Clock;
}

export function findAcceptance(resources: ResourceClient, invite: InviteObject): Promise<Acceptance | undefined> {
  return resources.find(InviteAcceptance, { org: invite.spec.organizationRef, name: invite.metadata.uid });
}

/**
 * Carries out what somebody accepted: the status of the invitation, the membership, the teams. May be killed at any point and run again.
 * When it cannot be, the invitation is as it was before, and the reason is thrown.
 */
export async function completeAcceptance(deps: AcceptanceDeps, invite: InviteObject, acceptance: Acceptance): Promise<void> {
  if (acceptance.status?.joinedAt !== undefined) return;
  const { resources, accounts, clock } = deps;
  const { account, acceptedAt, organizationRef: org, role, groups, teams, adopt } = acceptance.spec;
  const ref = { org, name: invite.metadata.name };
  try {
    await resources.mutateStatus(Invite, ref, (status, current) => {
      if (current.spec.revoked && status.phase !== 'Accepted') throw new StatusError('Expired', 'This invitation was taken back', { code: 'INVITE_REVOKED' });
      Object.assign(status, { phase: 'Accepted', acceptedAt, acceptedBy: account });
    });
    const existing = adopt ? await resources.find(User, { org, name: account }) : undefined;
    await joinOnce(accounts, account, { org, role, groups, adopt });
    // Who was expected gets what the invitation says, not what the user said before.
    if (existing !== undefined) {
      await resources.mutate(User, { org, name: account }, ({ spec }) => {
        spec.role = orgRole.parse(role);
        if (groups.length > 0) spec.groups = [...new Set([...(spec.groups ?? []), ...groups])];
      });
    }
    for (const team of teams) await addToTeam(resources, { org, name: team }, account);
  } catch (error) {
    const isFinal = (isStatusError(error) && FINAL_CODES.has(error.code)) || (await accounts.find(account)) === undefined;
    if (isFinal) await takeBack(deps, ref, acceptance);
    throw error;
  }
  await resources.mutateStatus(InviteAcceptance, { org, name: acceptance.metadata.name }, (status) => { status.joinedAt ??= timestampOf(clock); });
}

/** The verb and the controller may be at it together: whoever comes second to the user finds it. */
async function joinOnce(accounts: AcceptanceDeps['accounts'], account: string, membership: Parameters<Accounts['join']>[1]): Promise<void> {
  try {
    await accounts.join(account, membership);
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists') || error.code === USER_TAKEN) throw error;
    await accounts.join(account, membership);
  }
}

/** The invitation can be accepted by somebody else. */
async function takeBack({ resources }: AcceptanceDeps, ref: { org: string; name: string }, { metadata }: Acceptance): Promise<void> {
  await ignoringNotFound(resources.mutateStatus(Invite, ref, (status, current) => {
    if (status.phase !== 'Accepted') return;
    status.phase = current.spec.revoked ? 'Revoked' : 'Pending';
    delete status.acceptedAt;
    delete status.acceptedBy;
  }));
  await ignoringNotFound(resources.delete(InviteAcceptance, { org: ref.org, name: metadata.name }, { expectedUid: metadata.uid }));
}

/** A team that has gone since the invitation is none to join. */
async function addToTeam(resources: ResourceClient, ref: { org: string; name: string }, user: string): Promise<void> {
  await ignoringNotFound(resources.mutate(Team, ref, ({ spec }) => {
    if (spec.members?.includes(user) !== true) spec.members = [...(spec.members ?? []), user];
  }));
}

async function ignoringNotFound(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
