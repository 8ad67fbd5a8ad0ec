import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SavedContext } from './contexts';
import { CliError, EXIT } from './exitCode';

/** How to reach a server, and as whom. */
export interface Connection {
  /** Without a slash at the end. */
  readonly url: string;
  readonly token: string | undefined;
  /** Where the address came from, for messages. */
  readonly source: 'option' | 'context' | 'data folder';
}

export interface ConnectionInputs {
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly dataDir: string;
  /** The server that this person has signed in to and chosen. */
  readonly context?: SavedContext | undefined;
}

/**
 * The server that was named, else the one of the context, else the one of this machine's data folder. A token goes only to the server
 * that it is for: naming another one needs a token of its own.
 */
export function findConnection(inputs: ConnectionInputs): Connection {
  const local = readServerFile(inputs.dataDir);
  if (inputs.server !== undefined) {
    const url = normalizeUrl(inputs.server);
    const token = inputs.token ?? (local !== undefined && local.url === url ? readToken(inputs.dataDir) : inputs.context?.server === url ? inputs.context.token : undefined);
    return { url, token, source: 'option' };
  }
  if (inputs.context !== undefined) return { url: normalizeUrl(inputs.context.server), token: inputs.token ?? inputs.context.token, source: 'context' };
  if (local === undefined) {
    throw new CliError(`No Kradle server is running on the data folder ${inputs.dataDir}.`, {
      exitCode: EXIT.unreachable,
      hint: 'Start one with "kradle serve", sign in to one with "kradle login URL", or name one with --server and --token (KRADLE_SERVER, KRADLE_TOKEN).',
    });
  }
  return { url: local.url, token: inputs.token ?? readToken(inputs.dataDir), source: 'data folder' };
}

/** The address of a server without a slash at the end, `http://` in front unless it says more. Throws a usage error. */
export function normalizeUrl(value: string): string {
  const text = /^https?:\/\//i.test(value) ? value : `http://${value}`;
  if (!URL.canParse(text)) throw new CliError(`"${value}" is not the address of a server.`, { exitCode: EXIT.usage, hint: 'Write it like http://127.0.0.1:3080.' });
  return text.replace(/\/+$/, '');
}

function readServerFile(dataDir: string): { url: string } | undefined {
  try {
    const { url } = JSON.parse(readFileSync(join(dataDir, 'server.json'), 'utf8')) as { url?: string };
    return url === undefined ? undefined : { url: url.replace(/\/+$/, '') };
  } catch {
    // No server has run here, or it is writing the file now: both mean that none can be reached.
    return undefined;
  }
}

function readToken(dataDir: string): string | undefined {
  try {
    return readFileSync(join(dataDir, 'admin-token'), 'utf8').trim() || undefined;
  } catch {
    // Another user's folder: the request is made without, and the 401 says what to do.
    return undefined;
  }
}
