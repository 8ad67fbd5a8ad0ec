import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import ssh2 from 'ssh2';
import { StatusError } from '#shared/api/status';
import type { Logger } from '../../../app/log';
import type { Actor } from '../../../resources/actor';
import type { KeyHolder, KeyHolders } from '../keys/keyHolder';
import { coalesceWrites } from './coalesceWrites';
import { createConnectionLimits, type ConnectionLimitOptions } from './connectionLimits';
import { type HostKey, readOrCreateHostKeys } from './hostKeys';
import { serveConnection, type OpenConnection } from './sshConnection';
import type { SshRequest } from './sshSession';

export interface SshDoorOptions {
  /** Address to listen on. */
  readonly host: string;
  /** TCP port; 0 takes a free one, and undefined {@link DEFAULT_SSH_PORT}, or a free one when that is taken. */
  readonly port: number | undefined;
  /** `HOST` or `HOST:PORT` that people reach it by, where that is another. */
  readonly publicAddress: string | undefined;
  /** Name that people reach the server by when nothing else is said. */
  readonly publicHost: () => string;
  /** Folder of the host keys. */
  readonly folder: string;
  readonly limits?: Partial<ConnectionLimitOptions>;
  readonly holders: KeyHolders;
  /** Calls `end` when the actor may sign in no more; the answer takes it back. */
  readonly follow: (actor: Actor, end: () => void) => () => void;
  readonly run: (request: SshRequest, holder: KeyHolder, address: string) => Promise<number>;
  readonly log: Logger;
}

/** Where git reaches the server over SSH. */
export interface SshAddress {
  readonly host: string;
  readonly port: number;
}

