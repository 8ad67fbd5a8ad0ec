import type { AnyKind } from '#shared/kind/defineKind';
import type { ResourceClient } from './resourceClient';
import type { StrategyContext } from './strategy';

/** What is asked about: an object, or the kind where no name is given. */
export interface AskedAbout {
  readonly kind: AnyKind;
  readonly org: string;
  readonly name?: string;
}

/**
 * What a write takes beside the right to write: an import that comes with a creation, a verdict that comes with a review. Strategies ask it,
 * so that the generic verbs give no more than the named ones.
 *
 * @throws as `ResourceClient.require` does.
 */
export async function requireAlso(ctx: Pick<StrategyContext, 'actor' | 'resources'>, verb: string, asked: AskedAbout): Promise<void> {
  if (ctx.actor.kind !== 'system') await requireQuietly(ctx.resources.as(ctx.actor), verb, asked);
}

/**
 * Asks as `ResourceClient.require` does, and leaves no record when it is allowed: whoever asks this way notes the act itself, because it
 * knows more of it, or because it is part of another. Answers the rule that allows it.
 *
 * @throws as `ResourceClient.require` does, which notes the refusal.
 */
export async function requireQuietly(resources: ResourceClient, verb: string, { kind, ...ref }: AskedAbout): Promise<string> {
  const decision = await resources.may(verb, kind, ref);
  if (!decision.allowed) await resources.require(verb, kind, ref);
  return decision.rule;
}
