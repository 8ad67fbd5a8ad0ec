import type { RunnerEvent } from '../domains/agents/runnerProtocol';

/** Of an event as JSON; the event log takes 1 MiB of data. */
const MAX_BYTES = 1_000_000;
/** Longest string in an event that is too large, tried in this order. */
const STRING_LENGTHS = [100_000, 20_000, 4_000, 500];

/** Levels of objects and arrays in an event; JSON of some thousands overflows the stack of whoever writes it. */
const MAX_DEPTH = 128;

/** The event as one line of JSON. Long strings of an oversized one are cut, and say so; everything else stays verbatim. */
export function shrinkEvent(event: RunnerEvent): string {
  if (isTooDeep(event.data)) return leftOut(event, `it is nested deeper than ${MAX_DEPTH} levels`);
  const line = JSON.stringify(event);
  if (fits(line)) return line;
  for (const limit of STRING_LENGTHS) {
    const shorter = JSON.stringify({ ...event, data: cutStrings(event.data, limit) });
    if (fits(shorter)) return shorter;
  }
  return leftOut(event, `it has ${line.length} characters and is too large even without its long texts`);
}

function leftOut(event: RunnerEvent, why: string): string {
  const data = { message: `An event of type ${event.type} was left out: ${why}.` };
  return JSON.stringify({ id: event.id, at: event.at, type: 'runner.notice', data });
}

function isTooDeep(data: unknown): boolean {
  let level: unknown[] = [data];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((value): unknown[] => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
  return false;
}

/** A character has at most three bytes in UTF-8, so most lines need no counting. */
function fits(line: string): boolean {
  return line.length * 3 <= MAX_BYTES || Buffer.byteLength(line) <= MAX_BYTES;
}

function cutStrings(value: unknown, limit: number): unknown {
  if (typeof value === 'string') {
    return value.length <= limit ? value : `${value.slice(0, limit)}\n… ${value.length - limit} more characters were cut`;
  }
  if (Array.isArray(value)) return value.map((each) => cutStrings(each, limit));
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, cutStrings(each, limit)]));
  return value;
}
