import type { AnswerShelf } from './answerShelf';
import { isVersion2 } from './fetchQuestion';
import { fileMark } from '../objects/packState';
import { readRefState } from '../refs/refFiles';
import { sendShared } from './sendShared';
import { answerWith, type GitExchange, requireRepository, startService } from './serveGit';
import { protocolEnvironment } from './uploadPack';

export type GitService = 'git-upload-pack' | 'git-receive-pack';

export interface Advertisement {
  readonly protocol?: string | undefined;
  /** Goes out first. */
  readonly before?: string;
  /** Where clients that fetch share what is said to them. Absent: a git for each. */
  readonly answers?: AnswerShelf | undefined;
}

/** What can be fetched or pushed. Throws NotFound when there is no repository. */
export async function serveAdvertisement(service: GitService, exchange: GitExchange, opts: Advertisement = {}): Promise<void> {
  const { repository } = exchange;
  await requireRepository(repository);
  const { before, protocol, answers } = opts;
  const command = { args: [service.slice('git-'.length), '--stateless-rpc', '--http-backend-info-refs', repository.path], env: protocolEnvironment(protocol) };
  const state = service === 'git-upload-pack' && answers !== undefined ? await stateOf(repository.path, protocol) : undefined;
  if (answers !== undefined && state !== undefined) {
    const reader = answers.read([repository.path, state, 'advertisement', protocol].join('\n'), () => {
      const child = repository.git.start(command.args, { cwd: repository.path, timeoutMs: 0, env: command.env });
      child.stdin.end();
      return child;
    });
    return sendShared(exchange, reader, before);
  }
  const child = startService(exchange, { ...command, whenGone: 'end' });
  child.stdin.end();
  await answerWith(exchange, child, before === undefined ? {} : { before });
}

/** Version 2 says only what the server can do, which its settings decide; the older ones list the references, too. */
async function stateOf(path: string, protocol: string | undefined): Promise<string | undefined> {
  return isVersion2(protocol) ? fileMark(`${path}/config`) : readRefState(path);
}
