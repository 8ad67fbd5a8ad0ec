import { StatusError } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import type { Endpoint, EndpointRequest } from '../../http/endpoint';
import type { Actor } from '../../resources/actor';
import { toActorReference } from '../../resources/actorReference';
import { commitIdentityOf } from './commitIdentity';
import { type ForgeContext, moverKey } from './forgeContext';
import { requireOwnRepository } from './runAccess';
import type { PushCommand, PushRequest } from './git/pushCommands';
import type { PushDecision, PushHooks } from './git/pushHooks';
import { advertiseRefs, receivePack, type SmartHttpLimits, uploadPack } from './git/smartHttp';
import { readRefSituation } from './protection/readRefSituation';
import { type RefSituation, refuseRefChange } from './protection/refChange';
import { type NotedRef, noteRefs, requireRefsVerb } from './refAccess';
import type { RefsMoved } from './refsMoved';
import { openRepository, type OpenRepository } from './repositories/openRepository';

export interface GitEndpointDeps {
  readonly ctx: ForgeContext;
  /** Ready once the forge has started. */
  readonly hooks: () => PushHooks;
  readonly refsMoved: RefsMoved;
  readonly limits: SmartHttpLimits;
}

/**
 * Git over HTTP: `/git/ORG/REPO.git/…`, with or without `.git`. Whoever may read the Repository may fetch, whoever may push to it may
 * push; what a push may change is decided per reference. Runs fetch their own run's repository and push their own branch.
 */
export function createGitEndpoint(deps: GitEndpointDeps): Endpoint {
  return {
    methods: ['GET', 'POST'],
    pattern: /^\/git\/(?<org>[^/]+)\/(?<repo>[^/]+?)(?:\.git)?\/(?<service>info\/refs|git-upload-pack|git-receive-pack)$/,
    challenge: 'basic',
    errors: 'text',
    async handle(request) {
      const { service = '' } = request.params;
      const isRead = service === 'info/refs';
      if (request.req.method !== (isRead ? 'GET' : 'POST')) throw new StatusError('MethodNotAllowed', `git asks this address with ${isRead ? 'GET' : 'POST'}`);
      const asked = isRead ? request.url.searchParams.get('service') : service;
      if (asked !== 'git-upload-pack' && asked !== 'git-receive-pack') {
        throw new StatusError('Forbidden', 'This server speaks git\'s smart protocol only; your git is too old, or this is not git');
      }
      const repository = await openForGit(deps.ctx, request);
      // Asked already where git only looks around before it pushes: nobody packs for minutes to be refused then.
      const rule = asked === 'git-receive-pack' ? await requirePush(deps.ctx, repository, request.actor) : '';
      const common = { repository: repository.git, req: request.req, res: request.res, signal: request.signal, limits: deps.limits };
      if (isRead) return advertiseRefs(asked, common);
      if (asked === 'git-upload-pack') return uploadPack(common);
      return push(deps, repository, { request, rule });
    },
  };
}

async function openForGit(ctx: ForgeContext, request: EndpointRequest): Promise<OpenRepository> {
  const { org = '', repo = '' } = request.params;
  const ref = { org, name: repo };
  const { actor } = request;
  if (actor.kind === 'run') {
    await requireOwnRepository(ctx, actor, ref);
    return openRepository(ctx, ctx.resources, ref);
  }
  const resources = ctx.resources.as(actor);
  if ((await resources.find(Repository, ref)) === undefined) {
    throw new StatusError('NotFound', `There is no repository "${repo}" in organization "${org}". Create it first: in the console, or with kradle`, { code: 'REPOSITORY_NOT_FOUND' });
  }
  return openRepository(ctx, resources, ref);
}

/** A run's right is that of its token: {@link openForGit} has asked, and the rules of references hold it to its branch. */
async function requirePush(ctx: ForgeContext, repository: OpenRepository, actor: Actor): Promise<string> {
  return actor.kind === 'run' ? 'run-branch' : requireRefsVerb(ctx, repository, { verb: 'push', actor });
}

