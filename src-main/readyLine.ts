import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Where a server is, as `kradle serve --json` says in its first line. */
export interface ServerAddress {
  readonly url: string;
  /** Signs the opener in, once. */
  readonly signInLink: string;
}

/** The first line of a server's standard output. Rejects when the output ends without one. */
export async function readReadyLine(output: Readable): Promise<ServerAddress> {
  for await (const line of createInterface({ input: output })) {
    const facts = JSON.parse(line) as Partial<ServerAddress>;
    if (typeof facts.url !== 'string' || typeof facts.signInLink !== 'string') break;
    return { url: facts.url, signInLink: facts.signInLink };
  }
  throw new Error('The server ended before it was ready.');
}
