import { pipeline } from 'node:stream/promises';
import type { PackCache } from './packCache';
import { answerWith, type GitExchange, requireRepository, startService } from './serveGit';

export interface UploadPackExchange extends GitExchange {
  /** What the client says of the protocol's version, as `GIT_PROTOCOL` has it: `version=2`. */
  readonly protocol?: string | undefined;
  /** One request and its answer, over HTTP; otherwise a conversation, in which git begins. */
  readonly stateless: boolean;
  /** Where fetches that want the same pack share it. Absent: each makes its own. */
  readonly packs?: PackCache | undefined;
}

/** A fetch or clone. The pack is streamed as git writes it and never compressed again. Throws NotFound where there is no repository. */
export async function serveUploadPack(exchange: UploadPackExchange): Promise<void> {
  await requireRepository(exchange.repository);
  const { packs } = exchange;
  const child = startService(exchange, {
    args: ['upload-pack', ...(exchange.stateless ? ['--stateless-rpc'] : []), exchange.repository.path],
    env: { ...protocolEnvironment(exchange.protocol), ...packs?.start.env },
    ...(packs === undefined ? {} : { config: packs.start.config, channel: true }),
    whenGone: 'end',
  });
  if (child.channel !== undefined) packs?.attend(exchange.repository, child.channel);
  await answerWith(exchange, child, { sent: pipeline(exchange.client.input, child.stdin) });
}

/** What is no list of `key=value` and keys is no version of a protocol (git(1), `GIT_PROTOCOL`). */
export function protocolEnvironment(protocol: string | undefined): Record<string, string> {
  return protocol !== undefined && /^[a-z0-9=:.-]{1,256}$/.test(protocol) ? { GIT_PROTOCOL: protocol } : {};
}
