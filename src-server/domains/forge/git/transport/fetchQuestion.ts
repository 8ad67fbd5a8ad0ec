import { createHash } from 'node:crypto';
import { FLUSH_PKT, PktParser } from './pktLine';

/** What a client says of itself, and no answer depends on. */
const ABOUT_THE_CLIENT = /^(agent|session-id)=/;
/** Names of references in a question are read when git answers, and no state of the repository that is cheap to know has them all. */
const ASKS_BY_NAME = /^(want-ref|deepen-not) /;

/** A question that others ask, too. */
export interface SharedQuestion {
  /** Whether the answer is a pack, or a list of references. */
  readonly about: 'pack' | 'refs';
  /** The same for all clients that ask the same. */
  readonly digest: string;
}

/**
 * A question of protocol 2 as far as it says for itself what is asked: a fetch that ends in a pack, or a list of references; undefined for every other, which
 * is git's alone (gitprotocol-v2(5)).
 */
export function readQuestionOf(question: Buffer, protocol: string | undefined): SharedQuestion | undefined {
  if (!isVersion2(protocol) || !question.subarray(-4).equals(FLUSH_PKT)) return undefined;
  const lines = readLines(question);
  const about = lines === undefined ? undefined : subjectOf(lines);
  if (lines === undefined || about === undefined) return undefined;
  return { about, digest: createHash('sha256').update(lines.filter((line) => !ABOUT_THE_CLIENT.test(line)).join('\n')).digest('base64') };
}

/** What a client says of the protocol's version, read as git does. */
export function isVersion2(protocol: string | undefined): boolean {
  return protocol?.split(':').includes('version=2') === true;
}

function subjectOf(lines: readonly string[]): SharedQuestion['about'] | undefined {
  if (lines[0] === 'command=ls-refs') return 'refs';
  return lines[0] === 'command=fetch' && lines.includes('done') && !lines.some((line) => ASKS_BY_NAME.test(line)) ? 'pack' : undefined;
}

/** The lines of one command; undefined for what git has to judge. A delimiter is an empty line. */
function readLines(question: Buffer): string[] | undefined {
  const parser = new PktParser();
  parser.push(question);
  const lines: string[] = [];
  try {
    for (let pkt = parser.next(); pkt !== undefined; pkt = parser.next()) {
      if (pkt.kind === 'flush') return parser.rest.length === 0 ? lines : undefined;
      lines.push(pkt.kind === 'data' ? pkt.payload.toString('latin1').replace(/\n$/, '') : '');
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return undefined;
}
