import { mkdirSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sshCloneUrl } from '#shared/api/sshCloneUrl';
import { isStatusError } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import type { Clock } from '../../app/clock';
import type { Logger } from '../../app/log';
import type { Endpoint } from '../../http/endpoint';
import type { Relocation } from '../../resources/relocation';
import type { ObjectRef, ResourceClient } from '../../resources/resourceClient';
import type { AnyStrategy } from '../../resources/strategy';
import type { Controller, Runnable } from '../../runtime/controller';
import { namedController } from '../../runtime/namedController';
import type { BlobRemoval, BlobStore } from '../../store/blobStore';
import type { EventLog } from '../../store/eventLog';
import { createActorOf } from './permissions/actorOf';
import { createArchiveEndpoint } from './downloads/archiveEndpoint';
import { createBackground } from './concurrency/background';
import type { ForgeContext } from './forgeContext';
import { createRepositoryFiles, type RepositoryFiles } from './files/repositoryFiles';
import { createForgeVerbs, type ForgeVerbs } from './forgeVerbs';
import { removeTemporaryRepositories } from './git/bareRepository';
import { createGit } from './git/git';
import { createGitRepositories, type GitRepositories } from './git/gitRepositories';
import { checkImportSource } from './git/importRepository';
import { LruCache } from './git/lruCache';
import { installPushHooks, type PushHooks } from './git/pushHooks';
import { createGitEndpoint } from './serving/gitEndpoint';
import { issueController } from './issues/issueController';
import { issueStrategy } from './issues/issueStrategy';
import { createInFlight } from './concurrency/inFlight';
import { createKeyedLock } from './concurrency/keyedLock';
import { createKeyIndex } from './keys/keyIndex';
import { sshKeyController } from './keys/sshKeyController';
import { createSshKeyRouter } from './keys/sshKeyRouter';
import { sshKeyStrategy } from './keys/sshKeyStrategy';
import { createLfsCollector } from './lfs/lfsCollector';
import { createLfsEndpoint } from './lfs/lfsEndpoint';
import { createLfsLocks } from './lfs/lfsLocks';
import { createGitSsh, type GitSsh, type SshSettings } from './ssh/gitSsh';
import type { SignInPort } from './signInPort';
import { permissionSubjectController, repositoryPermissionController } from './permissions/repositoryPermissionController';
import { repositoryPermissionStrategy } from './permissions/repositoryPermissionStrategy';
import { branchProtectionController } from './protection/branchProtectionController';
import { branchProtectionStrategy } from './protection/branchProtectionStrategy';
import { createHooksRouter } from './policies/hooksRouter';
import type { InspectionLimits } from './policies/inspectChanges';
import { refPolicyController } from './protection/refPolicyController';
import { refPolicyStrategy } from './protection/refPolicyStrategy';
import { createPatchEndpoint } from './downloads/patchEndpoint';
import { createPullEvaluator } from './pulls/evaluatePull';
import { createPullFactsReader } from './pulls/pullFacts';
import { pullRequestController } from './pulls/pullRequestController';
import { pullRequestStrategy } from './pulls/pullRequestStrategy';
import { createPullRouter } from './pulls/pullRouter';
import { reviewController } from './pulls/reviewController';
import { reviewStrategy } from './pulls/reviewStrategy';
import { createPushService } from './push/pushService';
import { createBlobEndpoint, createRawEndpoint } from './downloads/rawEndpoint';
import { createRefsMoved, type RefsMoved } from './push/refsMoved';
import { fillFork } from './lifecycle/forkRepository';
import { heldPushes } from './lifecycle/heldPushes';
import { createRepositoryVerbs, lifecycleControllers } from './lifecycle/lifecycle';
import { moveBlockers } from './lifecycle/moveBlockers';
import { createLifecycleRouter } from './lifecycle/lifecycleRouter';
import type { RepositoryWorkspaces } from './lifecycle/removeWorkspaces';
import { putAside, type TrashDeps } from './lifecycle/trash';
import { createMirrors } from './mirrors/mirrors';
import type { SecretEntryReader } from './mirrors/remoteCredential';
import { createRepositoryImports } from './repositories/repositoryImports';
import { createAssetEndpoint } from './releases/assetEndpoint';
import { createDownloadCounts } from './releases/downloadCounts';
import { createReleaseFeed } from './releases/releaseFeed';
import { createReleaseRouter } from './releases/releaseRouter';
import { releaseController, releaseTagsController } from './releases/releaseStatus';
import { releaseStrategy } from './releases/releaseStrategy';
import type { ImportPolicyReader } from './repositories/importRun';
import { createImportTasks } from './repositories/importTasks';
import { repositoryController } from './repositories/repositoryController';
import { createRepositoryLifecycle } from './repositories/repositoryLifecycle';
import { createRepositoryRouter } from './repositories/repositoryRouter';
import { repositoryStrategy } from './repositories/repositoryStrategy';
import { createBundleEndpoints, openUploads } from './serving/bundleEndpoints';
import { createGitServing, type GitServing } from './serving/gitServing';
import { gpgKeyController } from './signatures/gpgKeyController';
import { gpgKeyStrategy } from './signatures/gpgKeyStrategy';
import { createSigning } from './signatures/signing';
import { noteMaintenance, noteSize } from './serving/noteMaintenance';