async function push(deps: GitEndpointDeps, repository: OpenRepository, { request, rule }: { request: EndpointRequest; rule: string }): Promise<void> {
  const { ctx } = deps;
  const { actor } = request;
  let refused: NotedRef[] = [];
  let moved: readonly PushCommand[] = [];
  // Without the request's signal: a push that has arrived is carried out, though its sender may be gone.
  await receivePack({
    repository: repository.git,
    req: request.req,
    res: request.res,
    limits: deps.limits,
    hooks: deps.hooks(),
    pusher: await commitIdentityOf(ctx.resources, repository.org, actor),
    decide: async ({ commands }: PushRequest) => {
      const situation = await readRefSituation(ctx, repository, actor);
      const decisions = commands.map((command) => decide(command, situation));
      refused = commands.flatMap((command, index) => refusalOf(command, decisions[index]));
      for (const { ref, newOid } of commands) ctx.movers.set(moverKey(repository.git.path, newOid ?? ref), toActorReference(actor));
      // A mirror pushes thousands of branches at once; a person pushes one and may go on with it.
      if (commands.length > MAX_HINTED) return decisions;
      return Promise.all(commands.map((command, index) => withHint(ctx, { command, decision: decisions[index] ?? REFUSED, situation, repository, origin: request.origin })));
    },
    onUpdated: async (changes) => {
      moved = changes;
      const left = refused.filter(({ ref }) => !changes.some((change) => change.ref === ref));
      await noteRefs(repository, { verb: 'push', actor, rule, moved, refused: left });
      ctx.log.info({ org: repository.org, repository: repository.name, actor: actor.name, refs: changes.length, correlationId: request.correlationId }, 'refs pushed');
      await deps.refsMoved({ org: repository.org, repository: repository.name, refs: changes.map(({ ref }) => ref) });
    },
  });
  if (moved.length === 0) await noteRefs(repository, { verb: 'push', actor, rule, moved, refused });
}

/** Why a change is refused, or will be if it turns out to rewrite history. */
function refusalOf({ ref, oldOid, newOid }: PushCommand, decision: PushDecision | undefined): NotedRef[] {
  return decision === undefined || decision.verdict === 'allow' ? [] : [{ ref, oldOid, newOid, reason: decision.reason }];
}

const MAX_HINTED = 3;
const REFUSED: PushDecision = { verdict: 'refuse', reason: 'no decision was made' };

/** Whether a change rewrites history is known only once git has the objects: what depends on it is decided by git's hook. */
function decide(command: PushCommand, situation: RefSituation): PushDecision {
  const change = { ref: command.ref, oldSha: command.oldOid, newSha: command.newOid };
  const reason = refuseRefChange({ ...change, forced: false }, situation);
  if (reason !== undefined) return { verdict: 'refuse', reason };
  const forceReason = command.oldOid === undefined ? undefined : refuseRefChange({ ...change, forced: true }, situation);
  return forceReason === undefined ? { verdict: 'allow' } : { verdict: 'fast-forward', reason: forceReason };
}

/** After a new branch that nobody reviews yet: where to open a pull request for it. */
async function withHint(
  ctx: ForgeContext, opts: { command: PushCommand; decision: PushDecision; situation: RefSituation; repository: OpenRepository; origin: string },
): Promise<PushDecision> {
  const { command, decision, situation, repository, origin } = opts;
  const branch = command.ref.startsWith('refs/heads/') ? command.ref.slice('refs/heads/'.length) : undefined;
  const isNew = decision.verdict === 'allow' && command.oldOid === undefined && command.newOid !== undefined;
  if (branch === undefined || !isNew || situation.empty || branch === situation.defaultBranch || situation.actor.kind === 'run') return decision;
  const { items } = await ctx.resources.list(PullRequest, { org: repository.org, fieldSelector: `spec.repository=${repository.name},status.phase=Open` });
  if (items.some(({ spec }) => spec.sourceBranch === branch)) return decision;
  const query = new URLSearchParams({ head: branch });
  return { ...decision, hint: `Open a pull request for ${branch}:\n${origin}/o/${repository.org}/repositories/${repository.name}/pulls/new?${query.toString()}` };
}
