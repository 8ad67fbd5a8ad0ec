import { z } from 'zod';
import { expectedVersion, listMeta, listParams, orgParam } from '#shared/api/paging';
import type { Kind, ObjectOf } from '#shared/kind/defineKind';
import { objectName } from '#shared/kind/objectMeta';
import { objectSchema } from '../rpc/objectSchema';
import { procedure, router } from '../rpc/trpc';
import { toObjectInput } from './objectInput';
import { patchObject } from './patchObject';

export interface KindRoutesOptions {
  /** Address of the list: `/api/orgs/{org}/agents/stacks`. */
  readonly path: `/api/orgs/{org}/${string}`;
  readonly tag: string;
  /** What people call one of them: `an agent`. */
  readonly one: string;
  /** Several of them: `agents`. */
  readonly many: string;
}

const DEFAULT_PAGE = 500;

/**
 * The verbs of one kind at an address of their own, typed by it. They are those of the generic door: admission, permission and
 * conditions are the same (seeds, 001-api-contract-spec, "Resource CRUD").
 */
export function createKindRoutes<TName extends string, TSpec extends z.ZodRawShape, TStatus extends z.ZodRawShape>(kind: Kind<TName, TSpec, TStatus>, opts: KindRoutesOptions) {
  type TObject = ObjectOf<Kind<TName, TSpec, TStatus>>;
  const { path, one, many } = opts;
  const tags = [opts.tag];
  const single = `${path}/{name}` as const;
  const output = objectSchema<TObject>();
  const byName = orgParam.extend({ name: objectName });
  const resource = z.looseObject({}).describe('The object: metadata and spec.');
  const dryRun = z.boolean().default(false).describe('Checks everything and stores nothing.');

  return router({
    list: procedure
      .meta({ openapi: { method: 'GET', path, tags, summary: `List ${many}` } })
      .input(orgParam.extend(listParams.shape))
      .output(z.object({ items: z.array(output), metadata: listMeta }))
      .query(({ input, ctx }) => ctx.resources.list(kind as never, { ...input, limit: input.limit ?? DEFAULT_PAGE, signal: ctx.signal }) as unknown as Promise<{ items: TObject[]; metadata: z.output<typeof listMeta> }>),
    create: procedure
      .meta({ openapi: { method: 'POST', path, tags, summary: `Create ${one}` }, bodyField: 'resource', successStatus: 201 })
      .input(orgParam.extend({ resource, dryRun }))
      .output(output)
      .mutation(({ input, ctx }) => ctx.resources.create(kind as never, input.org, toObjectInput(input.resource) as never, { dryRun: input.dryRun, onWarning: ctx.warn }) as Promise<TObject>),
    get: procedure
      .meta({ openapi: { method: 'GET', path: single, tags, summary: `Get ${one}` } })
      .input(byName)
      .output(output)
      .query(({ input, ctx }) => ctx.resources.get(kind as never, input) as Promise<TObject>),
    patch: procedure
      .meta({ openapi: { method: 'PATCH', path: single, tags, summary: `Change a part of ${one}: a JSON merge patch, null removes` }, bodyField: 'patch' })
      .input(byName.extend({ patch: z.looseObject({}).describe('RFC 7386: the fields that are to change.'), resourceVersion: expectedVersion, dryRun }))
      .output(output)
      .mutation(({ input, ctx }) => patchObject(kind as never, input, ctx) as Promise<never>),
    delete: procedure
      .meta({ openapi: { method: 'DELETE', path: single, tags, summary: `Delete ${one}` } })
      .input(byName.extend({ resourceVersion: expectedVersion, dryRun }))
      .output(z.object({ deleted: z.boolean().describe('False for a dry run.'), name: z.string(), kind: z.string(), resource: output }))
      .mutation(async ({ input, ctx }) => {
        const { dryRun: isDryRun, resourceVersion: expected } = input;
        const deleted = (await ctx.resources.delete(kind as never, input, { dryRun: isDryRun, onWarning: ctx.warn, ...(expected === undefined ? {} : { expectedResourceVersion: expected }) })) as TObject;
        return { deleted: !isDryRun, name: input.name, kind: kind.names.kind, resource: deleted };
      }),
  });
}
