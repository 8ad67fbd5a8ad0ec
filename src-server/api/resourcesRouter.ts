import { z } from 'zod';
import { expectedVersion, listMeta, listParams, orgParam } from '#shared/api/paging';
import { StatusError } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { ForeignKind } from '#shared/kind/foreignKind';
import { objectName } from '#shared/kind/objectMeta';
import type { KindRegistry } from '#shared/kind/registry';
import { requireKind } from '#shared/kind/requireKind';
import { objectSchema, typedOutput } from '../rpc/objectSchema';
import { procedure, router } from '../rpc/trpc';
import { createKindDescriptions, type KindDescription, type KindSummary } from './kindDescriptions';
import { importObjects, importResults } from './importObjects';
import { toObjectInput } from './objectInput';
import { patchObject } from './patchObject';
import { searchObjects } from './searchObjects';
import { findUsers } from './usedBy';

/** Page size at the doors when the client names none. */
const DEFAULT_PAGE = 500;

const kindParam = z.string().min(1).max(100).describe('Kind, plural, singular or short name: AgentStack, agentstacks, stack.');
const byName = orgParam.extend({ kind: kindParam, name: objectName });
const resourceBody = z.looseObject({}).describe('The object: apiVersion, kind, metadata, spec.');
const dryRun = z.boolean().default(false).describe('Checks everything and stores nothing.');
const createOnly = z.boolean().default(false).describe('Refuses, as ALREADY_EXISTS, what is there already instead of changing it.');

