import { devNull } from 'node:os';
import { cleanEnvironment, runProcess, type ProcessResult } from './runProcess';

export interface GitOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Runs the system's git as a user without configuration would, and throws with git's own words when it fails. */
export async function git(args: readonly string[], opts: GitOptions): Promise<string> {
  const result = await tryGit(args, opts);
  if (result.code !== 0) throw new Error(`git ${args.join(' ')} exited with ${String(result.code)}\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

/** Like {@link git}; a failure is an answer too. */
export async function tryGit(args: readonly string[], opts: GitOptions): Promise<ProcessResult> {
  return runProcess('git', ['-c', 'init.defaultBranch=main', '-c', 'advice.detachedHead=false', ...args], {
    cwd: opts.cwd,
    env: { ...cleanEnvironment(opts.cwd), ...IDENTITY, ...opts.env },
    ...(opts.input === undefined ? {} : { input: opts.input }),
  });
}

const IDENTITY = {
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Una User',
  GIT_AUTHOR_EMAIL: 'una@example.com',
  GIT_COMMITTER_NAME: 'Una User',
  GIT_COMMITTER_EMAIL: 'una@example.com',
};
