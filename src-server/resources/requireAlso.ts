import type { AnyKind } from '#shared/kind/defineKind';
import type { StrategyContext } from './strategy';

/**
 * What a write takes beside the right to write: an import that comes with a creation, a verdict that comes with a review. Strategies ask it,
 * so that the generic verbs give no more than the named ones.
 *
 * @throws as `ResourceClient.require` does.
 */
export async function requireAlso(ctx: Pick<StrategyContext, 'actor' | 'resources'>, verb: string, asked: { readonly kind: AnyKind; readonly org: string; readonly name?: string }): Promise<void> {
  if (ctx.actor.kind === 'system') return;
  const { kind, ...ref } = asked;
  const own = ctx.resources.as(ctx.actor);
  // A write is one act and leaves one record; asked aloud, it is to be refused.
  if (!(await own.may(verb, kind, ref)).allowed) await own.require(verb, kind, ref);
}
