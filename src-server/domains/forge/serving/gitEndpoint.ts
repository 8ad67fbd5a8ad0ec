import { StatusError } from '#shared/api/status';
import type { Endpoint } from '../../../http/endpoint';
import type { ForgeContext } from '../forgeContext';
import type { GitServiceLimits } from '../git/process/gitClient';
import { advertiseRefs, receivePack, uploadPack } from '../git/transport/smartHttp';
import { openForGit, requirePush } from './gitAccess';
import type { PushService } from '../push/pushService';
import { accountOf } from './gitServing';

export interface GitEndpointDeps {
  readonly ctx: ForgeContext;
  readonly pushes: PushService;
  readonly limits: GitServiceLimits;
}

/**
 * Git over HTTP: `/git/ORG/REPO.git/…`, with or without `.git`. Whoever may read the Repository may fetch, whoever may push to it may
 * push; what a push may change is decided per reference. Runs fetch their own run's repository and push their own branch.
 */
export function createGitEndpoint({ ctx, pushes, limits }: GitEndpointDeps): Endpoint {
  return {
    methods: ['GET', 'POST'],
    pattern: /^\/git\/(?<org>[^/]+)\/(?<repo>[^/]+?)(?:\.git)?\/(?<service>info\/refs|git-upload-pack|git-receive-pack)$/,
    challenge: 'basic',
    errors: 'text',
    async handle(request) {
      const { org = '', repo = '', service = '' } = request.params;
      const isRead = service === 'info/refs';
      if (request.req.method !== (isRead ? 'GET' : 'POST')) throw new StatusError('MethodNotAllowed', `git asks this address with ${isRead ? 'GET' : 'POST'}`);
      const asked = isRead ? request.url.searchParams.get('service') : service;
      if (asked !== 'git-upload-pack' && asked !== 'git-receive-pack') {
        throw new StatusError('Forbidden', 'This server speaks git\'s smart protocol only; your git is too old, or this is not git');
      }
      const { actor } = request;
      const repository = await openForGit(ctx, actor, { org, name: repo });
      // Asked already where git only looks around before it pushes: nobody packs for minutes to be refused then.
      const rule = asked === 'git-receive-pack' ? await requirePush(ctx, repository, actor) : '';
      const arrival = { repository: repository.git, req: request.req, res: request.res, limits };
      return ctx.serving.gate.run({ repository: repository.git.path, account: accountOf(actor), signal: request.signal }, () => {
        if (isRead) return advertiseRefs(asked, { ...arrival, signal: request.signal, answers: ctx.serving.answers });
        if (asked === 'git-upload-pack') return uploadPack({ ...arrival, signal: request.signal, packs: ctx.serving.packs(), answers: ctx.serving.answers });
        // Without the request's signal: a push that has arrived is carried out, though its sender may be gone.
        return pushes.take({ repository, actor, rule, origin: request.origin, correlationId: request.correlationId }, (handlers) => receivePack({ ...arrival, ...handlers }));
      });
    },
  };
}
