import { pipeline } from 'node:stream/promises';
import { answerWith, type GitExchange, requireRepository, startService } from './serveGit';

export interface UploadPackExchange extends GitExchange {
  /** What the client says of the protocol's version, as `GIT_PROTOCOL` has it: `version=2`. */
  readonly protocol?: string | undefined;
  /** One request and its answer, over HTTP; otherwise a conversation, in which git begins. */
  readonly stateless: boolean;
}

/** A fetch or clone. The pack is streamed as git writes it, never kept and never compressed again. Throws NotFound where there is no repository. */
export async function serveUploadPack(exchange: UploadPackExchange): Promise<void> {
  await requireRepository(exchange.repository);
  const child = startService(exchange, {
    args: ['upload-pack', ...(exchange.stateless ? ['--stateless-rpc'] : []), exchange.repository.path],
    env: protocolEnvironment(exchange.protocol),
    whenGone: 'end',
  });
  await answerWith(exchange, child, { sent: pipeline(exchange.client.input, child.stdin) });
}

/** What is no list of `key=value` and keys is no version of a protocol (git(1), `GIT_PROTOCOL`). */
export function protocolEnvironment(protocol: string | undefined): Record<string, string> {
  return protocol !== undefined && /^[a-z0-9=:.-]{1,256}$/.test(protocol) ? { GIT_PROTOCOL: protocol } : {};
}
