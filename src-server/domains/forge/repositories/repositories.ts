import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isStatusError } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import type { ObjectRef } from '../../../resources/resourceClient';
import { namedController } from '../../../runtime/namedController';
import type { ForgeContext } from '../forgeContext';
import type { ForgePart } from '../forgePart';
import { removeTemporaryRepositories } from '../git/upkeep/bareRepository';
import { checkImportSource } from '../git/remotes/importRepository';
import { fillFork } from '../lifecycle/forkRepository';
import { moveBlockers } from '../lifecycle/moveBlockers';
import { putAside, type TrashDeps } from '../lifecycle/trash';
import type { OtherHosts } from '../mirrors/otherHosts';
import type { PullEvaluator } from '../pulls/pullWorld';
import type { PullFactsReader } from '../pulls/pullFacts';
import type { RefsMoved } from '../push/refsMoved';
import { createImportTasks } from './importTasks';
import { repositoryController } from './repositoryController';
import { createRepositoryImports, type RepositoryImports } from './repositoryImports';
import { createRepositoryLifecycle, type RepositoryLifecycle } from './repositoryLifecycle';
import { createRepositoryRouter } from './repositoryRouter';
import { repositoryStrategy } from './repositoryStrategy';

/** Repositories as objects and as bytes, and the code in them. */
export interface Repositories extends ForgePart {
  readonly router: ReturnType<typeof createRepositoryRouter>;
  readonly lifecycle: RepositoryLifecycle;
  readonly imports: RepositoryImports;
  /** Ends an import that runs into the repository. */
  endImport(ref: ObjectRef): Promise<void>;
}

export interface RepositoriesDeps {
  readonly ctx: ForgeContext;
  readonly hosts: OtherHosts;
  readonly trash: TrashDeps;
  readonly refsMoved: RefsMoved;
  readonly facts: PullFactsReader;
  readonly evaluator: PullEvaluator;
  /** The kind of Secrets, which is another domain's. */
  readonly secretKind: AnyKind;
  /** Remembers who deletes a repository. */
  readonly noteDeleter: (uid: string, name: string) => void;
}

export function createRepositories(deps: RepositoriesDeps): Repositories {
  const { ctx, hosts, trash, refsMoved, facts, evaluator, secretKind, noteDeleter } = deps;
  const { git, repositoriesRoot } = ctx;
  const tasks = createImportTasks((key, error) => ctx.log.error({ err: error, key }, 'import task failed'));
  const lifecycle = createRepositoryLifecycle(ctx, { hosts, imports: tasks, fillFork: (fork, path) => fillFork(ctx, fork, path), putAside: (object) => putAside(trash, object) });
  return {
    lifecycle,
    imports: createRepositoryImports({ ctx, tasks, lifecycle }),
    endImport: ({ org, name }) => tasks.cancel(`${org}/${name}`),
    router: createRepositoryRouter({ ctx, lifecycle, refsMoved, facts }),
    controllers: [namedController(ctx, (own) => repositoryController(own, { lifecycle, evaluator }))],
    strategies: [repositoryStrategy({
      git, repositoriesRoot, secretKind, noteDeleter,
      importProblem: (source, withKey) => importProblem(deps, source, withKey),
      blockers: (ref) => moveBlockers(ctx, ref, 'before it is deleted'),
    })],
    start: () => clearTemporaries(repositoriesRoot),
    stop: () => tasks.stop(),
    idle: () => tasks.idle(),
  };
}

/** What a killed server left of repositories that it was making or removing. */
async function clearTemporaries(repositoriesRoot: string): Promise<void> {
  for (const entry of await readdir(repositoriesRoot, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeTemporaryRepositories(join(repositoriesRoot, entry.name));
  }
}

async function importProblem({ ctx, hosts }: RepositoriesDeps, source: string, withKey: boolean): Promise<string | undefined> {
  try {
    await checkImportSource(ctx.git.git, { ...(await hosts.readPolicy()), keysRoot: hosts.keysRoot, source, withKey });
    return undefined;
  } catch (error) {
    if (isStatusError(error)) return error.details.causes?.[0]?.message ?? error.message;
    throw error;
  }
}
