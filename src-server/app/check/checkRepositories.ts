import { join } from 'node:path';
import { createGit } from '../../domains/forge/git/git';
import { GitError } from '../../domains/forge/git/gitError';
import { repositoryFolders } from '../backup/repositoryFiles';
import type { ReportProgress } from '../backup/progress';
import type { DataDir } from '../dataDir';

export interface CheckedRepositories {
  readonly folders: number;
  readonly problems: readonly { readonly problem: string; readonly count: number; readonly example?: string }[];
}

export interface CheckRepositoriesOptions {
  /** `ORG/NAME.git` of those that should be there. */
  readonly wanted: ReadonlySet<string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onProgress?: ReportProgress;
}

/** Has git follow every reference of every repository to the end. */
export async function checkRepositories(dataDir: DataDir, { wanted, environment, onProgress }: CheckRepositoriesOptions): Promise<CheckedRepositories> {
  const git = createGit({ environment, emptyHome: join(dataDir.git, 'empty-home') });
  const found = new Set<string>();
  const problems: CheckedRepositories['problems'][number][] = [];
  for await (const { name, path } of repositoryFolders(dataDir.repositories)) {
    onProgress?.({ what: 'repositories', done: found.size });
    found.add(name);
    try {
      await git.run(['fsck', '--connectivity-only', '--no-dangling', '--no-progress'], { gitDir: path, timeoutMs: 0 });
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      const [said] = error.stderr.split('\n');
      problems.push({ problem: `the repository ${name} is damaged`, count: 1, ...(said === undefined || said === '' ? {} : { example: said }) });
    }
  }
  const missing = [...wanted].filter((name) => !found.has(name)).sort();
  if (missing.length > 0) problems.push({ problem: 'a repository has no folder', count: missing.length, ...(missing[0] === undefined ? {} : { example: missing[0] }) });
  return { folders: found.size, problems };
}
