import { z } from 'zod';
import { acceptedInvite, acceptInviteInput, inviteCodeParam, inviteInput, inviteOutput, inviteParam, invitationView, issuedInvite, resendInviteInput, updateTeamInput } from '#shared/api/people';
import { isStatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import type { Invite } from '#shared/kinds/identity/invite';
import type { Team } from '#shared/kinds/identity/team';
import { objectSchema } from '../../../rpc/objectSchema';
import { procedure, router } from '../../../rpc/trpc';
import type { InvitationCodes } from './invitationCodes';
import type { Invitations } from './invitations';
import { updateTeam } from './updateTeam';

const tags = ['People'];
const invites = '/api/orgs/{org}/invites' as const;

/** Invitations and teams. Reading people, teams and invitations goes through their kinds. */
export function createPeopleRouter({ invitations, codes }: { invitations: Invitations; codes: InvitationCodes }) {
  return router({
    invite: procedure
      .meta({ openapi: { method: 'POST', path: invites, tags, summary: 'Invite people by e-mail address; answers the link of each, once, and mails it where the server has mail' }, successStatus: 201, sensitive: true })
      .input(inviteInput)
      .output(inviteOutput)
      .mutation(async ({ input: { org, emails, role, teams, message, days }, ctx }) => {
        const output: z.output<typeof inviteOutput> = { invites: [], refused: [] };
        for (const email of new Set(emails.map((each) => each.toLowerCase()))) {
          try {
            output.invites.push(await invitations.invite(ctx.resources, { org, email, role, teams, message, days, origin: ctx.origin }));
          } catch (error) {
            // That one is a member already keeps nobody else out; what is wrong with the request as a whole is told as such.
            if (!isStatusError(error, 'Conflict')) throw error;
            output.refused.push({ email, code: error.code, message: error.message });
          }
        }
        return output;
      }),
    resendInvite: procedure
      .meta({ openapi: { method: 'POST', path: `${invites}/{name}/resend`, tags, summary: 'Send an invitation again, with a new link in place of earlier ones and a new end' }, sensitive: true })
      .input(resendInviteInput)
      .output(issuedInvite)
      .mutation(({ input, ctx }) => invitations.resend(ctx.resources, { ...input, origin: ctx.origin })),
    revokeInvite: procedure
      .meta({ openapi: { method: 'POST', path: `${invites}/{name}/revoke`, tags, summary: 'Take an invitation back that nobody has accepted' } })
      .input(inviteParam)
      .output(z.object({ invite: objectSchema<ObjectOf<typeof Invite>>() }))
      .mutation(async ({ input, ctx }) => ({ invite: await invitations.revoke(ctx.resources, input) })),
    lookupInvite: procedure
      .meta({ openapi: { method: 'GET', path: '/api/invites/{code}', tags, summary: 'What an invitation is for; whoever has its code may ask, signed in or not' } })
      .input(inviteCodeParam)
      .output(invitationView)
      .query(({ input, ctx }) => codes.lookup(input.code, ctx.actor.trail?.sourceAddress ?? ctx.actor.name)),
    acceptInvite: procedure
      .meta({ openapi: { method: 'POST', path: '/api/invites/{code}', tags, summary: 'Accept an invitation, as the account that is signed in or with a new one that it makes' }, sensitive: true })
      .input(acceptInviteInput)
      .output(acceptedInvite)
      .mutation(({ input, ctx }) => codes.accept(input, { actor: ctx.actor, address: ctx.actor.trail?.sourceAddress ?? ctx.actor.name })),
    updateTeam: procedure
      .meta({ openapi: { method: 'PATCH', path: '/api/orgs/{org}/teams/{team}', tags, summary: 'Change who is in a team: for administrators, and for those who maintain it' } })
      .input(updateTeamInput)
      .output(z.object({ team: objectSchema<ObjectOf<typeof Team>>() }))
      .mutation(async ({ input, ctx }) => ({ team: await updateTeam(ctx.resources, input) })),
  });
}
