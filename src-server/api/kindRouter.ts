import { z } from 'zod';
import { listParams, orgParam } from '#shared/api/paging';
import type { Kind, ObjectInputOf, ObjectOf } from '#shared/kind/defineKind';
import { objectMetaInput, objectName } from '#shared/kind/objectMeta';
import { procedure, router } from '../rpc/trpc';

const DEFAULT_PAGE = 500;
const byName = orgParam.extend({ name: objectName });
const inPages = orgParam.extend(listParams.shape);

/** The verbs of one kind, typed by it: what `client.kinds.agentstacks.get.query(…)` answers is an AgentStack. */
export function createKindRouter<TName extends string, TSpec extends z.ZodRawShape, TStatus extends z.ZodRawShape>(kind: Kind<TName, TSpec, TStatus>) {
  type TObject = ObjectOf<Kind<TName, TSpec, TStatus>>;
  type TInput = ObjectInputOf<Kind<TName, TSpec, TStatus>>;
  // Admission checks the object, so that every door refuses with the same words; here only the envelope is looked at.
  const write = orgParam.extend({
    resource: z.object({ metadata: objectMetaInput, spec: z.custom<TInput['spec']>((value) => typeof value === 'object' && value !== null) }),
    dryRun: z.boolean().default(false),
  });

  return router({
    list: procedure
      .input(inPages)
      .query(async ({ input, ctx }): Promise<{ items: TObject[]; metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number } }> =>
        ctx.resources.list(kind as never, { ...input, limit: input.limit ?? DEFAULT_PAGE }) as never),
    get: procedure.input(byName).query(async ({ input, ctx }): Promise<TObject> => ctx.resources.get(kind as never, input) as never),
    create: procedure
      .meta({ writesOne: true })
      .input(write)
      .mutation(async ({ input, ctx }): Promise<TObject> => ctx.resources.create(kind as never, input.org, input.resource as never, { dryRun: input.dryRun, onWarning: ctx.warn }) as never),
    update: procedure
      .meta({ writesOne: true })
      .input(write)
      .mutation(async ({ input, ctx }): Promise<TObject> => ctx.resources.update(kind as never, input.org, input.resource as never, { dryRun: input.dryRun, onWarning: ctx.warn }) as never),
    delete: procedure
      .meta({ writesOne: true })
      .input(byName)
      .mutation(async ({ input, ctx }): Promise<TObject> => ctx.resources.delete(kind as never, input, { onWarning: ctx.warn }) as never),
  });
}

type KindRouter<TKind> = TKind extends Kind<infer TName, infer TSpec, infer TStatus> ? ReturnType<typeof createKindRouter<TName, TSpec, TStatus>> : never;

/** A router for each kind of a record, under the record's keys. */
export function createKindRouters<TKinds extends Readonly<Record<string, unknown>>>(kinds: TKinds): { [K in keyof TKinds]: KindRouter<TKinds[K]> } {
  // The one cast of the factory: Object.fromEntries forgets which key has which kind.
  return Object.fromEntries(Object.entries(kinds).map(([plural, kind]) => [plural, createKindRouter(kind as Kind)])) as never;
}