export interface ForgeDeps {
  /**
   * Acts for the system. Called at use, never while the forge is made: the resources need the forge's strategies first.
   */
  readonly resources: () => ResourceClient;
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly log: Logger;
  /** Folder for `<org>/<name>.git`. */
  readonly repositoriesRoot: string;
  /** Folder of the repositories that worktrees of runs hang on, which borrow objects from those. */
  readonly workspaceRepositoriesRoot: string;
  readonly blobs: BlobStore & BlobRemoval;
  /** Hexadecimal digests of the blobs that objects name. */
  readonly namedDigests: () => Promise<ReadonlySet<string>>;
  /** Folder that the forge may fill with what git needs beside repositories: push hooks, an empty home. */
  readonly gitRoot: string;
  /** What signs the commits that the forge makes; it is made where there is none. */
  readonly signingKeyFile: string;
  /** The process's environment: where git is found, and what the user's own git needs for imports. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Bytes of one pushed pack. */
  readonly maxPackBytes: number;
  /** How much of a push its policies look into. */
  readonly inspection?: InspectionLimits;
  /** People, requests and tickets. Called at use. */
  readonly signIn: () => SignInPort;
  /** Bytes of one large file (Git LFS). */
  readonly maxLfsFileBytes: number;
  /** Absent: no git over SSH. */
  readonly ssh?: SshSettings | undefined;
  /** Bytes of one file of a release. Default 2 GiB. */
  readonly maxReleaseFileBytes?: number;
  /** Clones, fetches and pushes that are served at the same time. */
  readonly maxGitServices: number;
  /** Moves objects to other names and organizations. Called at use, as `resources`. */
  readonly relocation: () => Relocation;
  /** Reads a Secret's entry for the server's own use: what other hosts are shown. */
  readonly readSecret: SecretEntryReader;
  readonly secretKind: AnyKind;
  /** Worktrees of agents, which hang on repositories. */
  readonly workspaces: RepositoryWorkspaces;
  /** How imports are made at this moment; in local mode with the user's credentials, and from folders. */
  readonly imports: ImportPolicyReader;
}

/** The forge: repositories, git over HTTP, reading code, pull requests, reviews, merges, and the rules for all of it. */
export interface Forge {
  readonly router: { readonly repositories: ReturnType<typeof createRepositoryRouter>;
    readonly sshKeys: ReturnType<typeof createSshKeyRouter>; readonly lifecycle: ReturnType<typeof createLifecycleRouter>; readonly pulls: ReturnType<typeof createPullRouter>; readonly releases: ReturnType<typeof createReleaseRouter>; readonly hooks: ReturnType<typeof createHooksRouter> };
  readonly endpoints: readonly Endpoint[];
  readonly controllers: readonly Controller[];
  readonly strategies: readonly AnyStrategy[];
  /** Start before the controllers, and stop after them. */
  readonly runnables: readonly Runnable[];
  readonly verbs: ForgeVerbs;
  /** Open repositories and the one way to start git; for the domains that work with worktrees. */
  readonly git: GitRepositories;
  readonly files: RepositoryFiles;
  readonly ssh: GitSsh;
  /** For metrics. */
  readonly serving: GitServing;
  /** Brings a repository as far as its controller would: for tests. */
  advance(ref: ObjectRef): Promise<unknown>;
  /** Settles when no import and no evaluation runs beside the controllers: for tests. */
  idle(): Promise<void>;
}

const DEFAULT_RELEASE_FILE_BYTES = 2 * 1024 ** 3;

