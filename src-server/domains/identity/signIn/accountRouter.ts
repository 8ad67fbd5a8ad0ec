import { z } from 'zod';
import {
  accountProfile, createdToken, createServiceTokenInput, createTokenInput, identityView, sessionView, setPasswordInput, tokenView, updateAccountInput,
  type AccountProfile, type CreatedToken, type IdentityView, type SessionView, type TokenView,
} from '#shared/api/account';
import { orgParam } from '#shared/api/paging';
import { StatusError } from '#shared/api/status';
import { objectName } from '#shared/kind/objectMeta';
import { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import type { Actor } from '../../../resources/actor';
import { procedure, router } from '../../../rpc/trpc';
import type { AccessTokens } from './accessTokens';
import type { OwnAccount } from './ownAccount';
import type { Sessions } from './sessions';

export interface AccountRouterDeps {
  readonly own: OwnAccount;
  readonly sessions: Sessions;
  readonly accessTokens: AccessTokens;
}

const ACCOUNT = ['Account'];
const idParam = z.object({ id: z.string().min(1).max(253) });
const done = z.object({ done: z.literal(true) });
const DONE = { done: true } as const;

/** What people do with their own account, their sessions and their tokens. */
export function createAccountRouter({ own, sessions, accessTokens }: AccountRouterDeps) {
  return router({
    get: procedure
      .meta({ openapi: { method: 'GET', path: '/api/user', tags: ACCOUNT, summary: 'Your account, and the organizations that you belong to' } })
      .input(z.object({}).default({}))
      .output(accountProfile)
      .query(({ ctx }): Promise<AccountProfile> => own.profile(person(ctx.actor))),
    update: procedure
      .meta({ openapi: { method: 'PATCH', path: '/api/user', tags: ACCOUNT, summary: 'Change what you are called, or your address' } })
      .input(updateAccountInput)
      .output(accountProfile)
      .mutation(({ input, ctx }): Promise<AccountProfile> => own.update(unlimited(ctx.actor), input)),
    setPassword: procedure
      .meta({ openapi: { method: 'PUT', path: '/api/user/password', tags: ACCOUNT, summary: 'Set your password; your other sessions end' } })
      .input(setPasswordInput)
      .output(done)
      .mutation(async ({ input, ctx }) => {
        await own.setPassword(unlimited(ctx.actor), { ...input, exceptSession: sessionOf(ctx.actor) });
        return DONE;
      }),
    sessions: procedure
      .meta({ openapi: { method: 'GET', path: '/api/user/sessions', tags: ACCOUNT, summary: 'The browsers in which you are signed in' } })
      .input(z.object({}).default({}))
      .output(z.object({ sessions: z.array(sessionView) }))
      .query(async ({ ctx }): Promise<{ sessions: SessionView[] }> => ({ sessions: await sessions.list(person(ctx.actor), sessionOf(ctx.actor)) })),
    revokeSession: procedure
      .meta({ openapi: { method: 'DELETE', path: '/api/user/sessions/{id}', tags: ACCOUNT, summary: 'Sign one of your browsers out' } })
      .input(idParam)
      .output(done)
      .mutation(async ({ input, ctx }) => {
        await sessions.revoke(unlimited(ctx.actor), input.id);
        return DONE;
      }),
    revokeOtherSessions: procedure
      .meta({ openapi: { method: 'DELETE', path: '/api/user/sessions', tags: ACCOUNT, summary: 'Sign all your browsers out but this one' } })
      .input(z.object({}).default({}))
      .output(done)
      .mutation(async ({ ctx }) => {
        await sessions.revokeAll(unlimited(ctx.actor), { except: sessionOf(ctx.actor) });
        return DONE;
      }),
    tokens: procedure
      .meta({ openapi: { method: 'GET', path: '/api/user/tokens', tags: ACCOUNT, summary: 'Your personal access tokens' } })
      .input(z.object({}).default({}))
      .output(z.object({ tokens: z.array(tokenView) }))
      .query(async ({ ctx }): Promise<{ tokens: TokenView[] }> => ({ tokens: await accessTokens.list({ account: person(ctx.actor) }, tokenOf(ctx.actor)) })),
    createToken: procedure
      .meta({ openapi: { method: 'POST', path: '/api/user/tokens', tags: ACCOUNT, summary: 'Make a personal access token; it is shown this once' }, successStatus: 201 })
      .input(createTokenInput)
      .output(createdToken)
      .mutation(({ input, ctx }): Promise<CreatedToken> => {
        const account = unlimited(ctx.actor);
        const { orgs } = ctx.actor;
        if (input.org !== undefined && orgs !== '*' && !orgs.includes(input.org)) {
          throw new StatusError('Invalid', `You are not a member of an organization "${input.org}"`, { causes: [{ code: 'FieldValueInvalid', field: 'org', message: 'name an organization that you belong to' }] });
        }
        return accessTokens.issue({ account }, input);
      }),
    revokeToken: procedure
      .meta({ openapi: { method: 'DELETE', path: '/api/user/tokens/{id}', tags: ACCOUNT, summary: 'Revoke one of your tokens; `current` is the one that asks' } })
      .input(idParam)
      .output(done)
      .mutation(async ({ input, ctx }) => {
        const current = tokenOf(ctx.actor);
        const own = input.id === 'current' || input.id === current;
        if (own && current === undefined) throw new StatusError('NotFound', 'This request does not come with an access token, so there is none to revoke');
        // A token may always end itself, whatever its scopes.
        if (own && current !== undefined && ctx.actor.kind === 'service-account') await accessTokens.revoke({ serviceAccount: { org: ctx.actor.orgs[0] ?? '', name: ctx.actor.name } }, current);
        else await accessTokens.revoke({ account: own ? person(ctx.actor) : unlimited(ctx.actor) }, own && current !== undefined ? current : input.id);
        return DONE;
      }),
    identities: procedure
      .meta({ openapi: { method: 'GET', path: '/api/user/identities', tags: ACCOUNT, summary: 'The accounts at sign-in providers that are yours' } })
      .input(z.object({}).default({}))
      .output(z.object({ identities: z.array(identityView) }))
      .query(async ({ ctx }): Promise<{ identities: IdentityView[] }> => ({ identities: await own.identities(person(ctx.actor)) })),
    unlinkIdentity: procedure
      .meta({ openapi: { method: 'POST', path: '/api/user/identities/unlink', tags: ACCOUNT, summary: 'Sign in by this account no more' } })
      .input(z.object({ provider: z.string().min(1).max(253), subject: z.string().min(1).max(500) }))
      .output(done)
      .mutation(async ({ input, ctx }) => {
        await own.unlinkIdentity(unlimited(ctx.actor), input);
        return DONE;
      }),
  });
}

/** Tokens of service accounts, for those who manage them. */
export function createServiceAccountsRouter({ accessTokens }: Pick<AccountRouterDeps, 'accessTokens'>) {
  const tags = ['Service accounts'];
  const accountParam = orgParam.extend({ name: objectName.describe('Name of the service account.') });
  return router({
    tokens: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/service-accounts/{name}/tokens', tags, summary: 'Tokens of a service account' } })
      .input(accountParam)
      .output(z.object({ tokens: z.array(tokenView) }))
      .query(async ({ input: { org, name }, ctx }): Promise<{ tokens: TokenView[] }> => {
        await ctx.resources.require('manage-tokens', AgentServiceAccount, { org, name });
        await ctx.resources.get(AgentServiceAccount, { org, name });
        return { tokens: await accessTokens.list({ serviceAccount: { org, name } }, tokenOf(ctx.actor)) };
      }),
    createToken: procedure
      .meta({ openapi: { method: 'POST', path: '/api/orgs/{org}/service-accounts/{name}/tokens', tags, summary: 'Make a token for a service account; it is shown this once' }, successStatus: 201 })
      .input(createServiceTokenInput)
      .output(createdToken)
      .mutation(async ({ input: { org, name, ...token }, ctx }): Promise<CreatedToken> => {
        await ctx.resources.require('manage-tokens', AgentServiceAccount, { org, name });
        await ctx.resources.get(AgentServiceAccount, { org, name });
        return accessTokens.issue({ serviceAccount: { org, name } }, token);
      }),
    revokeToken: procedure
      .meta({ openapi: { method: 'DELETE', path: '/api/orgs/{org}/service-accounts/{name}/tokens/{id}', tags, summary: 'Revoke a token of a service account' } })
      .input(accountParam.extend(idParam.shape))
      .output(done)
      .mutation(async ({ input: { org, name, id }, ctx }) => {
        await ctx.resources.require('manage-tokens', AgentServiceAccount, { org, name });
        await accessTokens.revoke({ serviceAccount: { org, name } }, id);
        return DONE;
      }),
  });
}

/** Name of the person's account. */
export function person(actor: Actor): string {
  if (actor.kind !== 'user') throw new StatusError('Forbidden', 'This is for people: a program has no account of its own.');
  return actor.name;
}

/** The same, for what a token must not do however wide its scopes: it would outlive itself. */
export function unlimited(actor: Actor): string {
  const name = person(actor);
  if (actor.limits !== undefined) throw new StatusError('Forbidden', 'An access token cannot change how its owner signs in. Do this in the console, signed in as yourself.', { code: 'TOKEN_LIMITED' });
  return name;
}

function sessionOf({ credential }: Actor): string | undefined {
  return credential?.kind === 'session' ? credential.id : undefined;
}

function tokenOf({ credential }: Actor): string | undefined {
  return credential?.kind === 'token' ? credential.id : undefined;
}