/** The generic verbs over objects of any kind, named by a string. `kinds.*` has the same verbs typed by kind. */
export function createResourcesRouter(registry: KindRegistry) {
  const find = (name: string): AnyKind => requireKind(registry, name);
  const descriptions = createKindDescriptions(registry);

  return router({
    kinds: procedure
      .meta({ openapi: { method: 'GET', path: '/api/kinds', tags: ['Resources'], summary: 'Every kind; complete, or without what /api/kinds/{kind} tells of one' } })
      .input(z.object({ view: z.enum(['full', 'summary']).default('full').describe('`summary` leaves out `form`, `schema` and `usedBy`, which are 19 parts of 20.') }).default({ view: 'full' }))
      .output(z.object({
        items: z.array(typedOutput<KindSummary & Partial<KindDescription>>()),
        foreign: z.array(typedOutput<ForeignKind>()).describe('Kinds of other makers, which a cluster keeps.'),
      }))
      .query(async ({ input }) => ({ items: input.view === 'summary' ? descriptions.summaries() : await descriptions.all(), foreign: [...registry.foreign] })),

    kind: procedure
      .meta({ openapi: { method: 'GET', path: '/api/kinds/{kind}', tags: ['Resources'], summary: 'A kind with its columns, form, JSON Schema and references' } })
      .input(z.object({ kind: kindParam }))
      .output(typedOutput<KindDescription>())
      .query(({ input }) => descriptions.one(find(input.kind))),

    search: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/search', tags: ['Resources'], summary: 'Objects of any kind whose name or text has something in it' } })
      .input(orgParam.extend({
        q: z.string().trim().min(2).max(200).describe('Text to look for in names and titles; case does not matter.'),
        limit: z.coerce.number().int().min(1).max(50).default(6).describe('Objects of each kind.'),
      }))
      .output(z.object({
        items: z.array(z.object({
          kind: z.string(), plural: z.string(), title: z.string(),
          items: z.array(z.object({ name: z.string(), label: z.string().optional().describe('Title, display name or summary.') })),
          more: z.boolean().describe('There may be more of this kind.'),
        })),
      }))
      .query(async ({ input, ctx }) => ({ items: await searchObjects(registry, ctx.resources, { ...input, signal: ctx.signal }) })),

    usedBy: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/resources/{kind}/{name}/used-by', tags: ['Resources'], summary: 'The objects that name this one, by kind' } })
      .input(byName.extend({
        by: kindParam.optional().describe('Only users of this kind.'),
        limit: z.coerce.number().int().min(1).max(500).default(20).describe('Users of each kind.'),
        continue: z.string().max(6000).optional().describe('Token of the previous page; only with `by`.'),
      }))
      .output(z.object({
        items: z.array(z.object({
          kind: z.string(), plural: z.string(),
          items: z.array(z.object({ name: z.string(), paths: z.array(z.string()).describe('The fields that name it: spec.repository.') })),
          continue: z.string().optional().describe('There may be more of this kind.'),
        })),
      }))
      .query(async ({ input, ctx }) => {
        const { by, continue: token, ...rest } = input;
        if (token !== undefined && by === undefined) throw new StatusError('BadRequest', 'A page of users goes on for one kind.', { causes: [{ code: 'FieldValueRequired', field: 'by', message: 'the kind that the token came with' }] });
        const users = await findUsers(registry, ctx.resources, { ...rest, kind: find(input.kind), signal: ctx.signal, ...(by === undefined ? {} : { by: find(by) }), ...(token === undefined ? {} : { continue: token }) });
        return { items: users };
      }),

    list: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/resources', tags: ['Resources'], summary: 'List objects of a kind' } })
      .input(orgParam.extend({ kind: kindParam, ...listParams.shape }))
      .output(z.object({ apiVersion: z.string(), kind: z.string(), items: z.array(objectSchema()), metadata: listMeta, total: z.number().int().optional().describe('Objects that match in all: on the first page, unless a selection leaves more pages to look through.') }))
      .query(async ({ input, ctx }) => {
        const kind = find(input.kind);
        const { items, metadata } = await ctx.resources.list(kind, { ...input, limit: input.limit ?? DEFAULT_PAGE, signal: ctx.signal });
        return {
          apiVersion: kind.apiVersion, kind: `${kind.names.kind}List`, items: items as unknown as KradleObject[], metadata,
          ...totalOf(items.length, { metadata, isFirst: input.continue === undefined }),
        };
      }),

    /** Seeds, 003, route 15. */
    runtime: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/runtime-resources/{kind}', tags: ['Resources'], summary: 'List objects of a kind that controllers keep: runs, attempts, events' } })
      .input(orgParam.extend({ kind: kindParam, ...listParams.shape }))
      .output(z.object({ apiVersion: z.string(), kind: z.string(), items: z.array(objectSchema()), metadata: listMeta }))
      .query(async ({ input, ctx }) => {
        const kind = find(input.kind);
        const { items, metadata } = await ctx.resources.list(kind, { ...input, limit: input.limit ?? DEFAULT_PAGE, signal: ctx.signal });
        if (kind.storage !== 'aggregated') throw new StatusError('BadRequest', `${kind.names.kind} is configuration; list it at /api/orgs/${input.org}/resources?kind=${kind.names.plural}.`, { causes: [{ code: 'FieldValueInvalid', field: 'kind', message: 'a kind of aggregated state' }] });
        return { apiVersion: kind.apiVersion, kind: `${kind.names.kind}List`, items: items as unknown as KradleObject[], metadata };
      }),

    /** Seeds, 003, route 14. */
    importSnapshot: procedure
      .meta({ openapi: { method: 'POST', path: '/api/orgs/{org}/snapshot', tags: ['Controller'], summary: 'Apply the objects of a snapshot, one after the other' } })
      .input(orgParam.extend({ resources: z.array(z.looseObject({ kind: kindParam })).min(1).max(1000).describe('The objects, those that others refer to first.'), dryRun }))
      .output(importResults)
      .mutation(({ input, ctx }) => importObjects(find, input, ctx)),

    get: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/resources/{kind}/{name}', tags: ['Resources'], summary: 'Get an object' } })
      .input(byName)
      .output(objectSchema())
      .query(async ({ input, ctx }) => (await ctx.resources.get(find(input.kind), input)) as unknown as KradleObject),

    applyResource: procedure
      .meta({
        openapi: { method: 'POST', path: '/api/orgs/{org}/resources', tags: ['Resources'], summary: 'Create an object, or change it to what is sent' },
        writesOne: true,
        bodyField: 'resource',
        successStatus: { anyOf: [201, 200], choose: (output: { created: boolean }) => (output.created ? 201 : 200) },
      })
      .input(orgParam.extend({ resource: resourceBody, dryRun, createOnly }))
      .output(z.object({ operation: z.enum(['created', 'configured', 'unchanged']), created: z.boolean(), name: z.string(), resource: objectSchema() }))
      .mutation(async ({ input, ctx }) => {
        const kind = find(kindNameOf(input.resource));
        const opts = { dryRun: input.dryRun, onWarning: ctx.warn };
        const { object, operation } = input.createOnly
          ? { object: await ctx.resources.create(kind, input.org, toObjectInput(input.resource), opts), operation: 'created' as const }
          : await ctx.resources.apply(kind, input.org, toObjectInput(input.resource), opts);
        const resource = object as unknown as KradleObject;
        return { operation, created: operation === 'created', name: resource.metadata.name, resource };
      }),

    create: procedure
      .meta({ writesOne: true })
      .input(orgParam.extend({ resource: resourceBody, dryRun }))
      .mutation(async ({ input, ctx }) => (await ctx.resources.create(find(kindNameOf(input.resource)), input.org, toObjectInput(input.resource), { dryRun: input.dryRun, onWarning: ctx.warn })) as unknown as KradleObject),

    replace: procedure
      .meta({
        openapi: { method: 'PUT', path: '/api/orgs/{org}/resources/{kind}/{name}', tags: ['Resources'], summary: 'Replace an object; its resourceVersion, when sent, must be the present one' },
        writesOne: true,
        bodyField: 'resource',
      })
      .input(byName.extend({ resource: resourceBody, resourceVersion: expectedVersion, dryRun }))
      .output(objectSchema())
      .mutation(async ({ input, ctx }) => {
        const resource = toObjectInput(input.resource);
        const given = resource.metadata.name;
        if (given !== undefined && given !== input.name) {
          throw new StatusError('Invalid', 'The name in the body is not the one in the path.', { causes: [{ code: 'FieldValueInvalid', field: 'metadata.name', message: `must be ${input.name}` }] });
        }
        const version = input.resourceVersion === undefined ? {} : { resourceVersion: input.resourceVersion };
        const named = { ...resource, metadata: { ...resource.metadata, ...version, name: input.name } };
        return await ctx.resources.update(find(input.kind), input.org, named, { dryRun: input.dryRun, onWarning: ctx.warn });
      }),

    patch: procedure
      .meta({
        openapi: { method: 'PATCH', path: '/api/orgs/{org}/resources/{kind}/{name}', tags: ['Resources'], summary: 'Change a part of an object: a JSON merge patch, null removes' },
        writesOne: true,
        bodyField: 'patch',
      })
      .input(byName.extend({ patch: z.looseObject({}).describe('RFC 7386: the fields that are to change; null removes one, a list replaces a list.'), resourceVersion: expectedVersion, dryRun }))
      .output(objectSchema())
      .mutation(async ({ input, ctx }) => patchObject(find(input.kind), input, ctx)),

    delete: procedure
      .meta({ openapi: { method: 'DELETE', path: '/api/orgs/{org}/resources/{kind}/{name}', tags: ['Resources'], summary: 'Delete an object and what it owns' }, writesOne: true })
      .input(byName.extend({ resourceVersion: expectedVersion, dryRun }))
      .output(z.object({ deleted: z.boolean().describe('False for a dry run.'), name: z.string(), kind: z.string(), resource: objectSchema() }))
      .mutation(async ({ input, ctx }) => {
        const kind = find(input.kind);
        const resource = await ctx.resources.delete(kind, input, { dryRun: input.dryRun, onWarning: ctx.warn, ...(input.resourceVersion === undefined ? {} : { expectedResourceVersion: input.resourceVersion }) });
        return { deleted: !input.dryRun, name: input.name, kind: kind.names.kind, resource: resource as unknown as KradleObject };
      }),
  });
}

/** The store counts what is left only where it need not look at each object. */
function totalOf(count: number, page: { metadata: z.output<typeof listMeta>; isFirst: boolean }): { total?: number } {
  const { metadata, isFirst } = page;
  if (!isFirst || (metadata.continue !== undefined && metadata.remainingItemCount === undefined)) return {};
  return { total: count + (metadata.remainingItemCount ?? 0) };
}

function kindNameOf(resource: Record<string, unknown>): string {
  if (typeof resource.kind === 'string' && resource.kind !== '') return resource.kind;
  throw new StatusError('BadRequest', 'The object says no kind.', { causes: [{ code: 'FieldValueRequired', field: 'kind', message: 'a kind such as AgentStack' }] });
}
