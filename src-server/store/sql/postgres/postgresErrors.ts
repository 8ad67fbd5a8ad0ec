import { DatabaseError } from 'pg';
import { isStatusError, StatusError } from '#shared/api/status';

/** What a client is asked to wait before it tries again. */
const RETRY_AFTER_SECONDS = 2;

/** What a caller could not be given because of the database's state: it may work in a moment. */
export function unavailable(message: string, cause: unknown): StatusError {
  return new StatusError('ServiceUnavailable', message, { cause, retryAfterSeconds: RETRY_AFTER_SECONDS });
}

/** The connection could not be made, so nothing was asked of the database. */
export function unreachable(cause: unknown): StatusError {
  return unavailable('The database cannot be reached; nothing was changed. Try again in a moment', cause);
}

/** The connection went away after the request was sent. */
export function connectionLost(cause: unknown, opts: { mayHaveWritten: boolean }): StatusError {
  if (!opts.mayHaveWritten) return unavailable('The connection to the database was lost; try again in a moment', cause);
  return unavailable('The connection to the database was lost while it was writing: the change may or may not have been stored. Read the object before you try again', cause);
}

/**
 * True when the server itself answered with an error and the session goes on: the statement has then changed nothing. False when it
 * ends the session (https://www.postgresql.org/docs/current/errcodes-appendix.html, classes 08 and 57P): a server that shuts down may
 * say so after it has committed.
 */
export function isRefusal(cause: unknown): cause is DatabaseError {
  return cause instanceof DatabaseError && cause.severity !== 'FATAL' && cause.severity !== 'PANIC' && !/^(08|57P)/.test(cause.code ?? '');
}

/** Whether the database refused a row because there is one with its key. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '23505';
}

/** Whether a statement found that what it was to do cannot be done, and undid all of it (division_by_zero; see `appendCreations`). */
export function isUndone(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '22012';
}

/** What a refused statement means to the caller. Anything unexpected stays what it is: a fault. */
export function translateRefusal(cause: DatabaseError, opts: { statementTimeoutMs: number }): unknown {
  switch (cause.code) {
    // disk_full
    case '53100':
      return new StatusError('InsufficientStorage', 'The disk of the database is full; nothing was changed. Reading still works; free some space and try again', { cause, retryAfterSeconds: 30 });
    // character_not_in_repertoire, untranslatable_character: U+0000 is the one that JSON text can have and Postgres cannot.
    case '22021':
    case '22P05':
      return new StatusError('Invalid', 'A text holds a character that the database cannot store, such as U+0000', { cause });
    // program_limit_exceeded: an index entry of more than a third of a page.
    case '54000':
      return new StatusError('RequestEntityTooLarge', 'A name or an id is too long for the database', { cause });
    // query_canceled
    case '57014':
      return unavailable(`The database took longer than ${opts.statementTimeoutMs / 1_000} s (its statement timeout); nothing was changed. Try again in a moment`, cause);
    // read_only_sql_transaction: a standby, or a primary that became one.
    case '25006':
      return unavailable('The database takes no writes at present: it is a standby or set to read-only; nothing was changed', cause);
    default:
      // insufficient_resources, lock_not_available, serialization_failure, deadlock_detected: of the moment, and rolled back.
      return /^(53|55P03|40)/.test(cause.code ?? '') ? unavailable('The database is overloaded; nothing was changed. Try again in a moment', cause) : cause;
  }
}

/** Why a server cannot start on this database, for the person who starts it. `where` is the address without the password. */
export function startProblem(cause: unknown, where: string): StatusError {
  if (isStatusError(cause) && cause.reason !== 'ServiceUnavailable') return cause;
  const problem = isStatusError(cause) && cause.details.cause !== undefined ? cause.details.cause : cause;
  return new StatusError('ServiceUnavailable', `Cannot use the database at ${where}: ${reasonOf(problem)}`, { code: 'DATABASE_UNAVAILABLE', cause: problem });
}

function reasonOf(problem: unknown): string {
  const code = problem instanceof Error && 'code' in problem && typeof problem.code === 'string' ? problem.code : '';
  const said = problem instanceof Error ? problem.message : String(problem);
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there. Is Postgres running, and are host and port right?';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name is not known.';
    case 'ENOENT':
      return 'there is no such Unix socket.';
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'the host does not answer.';
    // invalid_password, invalid_authorization_specification
    case '28P01':
    case '28000':
      return `it refuses the sign-in (${said}). Are user and password right?`;
    // invalid_catalog_name
    case '3D000':
      return `${said}. Create it, empty; Kradle makes its tables itself.`;
    // insufficient_privilege
    case '42501':
      return `${said}. The user must own the database, or be allowed to create a schema in it.`;
    // query_canceled
    case '57014':
      return 'it is busy: a statement took too long. Another server may be bringing its schema up to date.';
    // cannot_connect_now
    case '57P03':
      return `it is not ready (${said}).`;
    default:
      return /timeout|timed out/i.test(said) ? 'the host does not answer in time.' : said;
  }
}
