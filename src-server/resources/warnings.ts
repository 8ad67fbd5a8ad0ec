import type { WriteOptions } from './resourceClient';

/** Warnings that one write tells at most: input may deserve a million. */
const MAX_WARNINGS = 50;
const MAX_WARNING_LENGTH = 500;

/** The options with a listener that hears each warning once, though a write that lost a race starts over. */
export function withDistinctWarnings<TOptions extends WriteOptions>(options: TOptions): TOptions {
  const { onWarning } = options;
  if (onWarning === undefined) return options;
  let told: Set<string> | undefined;
  return {
    ...options,
    onWarning: (warning) => {
      told ??= new Set();
      if (told.has(warning) || told.size >= MAX_WARNINGS) return;
      told.add(warning);
      onWarning(warning.length > MAX_WARNING_LENGTH ? `${warning.slice(0, MAX_WARNING_LENGTH)}…` : warning);
    },
  };
}
