import { join } from 'node:path';
import { createGit, type Git } from '../../domains/forge/git/git';
import { GitError } from '../../domains/forge/git/process/gitError';
import { repositoryFolders } from '../backup/repositoryFiles';
import type { ReportProgress } from '../backup/progress';
import type { DataDir } from '../dataDir';

const FSCK_CODES = Array.from({ length: 64 }, (_, code) => code);

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
    const said = await damageOf(git, path);
    if (said !== undefined) problems.push({ problem: `the repository ${name} is damaged`, count: 1, example: said });
  }
  const missing = [...wanted].filter((name) => !found.has(name)).sort();
  if (missing.length > 0) problems.push({ problem: 'a repository has no folder', count: missing.length, ...(missing[0] === undefined ? {} : { example: missing[0] }) });
  return { folders: found.size, problems };
}

/** The line of what git finds wrong that says most. Its exit code is a sum of what there was: https://git-scm.com/docs/git-fsck#_exit_status */
async function damageOf(git: Git, path: string): Promise<string | undefined> {
  try {
    const { code, stdout, stderr } = await git.run(['fsck', '--connectivity-only', '--no-dangling', '--no-progress'], { gitDir: path, timeoutMs: 0, okCodes: FSCK_CODES });
    return code === 0 ? undefined : (tellingLine(`${stderr}\n${stdout.toString('utf8')}`) ?? `git fsck ends with ${code}`);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return tellingLine(error.stderr) ?? error.message;
  }
}

function tellingLine(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => /^(missing|error|fatal)/.test(line)) ?? lines[0];
}
