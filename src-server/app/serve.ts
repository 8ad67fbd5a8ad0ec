import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StatusError } from '#shared/api/status';
import { lockDataDir } from '../store/dataDirLock';
import { settleRestore } from './backup/restoreFolder';
import type { SshAddress } from '../domains/forge/ssh/sshDoor';
import type { ServeOptions } from './appOptions';
import { compileSooner } from './compileSooner';
import type { Config } from './config';
import { createApp, type App } from './createApp';
import { openDataDir, removeServerFile, writeServerFile, type DataDir } from './dataDir';
import { createLogger, type Logger } from './log';

const ANNOUNCE_RETRY_MS = 5_000;

export interface RunningServer {
  /** Address that this machine reaches the server by. */
  readonly url: string;
  /** Where git reaches it over SSH; undefined where that is switched off. */
  readonly ssh: SshAddress | undefined;
  /** Signs the opener in, once. */
  readonly signInLink: string;
  /** Stops in order: no new requests, controllers, streams, store. Runners go on. */
  close(): Promise<void>;
}

/**
 * Starts Kradle on a data folder and resolves once it serves.
 *
 * @throws Conflict when another server holds the data folder (its pid is in the message) or the port is taken.
 */
export async function serve(config: Config, options: ServeOptions): Promise<RunningServer> {
  const log = createLogger(config.logLevel);
  const dataDir = openDataDir(config.dataDir);
  const lock = await lockDataDir(dataDir.root);
  let app: App | undefined;
  try {
    // Of a restore that was killed when it was as good as done.
    if (await settleRestore(dataDir.root)) openDataDir(config.dataDir);
    app = await createApp({ config, dataDir, log, ...options });
    await listen(app.server, config);
    const url = `http://${urlHost(config.host)}:${(app.server.address() as AddressInfo).port}`;
    app.setUrl(config.publicUrl ?? url);
    await app.ssh?.listen();
    const stopAnnouncing = announce(dataDir, { url, pid: process.pid }, log);
    await app.start();
    compileSooner();
    const running = app;
    return {
      url,
      ssh: app.ssh?.address(),
      signInLink: `${config.publicUrl ?? url}/login?code=${running.createLoginCode()}`,
      async close() {
        stopAnnouncing();
        removeServerFile(dataDir, process.pid);
        await running.stop();
        await lock.release();
      },
    };
  } catch (error) {
    await app?.stop();
    await lock.release();
    throw error;
  }
}

/**
 * Writes down where this server is, for the command line and the runners of this machine. A full disk must not keep it from serving
 * reads, so that is tried again until it works, or until the answer is called.
 */
function announce(dataDir: DataDir, server: { url: string; pid: number }, log: Logger): () => void {
  let retry: NodeJS.Timeout | undefined;
  const write = () => {
    try {
      writeServerFile(dataDir, server);
    } catch (error) {
      if (retry === undefined) log.warn({ err: error }, 'cannot write server.json; until that works, the command line and runners do not find this server');
      retry = setTimeout(write, ANNOUNCE_RETRY_MS).unref();
    }
  };
  write();
  return () => clearTimeout(retry);
}

async function listen(server: Server, config: Config): Promise<void> {
  server.listen(config.port, config.host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EADDRINUSE') {
      throw new StatusError('Conflict', `Port ${config.port} is taken by another program. Choose one with --port, or --port 0 for any free one.`, { code: 'PORT_IN_USE', cause });
    }
    if (code === 'EACCES') throw new StatusError('Forbidden', `Listening on port ${config.port} is not permitted. Ports from 1024 up are.`, { cause });
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') throw new StatusError('Invalid', `${config.host} is not an address of this machine.`, { causes: [{ code: 'FieldValueInvalid', field: 'host', message: 'use 127.0.0.1, 0.0.0.0 or an address of this machine' }], cause });
    throw cause;
  }
}

/** An address to connect to: a wildcard is reached by loopback, IPv6 takes brackets. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
