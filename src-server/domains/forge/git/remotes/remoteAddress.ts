import { stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { isStatusError, StatusError, type StatusReason } from '#shared/api/status';
import type { AddressGuard, ResolvedAddress } from '../../../../http/safeAddress';
import { redactCredentials } from '../process/gitError';

/** Where another repository is, and which addresses may be called for it. */
export interface RemoteOptions {
  /** An absolute folder, or a URL that git understands (`https:`, `http:`, `ssh:`, `git:`, or `user@host:path`). */
  readonly source: string;
  /** May it be a folder of this machine? Only where the server is the user's own. */
  readonly allowFolders: boolean;
  /**
   * Where the server is not the user's own: which addresses it may call. Git then goes by http and https only, and by ssh with a key that
   * was given to it, to the addresses that were checked, and follows no redirect.
   */
  readonly addresses?: AddressGuard;
  /** A key for ssh was given. */
  readonly withKey?: boolean;
}

/** A repository elsewhere, as far as it is safe to name it to git. */
export interface Remote {
  readonly kind: 'folder' | 'url';
  readonly location: string;
  /** Settings of git that keep it to the addresses that were checked. */
  readonly pinned?: readonly (readonly [string, string])[];
  /** The address that ssh calls in place of the name, where that was checked. */
  readonly sshAddress?: { readonly host: string; readonly address: string };
}

/** Only what can be nothing but a repository's place: no options, no `ext::` helpers, no other schemes. Throws StatusErrors worded for whoever gave the address. */
export async function checkRemote(options: RemoteOptions): Promise<Remote> {
  const location = options.source.trim();
  if (location === '' || location.startsWith('-') || hasControlCharacter(location)) throw badSource('give the URL of a git repository, or the folder of one on this machine');
  if (/^[A-Za-z0-9+.-]*::/.test(location)) throw badSource('addresses with "::" start helper programs and are not accepted; give an https, ssh or git URL');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(location)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === 'file') {
    if (scheme === undefined && isScpLike(location)) return checkSsh(location, options);
    return { kind: 'folder', location: await checkFolder(scheme === 'file' ? fileUrlPath(location) : location, options.allowFolders) };
  }
  if (!['https', 'http', 'ssh', 'git'].includes(scheme)) throw badSource(`"${scheme}:" is not a kind of address that git fetches from; give an https, ssh or git URL`);
  if (!URL.canParse(location) || new URL(location).hostname.startsWith('-')) throw badSource('this is not a complete URL; it looks like https://host/owner/name.git');
  if (scheme === 'ssh') return checkSsh(location, options);
  return options.addresses === undefined ? { kind: 'url', location } : checkWeb(new URL(location), options.addresses);
}

/** `git@host:owner/name.git`, as ssh addresses are mostly written; a Windows path has one letter before the colon. */
export function isScpLike(location: string): boolean {
  return /^(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9.-]+:(?!\/\/)[^\s]+$/.test(location) && !location.startsWith('/');
}

const WEB_ONLY = 'this server goes to other hosts by http and https only, and by ssh with a key from a Secret: it has no credentials and no keys of yours; give an https URL';

/**
 * What git is told is the URL as it was read here, so that no other reading of it leads elsewhere, and the addresses that were checked, so
 * that the name is not asked for again. Redirects, and with them the alternates of a plain web server, would lead anywhere.
 */
async function checkWeb(url: URL, guard: AddressGuard): Promise<Remote> {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw badSource(WEB_ONLY);
  const addresses = await resolved(guard, url.hostname);
  return { kind: 'url', location: url.href, pinned: [['http.followRedirects', 'false'], ['http.proxy', ''], ...pinOf(url, addresses)] };
}

async function checkSsh(location: string, { addresses, withKey }: RemoteOptions): Promise<Remote> {
  if (addresses === undefined) return { kind: 'url', location };
  if (withKey !== true) throw badSource(WEB_ONLY);
  const host = isScpLike(location) ? /^(?:[^@]*@)?([^:]+):/.exec(location)?.[1] : new URL(location).hostname;
  if (host === undefined || host === '') throw badSource('this is not a complete address; it looks like git@host:owner/name.git');
  const [first] = await resolved(addresses, host);
  if (first === undefined) throw badSource(`there is no host "${host}"`);
  return { kind: 'url', location, sshAddress: { host: host.replace(/^\[(.*)\]$/, '$1'), address: first.address } };
}

async function resolved(guard: AddressGuard, host: string): Promise<readonly ResolvedAddress[]> {
  return guard.resolve(host).catch((error: unknown) => {
    throw isStatusError(error) ? badSource(error.message, error.reason) : error;
  });
}

function pinOf(url: URL, addresses: readonly ResolvedAddress[]): [string, string][] {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0) return [];
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return [['http.curloptResolve', `${host}:${port}:${addresses.map(({ address, family }) => (family === 6 ? `[${address}]` : address)).join(',')}`]];
}

async function checkFolder(folder: string, allowFolders: boolean): Promise<string> {
  if (!allowFolders) throw badSource('this server does not read folders of its machine; give a URL, or create a repository and push to it');
  if (!isAbsolute(folder)) throw badSource('give the whole path of the folder, from the root, or a URL');
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) throw new StatusError('NotFound', `There is no folder ${folder}`, { causes: [{ code: 'FieldValueNotFound', field: 'source', message: 'give the folder of a git repository' }] });
  if (!found.isDirectory()) throw badSource(`${folder} is a file; give the folder of a git repository`);
  return folder;
}

function fileUrlPath(location: string): string {
  try {
    return decodeURIComponent(new URL(location).pathname);
  } catch {
    throw badSource('this is not a complete URL; it looks like file:///home/me/project');
  }
}

function badSource(message: string, reason: StatusReason = 'Invalid'): StatusError {
  return new StatusError(reason, `That address cannot be used: ${redactCredentials(message)}`, { causes: [{ code: 'FieldValueInvalid', field: 'source', message }] });
}

function hasControlCharacter(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- that is the question
  return /[\u0000-\u001f\u007f]/.test(text);
}
