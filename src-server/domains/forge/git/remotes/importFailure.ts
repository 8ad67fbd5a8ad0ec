import { StatusError, type StatusReason } from '#shared/api/status';
import { type GitError, redactCredentials } from '../process/gitError';

interface Explanation {
  readonly sign: RegExp;
  readonly reason: StatusReason;
  readonly code: string;
  readonly message: string;
}

/** What git and its transports say (in the C locale), and what it means to somebody who wanted to import or mirror. The first that fits counts. */
const EXPLANATIONS: readonly Explanation[] = [
  { sign: /fsck error in/i, reason: 'Invalid', code: 'IMPORT_UNSAFE', message: 'it has an object that is broken, or would harm whoever clones it' },
  { sign: /Could not resolve host|Name or service not known|nodename nor servname/i, reason: 'Invalid', code: 'IMPORT_HOST_UNKNOWN', message: 'there is no host with this name; check its spelling and the network' },
  { sign: /Connection refused/i, reason: 'ServiceUnavailable', code: 'IMPORT_UNREACHABLE', message: 'the host is there, and no git server answers at this address and port' },
  { sign: /No route to host|Network is unreachable|Failed to connect|Couldn't connect/i, reason: 'ServiceUnavailable', code: 'IMPORT_UNREACHABLE', message: 'the host cannot be reached from this machine' },
  { sign: /Operation timed out|Connection timed out|Operation too slow|timed out/i, reason: 'Timeout', code: 'IMPORT_NO_ANSWER', message: 'it did not answer in time; try again, or check that the address is reachable' },
  { sign: /Host key verification failed/i, reason: 'Unauthorized', code: 'IMPORT_HOST_KEY', message: 'the host is not known to ssh on this machine yet; give its key as knownHosts in the Secret, or connect once with ssh and accept it' },
  { sign: /Permission denied \(|could not read (?:Username|Password)|terminal prompts disabled|Authentication failed|HTTP Basic: Access denied|returned error: 40[13]/i, reason: 'Unauthorized', code: 'IMPORT_SIGN_IN', message: 'it asks for a sign-in; name a Secret with what it asks for, or, where this server is your own, store it with git on this machine; then try again' },
  { sign: /unable to update url base from redirection|returned error: 30\d|redirects? (?:disabled|not followed)/i, reason: 'Invalid', code: 'IMPORT_REDIRECT', message: 'it sends to another address; give that one' },
  { sign: /SSL certificate|server certificate verification|unable to get local issuer/i, reason: 'Invalid', code: 'IMPORT_CERTIFICATE', message: 'its certificate is not trusted on this machine' },
  { sign: /[Rr]epository .*not found|not found|does not exist|returned error: 404/, reason: 'NotFound', code: 'IMPORT_NOT_FOUND', message: 'there is no repository at this address, or it is hidden from you' },
  { sign: /does not appear to be a git repository|not valid: is this a git repository|invalid index-pack|protocol error|bad line length|unexpected (?:disconnect|flush)/i, reason: 'Invalid', code: 'IMPORT_NOT_GIT', message: 'what answers there is no git repository' },
  { sign: /No space left on device|Disk quota exceeded/i, reason: 'InsufficientStorage', code: 'DISK_FULL', message: 'the disk of this server is full' },
];

/** Turns a failed transfer into an error for people. The address is shown without its credentials. */
export function importFailure(location: string, error: GitError, what: 'imported' | 'mirrored' = 'imported'): StatusError {
  const known = error.failure === 'timeout' ? EXPLANATIONS.find(({ code }) => code === 'IMPORT_NO_ANSWER') : EXPLANATIONS.find(({ sign }) => sign.test(error.stderr));
  const address = redactCredentials(location);
  if (known !== undefined) {
    const object = known.code === 'IMPORT_UNSAFE' ? /error: (object [0-9a-f]{40}: .{1,200})/.exec(error.stderr)?.[1] : undefined;
    return new StatusError(known.reason, `${address} could not be ${what}: ${known.message}${object === undefined ? '' : ` (${object})`}`, { code: known.code, causes: [{ code: known.code, field: 'source', message: known.message }], cause: error });
  }
  const last = error.stderr.split(/[\r\n]/).filter((line) => /^(?:fatal|error|remote): /.test(line)).at(-1);
  return new StatusError('ServiceUnavailable', `${address} could not be ${what}${last === undefined ? '' : `: git says "${last}"`}`, { code: 'IMPORT_FAILED', cause: error });
}

/** A folder that git does not take for a repository. */
export function notARepository(folder: string, error: GitError): StatusError {
  const message = 'choose a folder that contains a ".git" folder, or a bare repository; "git init" makes one of any folder';
  return new StatusError('Invalid', `${folder} is not a git repository: ${message}`, { code: 'NOT_A_REPOSITORY', causes: [{ code: 'FieldValueInvalid', field: 'source', message }], cause: error });
}
