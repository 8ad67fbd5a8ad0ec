import type { ObjectOf } from '#shared/kind/defineKind';
import type { AgentProviderConfig } from '#shared/kinds/agents/agentProviderConfig';

interface Rate {
  readonly inputPerMillionUsd: number;
  readonly outputPerMillionUsd: number;
}

/** List prices of well-known models, US dollars for a million tokens, for agents that report tokens and no cost. */
const DEFAULT_RATES: readonly (readonly [RegExp, Rate])[] = [
  [/opus/i, { inputPerMillionUsd: 5, outputPerMillionUsd: 25 }],
  [/sonnet/i, { inputPerMillionUsd: 3, outputPerMillionUsd: 15 }],
  [/haiku/i, { inputPerMillionUsd: 1, outputPerMillionUsd: 5 }],
  [/gpt-5.*mini/i, { inputPerMillionUsd: 0.25, outputPerMillionUsd: 2 }],
  [/gpt-5/i, { inputPerMillionUsd: 1.25, outputPerMillionUsd: 10 }],
  [/gemini.*flash/i, { inputPerMillionUsd: 0.3, outputPerMillionUsd: 2.5 }],
  [/gemini.*pro/i, { inputPerMillionUsd: 1.25, outputPerMillionUsd: 10 }],
];

/**
 * What tokens of a model cost, in US dollars. The organization's own rates come first. Undefined when the model or the split between
 * input and output is not known: no number is better than an invented one.
 */
export function estimateCostUsd(
  model: string | undefined,
  usage: { inputTokens?: number | undefined; outputTokens?: number | undefined } | undefined,
  providers: readonly Pick<ObjectOf<typeof AgentProviderConfig>, 'spec'>[],
): number | undefined {
  if (model === undefined || usage?.inputTokens === undefined || usage.outputTokens === undefined) return undefined;
  const own = providers.flatMap(({ spec }) => spec.modelRates?.[model] ?? [])[0];
  const rate = own ?? DEFAULT_RATES.find(([pattern]) => pattern.test(model))?.[1];
  return rate === undefined ? undefined : (usage.inputTokens * rate.inputPerMillionUsd + usage.outputTokens * rate.outputPerMillionUsd) / 1_000_000;
}
