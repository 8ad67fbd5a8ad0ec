import { createHash } from 'node:crypto';
import { FLUSH_PKT, PktParser } from './pktLine';

/** What a client says of itself, and no answer depends on. */
const ABOUT_THE_CLIENT = /^(agent|session-id)=/;
/** Names of references in a question are read when git answers, and no state of the repository that is cheap to know has them all. */
const ASKS_BY_NAME = /^(want-ref|deepen-not) /;

/**
 * A digest of a fetch of protocol 2 that ends in a pack, the same for all clients that ask the same; undefined for every other question, which
 * is git's alone (gitprotocol-v2(5), "fetch").
 */
export function digestFetch(question: Buffer, protocol: string | undefined): string | undefined {
  if (protocol?.split(':').includes('version=2') !== true || !question.subarray(-4).equals(FLUSH_PKT)) return undefined;
  const lines = readLines(question);
  if (lines === undefined || lines[0] !== 'command=fetch' || !lines.includes('done') || lines.some((line) => ASKS_BY_NAME.test(line))) return undefined;
  return createHash('sha256').update(lines.filter((line) => !ABOUT_THE_CLIENT.test(line)).join('\n')).digest('base64');
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
