import { z } from 'zod';
import { StatusError } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import { objectName } from '#shared/kind/objectMeta';
import { organizationNotFound } from '../resources/authorize';
import { procedure, router } from '../rpc/trpc';

/** An address whose capability is still to come. */
export interface PlannedRoute {
  /** Name of the procedure, under `planned`. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** After `/api/orgs/{org}/`. */
  readonly path: string;
  /** Further addresses, whole. */
  readonly aliases?: readonly `/api/${string}`[];
  /** What it will do. */
  readonly summary: string;
  /** Which capability of `GET /api/info` it belongs to. */
  readonly capability: string;
  /** Why it does not work yet, and what does. */
  readonly reason: string;
}

/**
 * A procedure for each: whoever is signed in and may see the organization is told `NotImplemented` and why; everybody else what they
 * are told everywhere. So a client finds out whether an address is wrong or early.
 */
export function createPlannedRouter(routes: readonly PlannedRoute[], opts: { tags: Readonly<Record<string, string>>; organization: AnyKind }) {
  return router(Object.fromEntries(routes.map((route) => [route.name, plannedProcedure(route, opts)])));
}

function plannedProcedure(route: PlannedRoute, opts: { tags: Readonly<Record<string, string>>; organization: AnyKind }) {
  const parameters = Object.fromEntries([...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, z.string().max(253).describe('Name.')]));
  const base = procedure
    .meta({
      openapi: { method: route.method, path: `/api/orgs/{org}/${route.path}`, tags: [opts.tags[route.capability] ?? 'Planned'], summary: route.summary },
      ...(route.aliases === undefined ? {} : { aliases: route.aliases }),
      availability: 'planned',
    })
    .input(z.object({ org: objectName.describe('Organization slug.'), ...parameters }).loose())
    .output(z.object({}));
  const refuse = async ({ input, ctx }: { input: { org: string }; ctx: { resources: { find: (kind: AnyKind, ref: { org: string; name: string }) => Promise<unknown> } } }): Promise<never> => {
    if ((await ctx.resources.find(opts.organization, { org: input.org, name: input.org })) === undefined) throw organizationNotFound(input.org);
    throw new StatusError('NotImplemented', route.reason, { causes: [{ code: 'CapabilityPlanned', field: route.capability, message: 'GET /api/info says which capabilities this server has' }] });
  };
  return route.method === 'GET' ? base.query(refuse) : base.mutation(refuse);
}

/** What clients may offer: each capability that an address waits for is false. */
export function capabilitiesOf(routes: readonly PlannedRoute[]): Record<string, boolean> {
  return Object.fromEntries([...new Set(routes.map(({ capability }) => capability))].map((name) => [name, false]));
}
