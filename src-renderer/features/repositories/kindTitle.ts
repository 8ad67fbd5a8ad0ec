const WORDS: Readonly<Record<string, readonly [string, string]>> = {
  PullRequest: ['pull request', 'pull requests'], Review: ['review', 'reviews'], Issue: ['issue', 'issues'], BranchProtection: ['branch protection', 'branch protections'], RefPolicy: ['policy', 'policies'],
  RepositoryPermission: ['role', 'roles'], AgentDispatchRun: ['run', 'runs'], AgentSession: ['session', 'sessions'], Release: ['release', 'releases'], SSHKey: ['deploy key', 'deploy keys'], Pipeline: ['pipeline', 'pipelines'],
};

/** `3 pull requests`; other kinds as they are written. */
export function kindTitle(kind: string, count: number): string {
  const [one, many] = WORDS[kind] ?? [kind, kind];
  return `${count} ${count === 1 ? one : many}`;
}
