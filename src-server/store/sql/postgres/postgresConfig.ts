import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { ClientConfig } from 'pg';
import { StatusError } from '#shared/api/status';
import type { PostgresTarget, TlsMode } from './postgresUrl';

/** Everything of Kradle lies in this schema of the database. */
export const POSTGRES_SCHEMA = 'kradle';

/** Begins a transaction that sees one state of everything, however long it reads. */
export const READ_EVERYTHING = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

export interface PostgresTimeouts {
  /** After this the server gives up a statement; it has then changed nothing. */
  readonly statementMs: number;
  /** After this we give up a server that says nothing at all. */
  readonly answerMs: number;
}

export const POSTGRES_TIMEOUTS: PostgresTimeouts = { statementMs: 30_000, answerMs: 35_000 };

/** Object identifiers of the types that come back as something else than text: `pg_type.dat`. */
const BOOL = 16;
const INT8 = 20;
const INT4 = 23;

/**
 * What every session starts with, whatever the server's own settings are: our schema; a commit that is on the disk before it is
 * acknowledged; the isolation level that the statements are written for; and plans that are made once and use the indexes. Without the
 * last a statement that was planned while the tables were empty would go on reading them from end to end as they grow.
 */
const SESSION_SETTINGS = {
  search_path: POSTGRES_SCHEMA,
  synchronous_commit: 'on',
  default_transaction_isolation: 'read\\ committed',
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  jit: 'off',
};
const SESSION_OPTIONS = Object.entries(SESSION_SETTINGS)
  .map(([name, value]) => `-c ${name}=${value}`)
  .join(' ');

/** How to connect, but for TLS. */
export function clientConfig(target: PostgresTarget, timeouts: PostgresTimeouts): ClientConfig {
  return {
    host: target.host,
    port: target.port,
    database: target.database,
    user: target.user,
    password: target.password,
    application_name: target.applicationName,
    options: target.options === undefined ? SESSION_OPTIONS : `${target.options} ${SESSION_OPTIONS}`,
    connectionTimeoutMillis: target.connectTimeoutMs,
    statement_timeout: timeouts.statementMs,
    query_timeout: timeouts.answerMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser },
  };
}

/** Whether to encrypt, in the order in which to try. The second is for the modes that take what there is. */
export function tlsAttempts(target: PostgresTarget): readonly [false | ConnectionOptions, ...(false | ConnectionOptions)[]] {
  switch (target.tlsMode) {
    case 'disable':
      return [false];
    case 'allow':
      return [false, tlsOptions(target, 'require')];
    case 'prefer':
      return [tlsOptions(target, 'require'), false];
    case 'require':
      // As libpq has it, for the sake of old settings: with an authority given, it counts.
      return [tlsOptions(target, target.tlsFiles.root === undefined ? 'require' : 'verify-ca')];
    case 'verify-ca':
    case 'verify-full':
      return [tlsOptions(target, target.tlsMode)];
  }
}

/** True when the server has refused the way of encrypting, so that another may work. */
export function refusesEncryption(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // What `pg` says when the server answers N to an SSLRequest; invalid_authorization_specification: no pg_hba.conf entry for it.
  return error.message === 'The server does not support SSL connections' || ('code' in error && error.code === '28000');
}

function tlsOptions({ tlsFiles }: PostgresTarget, mode: Exclude<TlsMode, 'disable' | 'allow' | 'prefer'>): ConnectionOptions {
  const { root, certificate, key } = tlsFiles;
  return {
    ...(root === undefined || root === 'system' ? {} : { ca: readPem('sslrootcert', root) }),
    ...(certificate === undefined ? {} : { cert: readPem('sslcert', certificate) }),
    ...(key === undefined ? {} : { key: readPem('sslkey', key) }),
    rejectUnauthorized: mode !== 'require',
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
}

function readPem(parameter: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const message = `${parameter} names ${path}, which cannot be read`;
    throw new StatusError('Invalid', `The address of the database is not valid: ${message}`, { cause, causes: [{ code: 'FieldValueInvalid', field: 'databaseUrl', message }] });
  }
}

function getTypeParser(type: number): (text: string) => unknown {
  switch (type) {
    case BOOL:
      return (text) => text === 't';
    case INT8:
      return BigInt;
    case INT4:
      return Number;
    default:
      return (text) => text;
  }
}
