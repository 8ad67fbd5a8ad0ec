import { StatusError } from '#shared/api/status';
import { formatPath } from '#shared/kind/paths';

/** Levels of a body. Objects may have 64 (`resources/limits.ts`); a JSON Patch wraps some around them. */
export const MAX_BODY_DEPTH = 100;
/** Duplicates that one answer lists. */
const MAX_DUPLICATES = 10;

interface Level {
  /** Keys that this object has had; absent for an array. */
  readonly keys?: Set<string>;
  /** Key or index of the value that is read now. */
  at: string | number;
  expectsKey: boolean;
}

/**
 * How many keys the objects of a JSON text have. Where the data that `JSON.parse` makes of it has fewer ({@link countKeys}), some stand
 * twice; nearly always it has as many, and this is told sooner than which they are.
 *
 * @throws BadRequest for text that is nested deeper than {@link MAX_BODY_DEPTH}.
 */
export function countWrittenKeys(text: string): number {
  let keys = 0;
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
      case 0x7b: // {
      case 0x5b: // [
        depth += 1;
        if (depth > MAX_BODY_DEPTH) throw tooDeep();
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth -= 1;
        break;
      case 0x3a: // :
        keys += 1;
        break;
      case 0x22: // "
        index = endOfString(text, index);
        break;
      default:
    }
  }
  return keys;
}

/** How many keys the objects of JSON data have. */
export function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let keys = 0;
  if (Array.isArray(value)) for (const each of value) keys += countKeys(each);
  else for (const key in value) keys += 1 + countKeys((value as Record<string, unknown>)[key]);
  return keys;
}

/**
 * What `JSON.parse` does not tell: keys that stand twice in an object, as paths (`spec.prompt.system`), the first ten of them. One
 * pass without recursion. Text that is not JSON gets some answer or other; parsing it says what is wrong.
 *
 * @throws BadRequest for text that is nested deeper than {@link MAX_BODY_DEPTH}.
 */
export function findDuplicateKeys(text: string): string[] {
  const duplicates = new Set<string>();
  const levels: Level[] = [];
  let level: Level | undefined;
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
      case 0x7b: // {
      case 0x5b: { // [
        const isObject = text[index] === '{';
        level = { keys: isObject ? new Set() : undefined, at: isObject ? '' : 0, expectsKey: isObject };
        levels.push(level);
        if (levels.length > MAX_BODY_DEPTH) throw tooDeep();
        break;
      }
      case 0x7d: // }
      case 0x5d: // ]
        levels.pop();
        level = levels.at(-1);
        break;
      case 0x2c: // ,
        if (typeof level?.at === 'number') level.at += 1;
        else if (level !== undefined) level.expectsKey = true;
        break;
      case 0x22: { // "
        const end = endOfString(text, index);
        if (level?.keys !== undefined && level.expectsKey) {
          level.expectsKey = false;
          level.at = readKey(text.slice(index, end + 1));
          if (level.keys.has(level.at) && duplicates.size < MAX_DUPLICATES) duplicates.add(formatPath(levels.map(({ at }) => at)));
          level.keys.add(level.at);
        }
        index = end;
        break;
      }
      default:
    }
  }
  return [...duplicates];
}

/** A document that would take recursion too deep. */
export function tooDeep(): StatusError {
  return new StatusError('BadRequest', `The document is nested deeper than ${MAX_BODY_DEPTH} levels`);
}

/** Index of the closing quote of the string that opens at `start`; of the end of the text when there is none. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}

function readKey(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted;
  }
}
