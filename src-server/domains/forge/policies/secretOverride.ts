const OPTION = /^(?:kradle\.)?secret-override=(.*)$/s;
const MIN_REASON = 5;
const MAX_REASON = 500;

/** The reason of `git push -o secret-override="…"`; undefined where none, or none that says anything, is given. */
export function readSecretOverride(options: readonly string[]): string | undefined {
  const given = options.flatMap((option) => OPTION.exec(option)?.[1] ?? []).at(-1);
  const reason = given?.trim().replace(/^"(.*)"$/s, '$1').replace(/\s+/g, ' ').trim();
  return reason === undefined || reason.length < MIN_REASON ? undefined : reason.slice(0, MAX_REASON);
}
