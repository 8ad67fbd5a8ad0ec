import { z } from 'zod';
import { StatusError } from '#shared/api/status';
import type { ResourceClient } from '../resources/resourceClient';
import { procedure, router } from '../rpc/trpc';

export interface SystemFacts {
  readonly project: 'Kradle';
  readonly version: string;
  readonly mode: 'local' | 'cluster';
  readonly dataDir: string;
  readonly git: { readonly version: string | undefined };
  readonly startedAtMs: number;
  /** What this server can do, by name; what is false is still to come. */
  readonly capabilities: Readonly<Record<string, boolean>>;
}

export interface SystemRouterOptions {
  readonly now: () => number;
  readonly listOrganizations: (as: ResourceClient) => Promise<{ name: string; displayName: string }[]>;
  /** A code that signs this user in once. */
  readonly createLoginCode: (user: string) => string;
}

export function createSystemRouter(facts: SystemFacts, opts: SystemRouterOptions) {
  return router({
    /** Who I am, where I am, and what this server is. The first call of every client. */
    info: procedure
      .meta({ openapi: { method: 'GET', path: '/api/info', tags: ['System'], summary: 'This server and who you are to it' } })
      .input(z.object({}).default({}))
      .output(z.object({
        project: z.string(),
        version: z.string(),
        mode: z.enum(['local', 'cluster']),
        origin: z.string(),
        gitBaseUrl: z.string(),
        dataDir: z.string(),
        git: z.object({ version: z.string().optional() }),
        actor: z.object({ kind: z.enum(['user', 'service-account', 'deploy-key', 'run', 'system']), name: z.string(), displayName: z.string(), email: z.string().optional() }),
        orgs: z.array(z.object({ name: z.string(), displayName: z.string() })),
        uptimeSeconds: z.number(),
        capabilities: z.record(z.string(), z.boolean()).describe('What this server can do; what is false is still to come, and its addresses answer 501.'),
      }))
      .query(async ({ ctx }) => ({
        project: facts.project,
        version: facts.version,
        mode: facts.mode,
        origin: ctx.origin,
        gitBaseUrl: `${ctx.origin}/git`,
        dataDir: facts.dataDir,
        git: { version: facts.git.version },
        actor: { kind: ctx.actor.kind, name: ctx.actor.name, displayName: ctx.actor.displayName ?? ctx.actor.name, email: ctx.actor.email },
        orgs: await opts.listOrganizations(ctx.resources),
        uptimeSeconds: Math.round((opts.now() - facts.startedAtMs) / 1000),
        capabilities: { ...facts.capabilities },
      })),

    createSignInLink: procedure
      .meta({ openapi: { method: 'POST', path: '/api/sign-in-links', tags: ['System'], summary: 'A link that signs a browser in as you, once, within 15 minutes' }, successStatus: 201 })
      .input(z.object({ next: z.string().max(2048).optional().describe('Path to open after the sign-in.') }).default({}))
      .output(z.object({ url: z.string() }))
      .mutation(({ input, ctx }) => {
        if (ctx.actor.kind !== 'user') throw new StatusError('Forbidden', 'Only a person\'s token makes sign-in links.');
        // A session has all of its person's rights, and outlives the token.
        if (ctx.actor.limits !== undefined) throw new StatusError('Forbidden', 'An access token is limited, and a session is not: it makes no sign-in links.', { code: 'TOKEN_LIMITED' });
        const next = input.next === undefined ? '' : `&next=${encodeURIComponent(input.next)}`;
        return { url: `${ctx.origin}/login?code=${opts.createLoginCode(ctx.actor.name)}${next}` };
      }),
  });
}
