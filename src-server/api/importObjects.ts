import { z } from 'zod';
import { isStatusError } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import type { RequestContext } from '../rpc/trpc';
import { toObjectInput } from './objectInput';

/** What became of each object that was sent, in the same order. */
export const importResults = z.object({
  applied: z.number().int(),
  failed: z.number().int(),
  items: z.array(z.object({
    kind: z.string(),
    name: z.string(),
    operation: z.enum(['created', 'configured', 'unchanged', 'failed']),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
  })),
});

/** Applies objects one after the other as the actor. One that is refused does not keep the others from being applied. */
export async function importObjects(
  find: (kind: string) => AnyKind, input: { org: string; resources: readonly (Record<string, unknown> & { kind: string })[]; dryRun: boolean }, ctx: Pick<RequestContext, 'resources' | 'warn' | 'signal'>,
): Promise<z.output<typeof importResults>> {
  const items: z.output<typeof importResults>['items'] = [];
  for (const resource of input.resources) {
    if (ctx.signal.aborted) break;
    const { kind } = resource;
    const { metadata = {}, ...document } = toObjectInput(withoutServerFields(resource));
    const name = metadata.name ?? '';
    try {
      const { operation } = await ctx.resources.apply(find(kind), input.org, { ...document, metadata }, { dryRun: input.dryRun, onWarning: ctx.warn });
      items.push({ kind, name, operation });
    } catch (error) {
      // Who may not see the organization may not import anything into it: that is no matter of single objects.
      if (!isStatusError(error) || error.code === 'ORG_NOT_FOUND' || error.httpStatus >= 500) throw error;
      items.push({ kind, name, operation: 'failed', error: { code: error.code, message: error.message } });
    }
  }
  const failed = items.filter(({ operation }) => operation === 'failed').length;
  return { applied: items.length - failed, failed, items };
}

/** A snapshot shows what the server has set; as a precondition it would be that of another installation. */
function withoutServerFields(resource: Record<string, unknown>): Record<string, unknown> {
  const { status: _status, ...rest } = resource;
  if (typeof rest.metadata !== 'object' || rest.metadata === null || Array.isArray(rest.metadata)) return rest;
  const { name, labels, annotations } = rest.metadata as Record<string, unknown>;
  return { ...rest, metadata: Object.fromEntries(Object.entries({ name, labels, annotations }).filter(([, value]) => value !== undefined)) };
}
