import type { Socket } from 'node:net';
import type { Connection, ServerChannel, Session } from 'ssh2';
import { isStatusError } from '#shared/api/status';
import type { Logger } from '../../../app/log';
import { gitFailure } from '../git/process/gitFailure';
import { encodePkt } from '../git/transport/pktLine';
import { type ChannelClient, createChannelClient } from './channelClient';
import { parseSshCommand, type SshCommand } from './sshCommand';

/** One command of somebody who has signed in. */
export interface SshRequest {
  readonly command: SshCommand;
  readonly client: ChannelClient;
  /** What the client said as GIT_PROTOCOL. */
  readonly protocol: string | undefined;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

export interface SshSessionDeps {
  readonly connection: Connection;
  readonly socket: Socket;
  readonly log: Logger;
  /** Whom the greeting names. */
  readonly name: () => string;
  /** Carries a command out, and answers its exit code. */
  readonly run: (request: SshRequest) => Promise<number>;
}

/** Serves one session: one command of git, and to everything else a friendly no. */
export function serveSession(session: Session, deps: SshSessionDeps): void {
  let protocol: string | undefined;
  let hasTerminal = false;
  session.on('env', (accept, reject, { key, val }) => {
    if (key !== 'GIT_PROTOCOL') return reject?.();
    protocol = val;
    accept?.();
  });
  // Refusing one would print a warning over the greeting.
  session.on('pty', (accept) => {
    hasTerminal = true;
    accept?.();
  });
  session.on('shell', (accept) => {
    const client = open(accept(), session, deps);
    const greeting = `Hi ${deps.name()}! You are signed in, but there is no shell here.`;
    client.say(hasTerminal ? `${greeting}\r` : greeting);
    void client.end(1);
  });
  session.on('exec', (accept, _reject, { command: line }) => {
    const client = open(accept(), session, deps);
    const command = parseSshCommand(line);
    if ('problem' in command) {
      client.say(`Hi ${deps.name()}! You are signed in. ${command.problem}.`);
      void client.end(1);
      return;
    }
    const gone = new AbortController();
    client.output.once('close', () => gone.abort());
    deps
      .run({ command, client, protocol, signal: gone.signal })
      .then((code) => client.end(code), (error: unknown) => client.endRefused(refuse(command, { client, error, deps })))
      .catch((error: unknown) => deps.log.debug({ err: error }, 'an SSH session did not end well'));
  });
}

function open(channel: ServerChannel, session: Session, { connection, socket }: SshSessionDeps): ChannelClient {
  const client = createChannelClient(channel, socket);
  // The channel itself closes only when everything that the client sent was read.
  for (const end of [session, connection]) end.once('close', () => client.output.destroy());
  return client;
}

/**
 * Tells why there is no answer. git shows an error line of its protocol as `fatal: remote error: …`; on standard error it would add guesses
 * of its own (gitprotocol-pack(5), "pkt-line Format").
 */
function refuse({ service }: SshCommand, { client, error, deps }: { client: ChannelClient; error: unknown; deps: SshSessionDeps }): number {
  if (client.output.destroyed) return 1;
  const told = isStatusError(error) ? error : gitFailure(error);
  if (told === undefined) deps.log.error({ err: error, service }, 'an SSH command failed');
  const text = told?.message ?? 'The server failed; its log has the details.';
  const begun = client.bytesPassed() > 0;
  if (begun || service === 'git-upload-archive' || service === 'git-lfs-authenticate') client.say(`ERROR: ${text}`);
  else client.output.write(encodePkt(`ERR ${text}`));
  return 1;
}
