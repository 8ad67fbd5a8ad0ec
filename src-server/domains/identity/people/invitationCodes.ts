import type { z } from 'zod';
import { acceptInviteInput, inviteCodeParam, type AcceptedInvite, type InvitationView } from '#shared/api/people';
import { isStatusError, StatusError } from '#shared/api/status';
import type { PublicEndpoint, PublicRequest } from '../../../http/endpoint';
import type { Actor } from '../../../resources/actor';
import type { AuditTrail } from '../../../resources/auditTrail';
import { zodCauses } from '../../../rpc/trpc';
import type { SignInRates } from '../signIn/signInRates';
import { inviteCodeName } from './inviteCode';
import type { Accepting, Invitations } from './invitations';

export interface InvitationCodesDeps {
  readonly invitations: Invitations;
  /** Of guesses at codes. */
  readonly rates: SignInRates;
}

/** Whoever uses a code. */
export interface Client {
  readonly address: string;
  /** Who is signed in. */
  readonly actor?: Actor | undefined;
  /** Of the request, where nobody is. */
  readonly trail?: AuditTrail | undefined;
}

/** Who is signed in where nobody has to be; undefined for nobody. */
export type FindActor = (request: PublicRequest) => Promise<Actor | undefined>;

/** What the holder of a code may do, whichever door they come through. Who guesses codes is slowed down. */
export interface InvitationCodes {
  readonly lookup: (code: string, address: string) => Promise<InvitationView>;
  /** As who is signed in, or with a new account where nobody is. */
  readonly accept: (input: z.output<typeof acceptInviteInput>, from: Client) => Promise<AcceptedInvite>;
  /** For who has no account yet. */
  readonly endpoints: (findActor: FindActor) => PublicEndpoint[];
}

export function createInvitationCodes({ invitations, rates }: InvitationCodesDeps): InvitationCodes {
  /** A code that is none counts as a guess. */
  async function guarded<T>(code: string, address: string, use: () => Promise<T>): Promise<T> {
    let unknown: StatusError | undefined;
    const answer = await rates.attempt({ account: inviteCodeName(code), address }, async () => {
      try {
        return { value: await use() };
      } catch (error) {
        if (!isStatusError(error, 'NotFound') || error.code !== 'INVITE_NOT_FOUND') throw error;
        unknown = error;
        return undefined;
      }
    });
    if (answer !== undefined) return answer.value;
    throw unknown ?? new StatusError('NotFound', 'This is no invitation', { code: 'INVITE_NOT_FOUND' });
  }

  const codes = {
    lookup: (code: string, address: string) => guarded(code, address, () => invitations.lookup(code)),
    accept({ code, account }: z.output<typeof acceptInviteInput>, client: Client) {
      return guarded(code, client.address, () => invitations.accept(code, whoAccepts(client, account)));
    },
  };

  const pattern = /^\/api\/invites\/(?<code>[^/]+)$/;
  return {
    ...codes,
    endpoints: (findActor) => [
      {
        methods: ['GET'],
        pattern,
        async handle(request) {
          request.json(200, await codes.lookup(parse(inviteCodeParam, request.params).code, request.address));
        },
      },
      {
        methods: ['POST'],
        pattern,
        async handle(request) {
          const input = parse(acceptInviteInput, { ...(await request.fields()), ...request.params });
          const actor = await findActor(request);
          const { address, trail } = request;
          request.json(200, await codes.accept(input, { address, trail, actor: actor && { ...actor, trail } }));
        },
      },
    ],
  };
}

/** An account that is signed in accepts for itself; agents accept nothing, nor do tokens that are good for less than their account. */
function whoAccepts({ actor, trail }: Client, account: z.output<typeof acceptInviteInput>['account']): Accepting {
  if (actor === undefined) {
    if (account !== undefined) return { account, trail };
    throw new StatusError('Unauthorized', 'Sign in to accept the invitation, or send the account to make: { "account": { "username", "displayName", "password" } }');
  }
  if (account !== undefined) throw new StatusError('Conflict', `You are signed in as "${actor.name}": leave the account out to accept as that, or sign out first`, { code: 'SIGNED_IN' });
  if (actor.kind !== 'user') throw new StatusError('Forbidden', 'Only people accept invitations');
  if (actor.limits !== undefined && (actor.limits.org !== undefined || !actor.limits.scopes.includes('admin'))) {
    throw new StatusError('Forbidden', 'This token may not accept invitations: use one with the scope "admin" for all organizations, or the console');
  }
  return { actor };
}

function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const causes = zodCauses(parsed.error, value) ?? [];
  throw new StatusError('BadRequest', `The request is not valid: ${causes.map((cause) => cause.message).join('; ')}`, { causes });
}
