import { RE2JS } from 're2js';

/** Of messages, as much as anybody reads. */
const MAX_TEXT = 64 * 1024;
const compiled = new Map<string, RE2JS | { readonly problem: string }>();

/**
 * Whether a pattern is found in a text. RE2's expressions take time in proportion to the text, whatever the pattern; `^` and `$` mean
 * lines. A pattern that cannot be read is found nowhere; {@link messagePatternProblem} has refused it before.
 */
export function isFound(pattern: string, text: string): boolean {
  const expression = compile(pattern);
  return expression instanceof RE2JS && expression.matcher(text.slice(0, MAX_TEXT)).find();
}

/** What is wrong with a pattern, in words. */
export function messagePatternProblem(pattern: string): string | undefined {
  const expression = compile(pattern);
  return expression instanceof RE2JS ? undefined : expression.problem;
}

function compile(pattern: string): RE2JS | { readonly problem: string } {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const made = tryCompile(pattern);
  if (compiled.size >= 1000) compiled.clear();
  compiled.set(pattern, made);
  return made;
}

function tryCompile(pattern: string): RE2JS | { readonly problem: string } {
  try {
    return RE2JS.compile(pattern, RE2JS.MULTILINE);
  } catch (error) {
    return { problem: `${error instanceof Error ? error.message : String(error)}; look-ahead, look-behind and back references are not part of RE2` };
  }
}