export function createForge(deps: ForgeDeps): Forge {
  const { clock, log, repositoriesRoot, gitRoot } = deps;
  const emptyHome = join(gitRoot, 'empty-home');
  // Git starts in it, so it has to be there before anybody asks for git's version.
  mkdirSync(emptyHome, { recursive: true });
  const signing = createSigning(deps.resources);
  const git = createGitRepositories(createGit({ environment: deps.environment, emptyHome }), { sign: (commit) => signing.signCommit(commit), onForget: (path) => serving.maintenance.release(path) });
  const serving = createGitServing({
    packsFolder: join(gitRoot, 'packs'), atOnce: deps.maxGitServices, log, now: () => clock.now(), git, repositoriesRoot,
    borrowersRoots: [repositoriesRoot, deps.workspaceRepositoriesRoot], onMaintained: (result) => noteMaintenance(ctx, result), onRest: (ref) => noteSize(ctx, ref),
  });
  const ctx: ForgeContext = {
    get resources() {
      return deps.resources();
    },
    get relocation() {
      return deps.relocation();
    },
    eventLog: deps.eventLog,
    clock,
    log,
    git,
    files: createRepositoryFiles({ blobs: deps.blobs, ledger: join(gitRoot, 'file-ledger'), repositoriesRoot, namedByObjects: deps.namedDigests }),
    fileLocks: createLfsLocks(createKeyedLock()),
    cloneUrls: (org, name) => {
      const address = ssh.door?.address();
      const base = deps.signIn().baseUrl();
      return { ...(base === '' ? {} : { http: `${base}/git/${org}/${name}.git` }), ...(address === undefined ? {} : { ssh: sshCloneUrl(address, org, name) }) };
    },
    repositoriesRoot,
    locks: createKeyedLock(),
    signing,
    writing: createInFlight(),
    serving,
    movers: new LruCache(10_000),
    actorOf: createActorOf({ resources: deps.resources, signIn: deps.signIn }),
  };
  const downloads = createDownloadCounts(ctx);
  const keyIndex = createKeyIndex(deps.resources);
  const facts = createPullFactsReader();
  const evaluator = createPullEvaluator(ctx, facts);
  const background = createBackground(log);
  const refsMovedHere = createRefsMoved(ctx, { evaluator, background });
  const refsMoved: RefsMoved = async (moved) => {
    await refsMovedHere(moved);
    await mirrors.moved(moved);
  };
  const keysRoot = join(gitRoot, 'remote-keys');
  const remotes = { readPolicy: deps.imports, readSecret: deps.readSecret, keysRoot };
  // Its own moves it follows no further.
  const mirrors = createMirrors({ ...remotes, ctx, refsMoved: refsMovedHere });
  const imports = createImportTasks((key, error) => log.error({ err: error, key }, 'import task failed'));
  const deleters = new LruCache<string>(1000);
  const trash: TrashDeps = {
    ctx,
    workspaces: deps.workspaces,
    deleters,
    async settle(ref) {
      await imports.cancel(`${ref.org}/${ref.name}`);
      await mirrors.cancel(ref);
    },
  };
  const lifecycle = createRepositoryLifecycle(ctx, {
    ...remotes, imports, importPolicy: deps.imports, fillFork: (fork, path) => fillFork(ctx, fork, path), putAside: (object) => putAside(trash, object),
  });
  const repositoryDeps = { ctx, lifecycle, refsMoved, facts, evaluator };
  const repositoryVerbs = createRepositoryVerbs({ ...trash, ...repositoryDeps });
  const strategyDeps = { git, repositoriesRoot, facts };

  let hooks: PushHooks | undefined;
  const installed = (): PushHooks => {
    if (hooks === undefined) throw new Error('a push came before the forge had started');
    return hooks;
  };
  const pushes = heldPushes(ctx, createPushService({ ctx, hooks: installed, refsMoved, ...(deps.inspection === undefined ? {} : { limits: deps.inspection }) }));
  const limits = { maxPackBytes: deps.maxPackBytes };
  const ssh = createGitSsh({ ctx, index: keyIndex, pushes, limits, signIn: deps.signIn, settings: deps.ssh });

  return {
    router: {
      repositories: createRepositoryRouter(repositoryDeps),
      sshKeys: createSshKeyRouter({ ctx, door: ssh.door }),
      lifecycle: createLifecycleRouter({ verbs: repositoryVerbs, mirrors, imports: createRepositoryImports({ ctx, tasks: imports, lifecycle }) }),
      pulls: createPullRouter({ ctx, evaluator, facts, refsMoved }),
      releases: createReleaseRouter(repositoryDeps),
      hooks: createHooksRouter(ctx),
    },
    endpoints: [
      createGitEndpoint({ ctx, pushes, limits }),
      createLfsEndpoint({ ctx, maxFileBytes: deps.maxLfsFileBytes }),
      createRawEndpoint(ctx),
      createBlobEndpoint(ctx),
      createAssetEndpoint(ctx, { downloads, maxBytes: deps.maxReleaseFileBytes ?? DEFAULT_RELEASE_FILE_BYTES }),
      createReleaseFeed(ctx),
      createArchiveEndpoint(ctx),
      ...createBundleEndpoints({ ctx, lifecycle, refsMoved, uploadsFolder: join(gitRoot, 'uploads'), maxPackBytes: deps.maxPackBytes }),
      createPatchEndpoint(ctx),
    ],
    controllers: [
      namedController(ctx, (own) => repositoryController(own, { lifecycle, evaluator })),
      namedController(ctx, mirrors.controller),
      ...lifecycleControllers(trash),
      namedController(ctx, (own) => branchProtectionController(own, evaluator)),
      namedController(ctx, (own) => pullRequestController(own, { evaluator, refsMoved })),
      namedController(ctx, reviewController),
      namedController(ctx, issueController),
      namedController(ctx, releaseController),
      namedController(ctx, releaseTagsController),
      namedController(ctx, sshKeyController),
      namedController(ctx, gpgKeyController),
      namedController(ctx, refPolicyController),
      namedController(ctx, repositoryPermissionController),
      ...(['User', 'Team', 'AgentServiceAccount'] as const).map((subject) => namedController(ctx, (own) => permissionSubjectController(own, subject))),
    ],
    strategies: [
      repositoryStrategy({ ...strategyDeps, secretKind: deps.secretKind, importProblem: async (source, withKey) => importProblem(git, { ...(await deps.imports()), keysRoot, source, withKey }), blockers: (ref) => moveBlockers(ctx, ref, 'before it is deleted'), noteDeleter: (uid, name) => deleters.set(uid, name) }),
      branchProtectionStrategy,
      pullRequestStrategy(strategyDeps),
      reviewStrategy(strategyDeps),
      sshKeyStrategy(keyIndex),
      repositoryPermissionStrategy,
      refPolicyStrategy,
      gpgKeyStrategy,
      releaseStrategy,
      issueStrategy,
    ],
    runnables: [
      createLfsCollector({ files: ctx.files, git, repositoriesRoot, clock, log }),
      downloads,
      {
        name: 'forge',
        async start() {
          await mkdir(repositoriesRoot, { recursive: true });
          await signing.start(deps.signingKeyFile);
          hooks = await installPushHooks(join(gitRoot, 'hooks'));
          await openUploads(join(gitRoot, 'uploads'));
          await serving.start();
          await clearTemporaries(repositoriesRoot);
          await clearKeys(keysRoot);
        },
        async stop() {
          await imports.stop();
          await mirrors.stop();
          await background.stop();
          await serving.stop();
          git.close();
        },
      },
    ],
    verbs: createForgeVerbs(repositoryDeps),
    files: ctx.files,
    ssh,
    git,
    serving,
    advance: (ref) => lifecycle.advance(ref),
    async idle() {
      await imports.idle();
      await mirrors.idle();
      await background.idle();
    },
  };
}

/** What a killed server left of repositories that it was making or removing. */
async function clearTemporaries(repositoriesRoot: string): Promise<void> {
  for (const entry of await readdir(repositoriesRoot, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeTemporaryRepositories(join(repositoriesRoot, entry.name));
  }
}

/** Keys of other hosts that a killed server had in use. */
async function clearKeys(keysRoot: string): Promise<void> {
  for (const name of await readdir(keysRoot).catch(() => [])) if (name.startsWith('key-')) await rm(join(keysRoot, name), { recursive: true, force: true });
}

async function importProblem(git: GitRepositories, options: Parameters<typeof checkImportSource>[1]): Promise<string | undefined> {
  try {
    await checkImportSource(git.git, options);
    return undefined;
  } catch (error) {
    if (isStatusError(error)) return error.details.causes?.[0]?.message ?? error.message;
    throw error;
  }
}
