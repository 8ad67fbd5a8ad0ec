import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { AuthContext, Connection } from 'ssh2';
import type { Logger } from '../../../app/log';
import type { KeyHolder, KeyHolders } from '../keys/keyHolder';
import { serveSession, type SshRequest } from './sshSession';
import { verifySignature } from './verifySignature';

export interface SshConnectionDeps {
  readonly connection: Connection;
  readonly socket: Socket;
  readonly holders: KeyHolders;
  readonly log: Logger;
  /** Who has signed in does so only now. */
  readonly onSignedIn: (holder: KeyHolder) => void;
  /** Carries a command out for whom the key signs in now, and answers its exit code. */
  readonly run: (request: SshRequest, holder: KeyHolder, address: string) => Promise<number>;
}

/** One connection, from the door's side. */
export interface OpenConnection {
  /** Who signed in; undefined before. */
  readonly holder: KeyHolder | undefined;
  /** Commands at work. */
  readonly running: number;
  /** Ends it when nothing is at work. */
  drain(): void;
  /** Ends it now. */
  drop(): void;
}

/** Keys that a client may offer: agents hold a few, and each costs a look-up. */
const MAX_OFFERS = 24;
/** Signatures that may be wrong. */
const MAX_WRONG_SIGNATURES = 3;
const MAX_SESSIONS = 32;
/** A connection that is kept for the next command (`ControlPersist`) is kept this long, in ms. */
const IDLE_MS = 10 * 60_000;
/** What a client may have sent that nobody has read, in bytes; its window is an eighth of that. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

export function serveConnection(deps: SshConnectionDeps): OpenConnection {
  const { connection, socket, holders, log } = deps;
  const address = socket.remoteAddress ?? '';
  let [offers, wrong, running, sessions] = [0, 0, 0, 0];
  let draining = false;
  let holder: KeyHolder | undefined;

  const idle = setTimeout(() => connection.end(), IDLE_MS);
  idle.unref();
  const settle = (): void => {
    idle.refresh();
    if (draining && running === 0) connection.end();
  };

  async function authenticate(context: AuthContext): Promise<void> {
    if (context.method !== 'publickey') return context.reject(['publickey']);
    offers += 1;
    if (offers > MAX_OFFERS || wrong > MAX_WRONG_SIGNATURES) return void connection.end();
    const offered = `SHA256:${createHash('sha256').update(context.key.data).digest('base64').replace(/=+$/, '')}`;
    const found = await holders.find(offered);
    if (found === undefined) return context.reject(['publickey']);
    // The first question is only whether a signature with this key would do.
    if (context.signature === undefined) return context.accept();
    if (!isSigned(context)) {
      wrong += 1;
      return context.reject(['publickey']);
    }
    holder = found;
    context.accept();
  }

  connection.on('authentication', (context) => {
    authenticate(context).catch((error: unknown) => {
      log.error({ err: error }, 'an SSH sign-in failed');
      connection.end();
    });
  });
  connection.on('ready', () => {
    if (holder === undefined) return void connection.end();
    holders.noteUse(holder, address);
    deps.onSignedIn(holder);
  });
  connection.on('session', (accept, reject) => {
    if (sessions >= MAX_SESSIONS || draining) return reject();
    sessions += 1;
    const session = accept();
    session.once('close', () => {
      sessions -= 1;
    });
    serveSession(session, {
      connection,
      socket,
      log,
      name: () => holder?.actor.displayName ?? holder?.actor.name ?? 'there',
      async run(request) {
        running += 1;
        idle.refresh();
        const guard = setInterval(() => {
          idle.refresh();
          // A client that ignores the window it was given would fill the memory.
          if (request.client.unreadBytes() > MAX_UNREAD_BYTES) socket.destroy();
        }, 1000);
        guard.unref();
        try {
          // Asked again: a connection may outlive the right to it.
          const present = holder === undefined ? undefined : await holders.find(holder.fingerprint);
          if (present === undefined) {
            connection.end();
            return 1;
          }
          return await deps.run(request, present, address);
        } finally {
          clearInterval(guard);
          running -= 1;
          // After the exit code has gone out.
          setImmediate(settle);
        }
      },
    });
  });
  connection.on('error', (error) => log.debug({ err: error, address }, 'an SSH connection failed'));
  connection.once('close', () => clearTimeout(idle));

  return {
    get holder() {
      return holder;
    },
    get running() {
      return running;
    },
    drain() {
      draining = true;
      settle();
    },
    drop: () => socket.destroy(),
  };
}

function isSigned(context: Parameters<typeof verifySignature>[0]): boolean {
  try {
    return verifySignature(context);
  } catch {
    // A key or a signature that cannot be read.
    return false;
  }
}
