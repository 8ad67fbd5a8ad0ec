import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import ssh2, { type ClientChannel } from 'ssh2';
import { encodePkt, FLUSH_PKT } from '../../src-server/domains/forge/git/transport/pktLine';

/** A push over SSH, byte by byte: what `git push` sends, as slowly and as far as a test wants. */
export interface SshPush {
  /** Sends bytes; resolves when the connection has taken them. */
  send(bytes: Buffer): Promise<void>;
  /** Ends the connection without a word. */
  cut(): void;
}

/** What `git push` sends to change one reference. */
export function pushBody(change: { ref: string; from: string; to: string }, pack: Buffer): Buffer {
  return Buffer.concat([encodePkt(`${change.from} ${change.to} ${change.ref}\0report-status side-band-64k agent=test`), FLUSH_PKT, pack]);
}

/** Signs in and asks for a push. Resolves when the server has told its references: from there on it waits for commands. */
export async function openSshPush(address: { host: string; port: number }, opts: { keyFile: string; repository: string }): Promise<SshPush> {
  const client = new ssh2.Client();
  client.connect({ ...address, username: 'git', privateKey: await readFile(opts.keyFile) });
  await once(client, 'ready');
  // A server that is killed resets the connection.
  client.on('error', () => undefined);
  const channel = await new Promise<ClientChannel>((resolve, reject) => client.exec(`git-receive-pack '${opts.repository}'`, (error, opened) => (error === undefined ? resolve(opened) : reject(error))));
  channel.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    let told = '';
    channel.once('close', () => reject(new Error(`the server hung up: ${told}`)));
    channel.on('data', (chunk: Buffer) => {
      told += chunk.toString('latin1');
      if (told.endsWith('0000')) resolve();
    });
  });
  return {
    send: (bytes) => new Promise((resolve, reject) => channel.write(bytes, (error) => (error === undefined || error === null ? resolve() : reject(error)))),
    cut: () => client.destroy(),
  };
}
