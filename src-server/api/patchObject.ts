import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { isPlainObject } from '#shared/kind/paths';
import type { RequestContext } from '../rpc/trpc';

export interface ObjectPatchInput {
  readonly org: string;
  readonly name: string;
  /** RFC 7386. */
  readonly patch: Record<string, unknown>;
  /** Version that the object must be at. */
  readonly resourceVersion?: string | undefined;
  readonly dryRun: boolean;
}

/** Merges a patch into an object as the actor. @throws Conflict when the object is at another version. */
export async function patchObject(kind: AnyKind, input: ObjectPatchInput, ctx: Pick<RequestContext, 'resources' | 'warn'>): Promise<KradleObject> {
  const { org, name, resourceVersion, dryRun } = input;
  const metadata = isPlainObject(input.patch.metadata) ? input.patch.metadata : {};
  const patch = resourceVersion === undefined ? input.patch : { ...input.patch, metadata: { ...metadata, resourceVersion } };
  const { object } = await ctx.resources.patch(kind, { org, name }, { type: 'merge', patch }, { dryRun, onWarning: ctx.warn });
  return object;
}