/** Git over SSH. */
export interface SshDoor {
  /**
   * Makes what is missing and listens.
   *
   * @throws Conflict (PORT_IN_USE), Forbidden or Invalid, in words for who starts the server.
   */
  listen(): Promise<void>;
  /** Undefined before it listens. */
  address(): SshAddress | undefined;
  hostKeys(): readonly HostKey[];
  /** A key was written (`ORG/NAME`; absent: any may have been): connections that it opened are looked at again. */
  recheck(key?: string): void;
  /** Commands and connections at work, for metrics. */
  readonly stats: { readonly connections: number; readonly commands: number; readonly refused: number };
  /** No new connections; ends those without work at once, and those at work when it is done, or after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

export const DEFAULT_SSH_PORT = 3022;
const LIMITS: ConnectionLimitOptions = { max: 1000, perAddress: 200, unauthenticated: 200, unauthenticatedPerAddress: 40 };
/** How long a client may take to sign in, in ms. */
const SIGN_IN_MS = 30_000;
/** A client that is silent is asked for a sign of life this often, in ms, and given up when so many in a row did not come. */
const KEEPALIVE_MS = 30_000;
const KEEPALIVES = 4;

/**
 * What OpenSSH since 7.0, libssh2 since 1.9, JGit and dropbear have in common with today's recommendations. GCM first: node's is several
 * times as fast as its ChaCha20 would be, which is left out because clients would choose it. CTR is for libssh2 before 1.11.
 */
const ALGORITHMS: ssh2.Algorithms = {
  kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256', 'ecdh-sha2-nistp384', 'ecdh-sha2-nistp521', 'diffie-hellman-group-exchange-sha256', 'diffie-hellman-group14-sha256', 'diffie-hellman-group16-sha512'],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'],
  serverHostKey: ['ssh-ed25519', 'ecdsa-sha2-nistp256'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
};

export function createSshDoor(options: SshDoorOptions): SshDoor {
  const { log, holders } = options;
  const places = createConnectionLimits({ ...LIMITS, ...options.limits });
  const open = new Map<Socket, OpenConnection>();
  /** Sockets by where they come from, with what to do when they have signed in. */
  const sockets = new Map<string, { readonly socket: Socket; readonly admit: () => void }>();
  let keys: readonly HostKey[] = [];
  let listener: Server | undefined;
  let refused = 0;

  function accept(ssh: ssh2.Server, socket: Socket): void {
    const place = places.enter(socket.remoteAddress ?? '');
    if (place === undefined) {
      refused += 1;
      socket.destroy();
      return;
    }
    const late = setTimeout(() => socket.destroy(), SIGN_IN_MS);
    const origin = originOf(socket.remoteAddress, socket.remotePort);
    const admit = (): void => {
      clearTimeout(late);
      place.admit();
    };
    sockets.set(origin, { socket, admit });
    socket.once('close', () => {
      clearTimeout(late);
      place.leave();
      sockets.delete(origin);
      open.delete(socket);
    });
    socket.setNoDelay(true);
    coalesceWrites(socket);
    ssh.injectSocket(socket);
  }

  function serve(connection: ssh2.Connection, { socket, admit }: { socket: Socket; admit: () => void }): void {
    let stopFollowing: () => void = () => undefined;
    const served = serveConnection({
      connection,
      socket,
      holders,
      log,
      run: options.run,
      onSignedIn: ({ actor }) => {
        admit();
        stopFollowing = options.follow(actor, () => socket.destroy());
      },
    });
    open.set(socket, served);
    socket.once('close', () => stopFollowing());
  }

  async function start(port: number): Promise<Server> {
    const ssh = new ssh2.Server({ hostKeys: keys.map(({ privateKey }) => privateKey), algorithms: ALGORITHMS, ident: 'Kradle', keepaliveInterval: KEEPALIVE_MS, keepaliveCountMax: KEEPALIVES });
    // The library tells of a connection when it has read the client's first line, and not which socket it is on.
    const server = createServer({ noDelay: true }, (socket) => accept(ssh, socket));
    ssh.on('connection', (connection, { ip, port: remotePort }) => {
      const arrival = sockets.get(originOf(ip, remotePort));
      if (arrival === undefined) connection.end();
      else serve(connection, arrival);
    });
    server.listen(port, options.host);
    await once(server, 'listening');
    return server;
  }

  return {
    async listen() {
      keys = await readOrCreateHostKeys(options.folder);
      try {
        listener = await start(options.port ?? DEFAULT_SSH_PORT);
      } catch (error) {
        if (options.port !== undefined || codeOf(error) !== 'EADDRINUSE') throw explain(error, options);
        log.info({ port: DEFAULT_SSH_PORT }, 'the usual port of git over SSH is taken; another is used');
        listener = await start(0);
      }
    },
    address() {
      if (listener === undefined) return undefined;
      const { port } = listener.address() as AddressInfo;
      const [, host, said] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(options.publicAddress ?? '') ?? [];
      return host === undefined ? { host: options.publicHost(), port } : { host, port: said === undefined ? 22 : Number(said) };
    },
    hostKeys: () => keys,
    recheck(key) {
      for (const connection of open.values()) {
        const { holder } = connection;
        if (holder === undefined || (key !== undefined && key !== `${holder.org}/${holder.key.metadata.name}`)) continue;
        holders.find(holder.fingerprint).then((present) => {
          if (present === undefined) connection.drop();
        }, (error: unknown) => log.debug({ err: error }, 'cannot check the key of an open connection'));
      }
    },
    get stats() {
      return { connections: places.open, commands: [...open.values()].reduce((sum, { running }) => sum + running, 0), refused };
    },
    async stop(graceMs) {
      if (listener === undefined) return;
      const closed = once(listener, 'close');
      listener.close();
      for (const { socket } of sockets.values()) {
        const connection = open.get(socket);
        if (connection?.holder === undefined) socket.destroy();
        else connection.drain();
      }
      const late = setTimeout(() => {
        for (const { socket } of sockets.values()) socket.destroy();
      }, graceMs);
      await closed;
      clearTimeout(late);
      listener = undefined;
    },
  };
}

function originOf(address: string | undefined, port: number | undefined): string {
  return `${address ?? ''} ${port ?? 0}`;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function explain(cause: unknown, { host, port = DEFAULT_SSH_PORT }: Pick<SshDoorOptions, 'host' | 'port'>): unknown {
  switch (codeOf(cause)) {
    case 'EADDRINUSE':
      return new StatusError('Conflict', `Port ${port} for git over SSH is taken by another program. Choose one with --ssh-port, --ssh-port 0 for any free one, or --ssh-port off to go without SSH.`, { code: 'PORT_IN_USE', cause });
    case 'EACCES':
      return new StatusError('Forbidden', `Listening on port ${port} for git over SSH is not permitted. Ports from 1024 up are.`, { cause });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StatusError('Invalid', `${host} is not an address of this machine, so git over SSH cannot be served there.`, { causes: [{ code: 'FieldValueInvalid', field: 'sshHost', message: 'use 127.0.0.1, 0.0.0.0 or an address of this machine' }], cause });
    default:
      return cause;
  }
}
