import { StatusError, type StatusCause } from '#shared/api/status';

/** What `sslmode` may be, with libpq's meaning: https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION */
const TLS_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type TlsMode = (typeof TLS_MODES)[number];

/** Where a Postgres is, and how to sign in to it. */
export interface PostgresTarget {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Absent: the name of the system's user, as libpq has it. */
  readonly user?: string;
  /** Absent: `PGPASSWORD` or the password file, as libpq has it. */
  readonly password?: string;
  readonly tlsMode: TlsMode;
  /** PEM files. */
  readonly tlsFiles: { readonly root?: string; readonly certificate?: string; readonly key?: string };
  /** Further command-line options of the session. */
  readonly options?: string;
  readonly applicationName: string;
  readonly connectTimeoutMs: number;
}

const DEFAULT_PORT = 5432;
const DEFAULT_CONNECT_SECONDS = 5;
const MAX_CONNECT_SECONDS = 60;
const FORM = 'postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full';
const PARAMETERS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'host', 'port', 'user', 'password', 'dbname', 'application_name', 'connect_timeout', 'options'];

/**
 * Reads a connection URI of libpq's form. `Invalid`, with a cause for each fault, when it is none; no message repeats what was given,
 * because a password may be anywhere in it.
 */
export function parsePostgresUrl(text: string): PostgresTarget {
  const url = readUrl(text);
  const parameters = new Map(url.searchParams);
  const causes: StatusCause[] = [];
  const refuse = (field: string, message: string) => causes.push({ code: 'FieldValueInvalid', field, message });
  for (const name of new Set(parameters.keys())) {
    if (PARAMETERS.includes(name)) continue;
    // What does not look like one may be the end of a password with a question mark in it.
    const named = /^[a-z_]{1,40}$/i.test(name) ? `no parameter "${name}"` : 'something after the question mark that is no parameter';
    refuse('databaseUrl', `there is ${named}; the parameters are ${PARAMETERS.join(', ')}`);
  }
  const whole = (name: string, range: { from: number; to: number }, value: string | undefined): number | undefined => {
    if (value === undefined || value === '') return undefined;
    const number = Number(value);
    if (Number.isInteger(number) && number >= range.from && number <= range.to) return number;
    refuse('databaseUrl', `${name} must be a whole number from ${range.from} to ${range.to}`);
    return undefined;
  };
  const host = parameters.get('host') ?? (decodeHost(url) || 'localhost');
  if (host.includes(',')) refuse('databaseUrl', 'names more than one host; give the one that takes writes');
  const tlsMode = TLS_MODES.find((mode) => mode === (parameters.get('sslmode') ?? 'prefer'));
  if (tlsMode === undefined) refuse('databaseUrl', `sslmode must be one of ${TLS_MODES.join(', ')}`);
  if (tlsMode === 'verify-ca' && [undefined, 'system'].includes(parameters.get('sslrootcert'))) {
    refuse('databaseUrl', 'sslmode=verify-ca needs sslrootcert, the file of the authority to trust; sslmode=verify-full trusts the public ones');
  }
  const user = parameters.get('user') ?? (decode(url.username) || undefined);
  const database = parameters.get('dbname') ?? (decode(url.pathname.slice(1)) || user);
  if (database === undefined) refuse('databaseUrl', `names no database; the form is ${FORM}`);
  const target = {
    host,
    port: whole('port', { from: 1, to: 65_535 }, parameters.get('port') ?? url.port) ?? DEFAULT_PORT,
    database: database ?? '',
    user,
    password: parameters.get('password') ?? (decode(url.password) || undefined),
    tlsMode: host.startsWith('/') ? 'disable' : (tlsMode ?? 'prefer'),
    tlsFiles: { root: parameters.get('sslrootcert'), certificate: parameters.get('sslcert'), key: parameters.get('sslkey') },
    options: parameters.get('options'),
    applicationName: parameters.get('application_name') ?? 'kradle',
    connectTimeoutMs: 1_000 * (whole('connect_timeout', { from: 1, to: MAX_CONNECT_SECONDS }, parameters.get('connect_timeout')) ?? DEFAULT_CONNECT_SECONDS),
  } satisfies PostgresTarget;
  if (causes.length > 0) throw new StatusError('Invalid', `The address of the database is not valid: ${causes.map((cause) => cause.message).join('; ')}`, { causes });
  return target;
}

/** For messages and logs: where it is, without who signs in. */
export function describePostgres({ host, port, database }: PostgresTarget): string {
  const at = host.startsWith('/') ? `${host}:${port}` : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return `${at}/${database}`;
}

/** The address without its password, wherever in it that stands. */
export function redactPostgresUrl(text: string): string {
  try {
    const { user, password, ...target } = parsePostgresUrl(text);
    const { searchParams } = readUrl(text);
    for (const name of ['user', 'password', 'host', 'port', 'dbname']) searchParams.delete(name);
    const signIn = user === undefined ? '' : `${encodeURIComponent(user)}${password === undefined ? '' : ':redacted'}@`;
    const query = searchParams.size === 0 ? '' : `?${searchParams.toString()}`;
    return `postgres://${signIn}${describePostgres(target)}${query}`;
  } catch {
    return 'redacted';
  }
}

function readUrl(text: string): URL {
  if (!/^postgres(ql)?:\/\//i.test(text)) {
    throw invalidUrl(`must begin with postgres:// or postgresql://, as in ${FORM}; without it the database is a file in the data folder`);
  }
  // The parser wants a host after user and password; libpq does not, when a parameter names it.
  const complete = text.replace(/^([^/]+:\/\/[^/?#]*@)(?=[/?]|$)/, '$1localhost');
  const url = URL.canParse(complete) ? new URL(complete) : undefined;
  // A further / or @ is most likely one of a password.
  if (url === undefined || url.hash !== '' || /[@/]/.test(url.pathname.slice(1))) {
    throw invalidUrl(`must have the form ${FORM}; in user and password the characters % @ : / ? # must be written as %25 %40 %3A %2F %3F %23`);
  }
  return url;
}

function decodeHost(url: URL): string {
  return decode(url.hostname).replace(/^\[(.+)\]$/, '$1');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidUrl('has a % that is not followed by two hexadecimal digits; the character % itself is written %25');
  }
}

function invalidUrl(message: string): StatusError {
  return new StatusError('Invalid', `The address of the database ${message}`, { causes: [{ code: 'FieldValueInvalid', field: 'databaseUrl', message }] });
}
