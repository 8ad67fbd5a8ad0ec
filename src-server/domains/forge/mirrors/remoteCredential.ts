import { isStatusError, StatusError } from '#shared/api/status';
import type { RemoteCredential } from '../git/remotes/remoteAccess';

/** Reads one entry of a Secret of an organization, for the server's own use. `NotFound` for a Secret or an entry that is not there. */
export type SecretEntryReader = (org: string, ref: { readonly name: string; readonly key: string }) => Promise<string>;

/** What a host takes in place of a name where only a token counts. */
const TOKEN_USER = 'x-access-token';

/**
 * The credential that a Secret holds: `privateKey` (or `ssh-privatekey`) with `knownHosts`, else `username` and `password`, or a `token`.
 *
 * @throws Conflict (CREDENTIAL_MISSING), naming the Secret and what it should have.
 */
export async function readCredential(readEntry: SecretEntryReader, org: string, secretName: string): Promise<RemoteCredential> {
  const entry = async (...keys: readonly string[]): Promise<string | undefined> => {
    for (const key of keys) {
      const value = await readEntry(org, { name: secretName, key }).catch(unlessMissing);
      if (value !== undefined && value !== '') return value.trimEnd();
    }
    return undefined;
  };
  const privateKey = await entry('privateKey', 'ssh-privatekey');
  if (privateKey !== undefined) {
    const knownHosts = await entry('knownHosts', 'known_hosts');
    return { kind: 'key', privateKey, ...(knownHosts === undefined ? {} : { knownHosts }) };
  }
  const password = await entry('password', 'token');
  if (password !== undefined) return { kind: 'password', username: (await entry('username')) ?? TOKEN_USER, password };
  throw new StatusError('Conflict', `The Secret "${secretName}" is not there, or has neither "password" nor "token" nor "privateKey"`, { code: 'CREDENTIAL_MISSING' });
}

function unlessMissing(error: unknown): undefined {
  if (!isStatusError(error, 'NotFound')) throw error;
}
