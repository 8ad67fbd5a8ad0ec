import { mkdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sshCloneUrl } from '#shared/api/sshCloneUrl';
import { createInFlight } from './concurrency/inFlight';
import { createKeyedLock } from './concurrency/keyedLock';
import { createRepositoryFiles } from './files/repositoryFiles';
import type { ForgeContext } from './forgeContext';
import type { ForgeDeps } from './forgeDeps';
import type { ForgePart } from './forgePart';
import { createGit } from './git/git';
import { createGitRepositories } from './git/gitRepositories';
import { LruCache } from './git/lruCache';
import { createLfsLocks } from './lfs/lfsLocks';
import { createActorOf } from './permissions/actorOf';
import { createGitServing } from './serving/gitServing';
import { noteMaintenance, noteSize } from './serving/noteMaintenance';
import { createSigning } from './signatures/signing';
import type { SshDoor } from './ssh/sshDoor';

/** The ground that every room of the forge stands on, and its start and stop. `sshDoor` is called at use. */
export function createForgeContext(deps: ForgeDeps, opts: { sshDoor: () => SshDoor | undefined }): ForgePart & { readonly ctx: ForgeContext } {
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
      const address = opts.sshDoor()?.address();
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
  return {
    ctx,
    async start() {
      await mkdir(repositoriesRoot, { recursive: true });
      await signing.start(deps.signingKeyFile);
      await serving.start();
    },
    async stop() {
      await serving.stop();
      git.close();
    },
  };
}
