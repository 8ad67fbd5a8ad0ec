import { answerWith, type GitExchange, requireRepository, startService } from './serveGit';
import { protocolEnvironment } from './uploadPack';

export type GitService = 'git-upload-pack' | 'git-receive-pack';

/** What can be fetched or pushed. `before` goes out first. Throws NotFound when there is no repository. */
export async function serveAdvertisement(service: GitService, exchange: GitExchange, opts: { protocol?: string | undefined; before?: string } = {}): Promise<void> {
  await requireRepository(exchange.repository);
  const child = startService(exchange, {
    args: [service.slice('git-'.length), '--stateless-rpc', '--http-backend-info-refs', exchange.repository.path],
    env: protocolEnvironment(opts.protocol),
    whenGone: 'end',
  });
  child.stdin.end();
  await answerWith(exchange, child, opts.before === undefined ? {} : { before: opts.before });
}
