import { join } from 'node:path';
import type { Endpoint } from '../../http/endpoint';
import type { ObjectRef } from '../../resources/resourceClient';
import type { AnyStrategy } from '../../resources/strategy';
import type { Controller, Runnable } from '../../runtime/controller';
import { createBackground } from './concurrency/background';
import { createForgeContext } from './createForgeContext';
import { createDownloads } from './downloads/downloads';
import type { RepositoryFiles } from './files/repositoryFiles';
import type { ForgeDeps } from './forgeDeps';
import type { ForgePart } from './forgePart';
import { createForgeVerbs, type ForgeVerbs } from './forgeVerbs';
import type { GitRepositories } from './git/gitRepositories';
import { LruCache } from './git/lruCache';
import { createIssues } from './issues/issues';
import { createKeys } from './keys/keys';
import { createSshKeyRouter } from './keys/sshKeyRouter';
import { createLfs } from './lfs/lfs';
import { createLifecycle, type Lifecycle } from './lifecycle/lifecycle';
import type { TrashDeps } from './lifecycle/trash';
import { createMirrors } from './mirrors/mirrors';
import type { OtherHosts } from './mirrors/otherHosts';
import { createPermissions } from './permissions/permissions';
import { createHooksRouter } from './policies/hooksRouter';
import { createProtection } from './protection/protection';
import { createPullEvaluator } from './pulls/evaluatePull';
import { createPullFactsReader } from './pulls/pullFacts';
import { createPulls, type Pulls } from './pulls/pulls';
import { createPushes } from './push/pushes';
import { createRefsMoved, type RefsMoved } from './push/refsMoved';
import { createReleases, type Releases } from './releases/releases';
import { createRepositories, type Repositories } from './repositories/repositories';
import { createGitHttp } from './serving/gitHttp';
import type { GitServing } from './serving/gitServing';
import { createSignatures } from './signatures/signatures';
import { createGitSsh, type GitSsh } from './ssh/gitSsh';

/** The forge: repositories, git over HTTP, reading code, pull requests, reviews, merges, and the rules for all of it. */
export interface Forge {
  readonly router: {
    readonly repositories: Repositories['router'];
    readonly sshKeys: ReturnType<typeof createSshKeyRouter>;
    readonly lifecycle: Lifecycle['router'];
    readonly pulls: Pulls['router'];
    readonly releases: Releases['router'];
    readonly hooks: ReturnType<typeof createHooksRouter>;
  };
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

export function createForge(deps: ForgeDeps): Forge {
  const { gitRoot, maxPackBytes, secretKind, signIn } = deps;
  const ground = createForgeContext(deps, { sshDoor: () => ssh.door });
  const { ctx } = ground;

  const facts = createPullFactsReader();
  const evaluator = createPullEvaluator(ctx, facts);
  const background = createBackground(ctx.log);
  const refsMovedHere = createRefsMoved(ctx, { evaluator, background });
  const hosts: OtherHosts = { readPolicy: deps.imports, readSecret: deps.readSecret, keysRoot: join(gitRoot, 'remote-keys') };
  // Its own moves it follows no further.
  const mirrors = createMirrors({ ...hosts, ctx, refsMoved: refsMovedHere });
  const refsMoved: RefsMoved = async (moved) => {
    await refsMovedHere(moved);
    await mirrors.moved(moved);
  };

  const deleters = new LruCache<string>(1000);
  const trash: TrashDeps = {
    ctx,
    workspaces: deps.workspaces,
    deleters,
    async settle(ref) {
      await repositories.endImport(ref);
      await mirrors.cancel(ref);
    },
  };
  const repositories = createRepositories({ ctx, hosts, trash, refsMoved, facts, evaluator, secretKind, noteDeleter: (uid, name) => deleters.set(uid, name) });
  const common = { ctx, lifecycle: repositories.lifecycle, refsMoved, facts, evaluator };
  const lifecycle = createLifecycle({ ...trash, ...common, mirrors, imports: repositories.imports });
  const pulls = createPulls(common);
  const releases = createReleases(common, { maxFileBytes: deps.maxReleaseFileBytes });

  const pushes = createPushes({ ctx, refsMoved, hooksFolder: join(gitRoot, 'hooks'), limits: deps.inspection });
  const keys = createKeys(ctx);
  const ssh = createGitSsh({ ctx, index: keys.index, pushes: pushes.service, limits: { maxPackBytes }, signIn, settings: deps.ssh });

  const parts: readonly ForgePart[] = [
    ground,
    pushes,
    createGitHttp({ ...common, pushes: pushes.service, uploadsFolder: join(gitRoot, 'uploads'), maxPackBytes }),
    createLfs(ctx, { maxFileBytes: deps.maxLfsFileBytes }),
    createDownloads(ctx),
    background,
    mirrors,
    repositories,
    lifecycle,
    createProtection(ctx, evaluator),
    createPermissions(ctx),
    pulls,
    createIssues(ctx),
    releases,
    keys,
    createSignatures(ctx),
  ];
  return {
    router: {
      repositories: repositories.router,
      sshKeys: createSshKeyRouter({ ctx, door: ssh.door }),
      lifecycle: lifecycle.router,
      pulls: pulls.router,
      releases: releases.router,
      hooks: createHooksRouter(ctx),
    },
    endpoints: parts.flatMap((part) => part.endpoints ?? []),
    controllers: parts.flatMap((part) => part.controllers ?? []),
    strategies: parts.flatMap((part) => part.strategies ?? []),
    runnables: [...parts.flatMap((part) => part.runnables ?? []), asRunnable(parts)],
    verbs: createForgeVerbs(common),
    files: ctx.files,
    ssh,
    git: ctx.git,
    serving: ctx.serving,
    advance: (ref) => repositories.lifecycle.advance(ref),
    async idle() {
      for (const part of parts.toReversed()) await part.idle?.();
    },
  };
}

/** The parts start one after the other, and stop the other way round: what a part stands on is there as long as the part is. */
function asRunnable(parts: readonly ForgePart[]): Runnable {
  return {
    name: 'forge',
    async start() {
      for (const part of parts) await part.start?.();
    },
    async stop() {
      for (const part of parts.toReversed()) await part.stop?.();
    },
  };
}
