import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initBareRepository } from '../../src-server/domains/forge/git/upkeep/bareRepository';
import { createGit, type Git, type GitOutput } from '../../src-server/domains/forge/git/git';
import { createGitRepositories, type GitRepositories, type GitRepository } from '../../src-server/domains/forge/git/gitRepositories';
import { pathBytes } from '../../src-server/domains/forge/git/objects/pathText';

/** Content of a file; a mode for what is not a plain file; null removes it. */
export type FileChange = string | Buffer | null | { readonly mode: '100755' | '120000' | '160000'; readonly content: string };

export interface CommitRequest {
  /** By path, as `pathText.ts` writes it. */
  readonly files: Readonly<Record<string, FileChange>>;
  /** Default `main`. */
  readonly branch?: string;
  readonly message?: string;
  /** Default: what the branch has. */
  readonly from?: string;
  /** Second parent. */
  readonly merge?: string;
  readonly author?: { readonly name: string; readonly email: string };
  /** Seconds since 1970; each commit is a minute later than the one before. */
  readonly time?: number;
}

/** Real git in a temporary folder. */
export interface GitFixture {
  readonly folder: string;
  readonly git: Git;
  readonly repositories: GitRepositories;
  bare(name: string): Promise<GitRepository>;
  /** Writes a commit without a worktree and answers its id. */
  commit(repository: GitRepository, request: CommitRequest): Promise<string>;
  /** What a user's git does in a folder; answers the output. Any exit code is an answer. */
  user(args: readonly string[], options?: { cwd?: string; env?: Record<string, string>; signal?: AbortSignal }): Promise<GitOutput>;
  /** A file of a worktree-less repository as text. */
  show(repository: GitRepository, spec: string): Promise<string>;
  dispose(): Promise<void>;
}

const UNA = { GIT_AUTHOR_NAME: 'Una User', GIT_AUTHOR_EMAIL: 'una@example.com', GIT_COMMITTER_NAME: 'Una User', GIT_COMMITTER_EMAIL: 'una@example.com' };
const ALL_CODES = [0, 1, 128, 129];

export async function createGitFixture(): Promise<GitFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'kradle-git-'));
  const emptyHome = join(folder, 'home');
  await mkdir(emptyHome);
  const git = createGit({ environment: process.env, emptyHome });
  const repositories = createGitRepositories(git);
  let time = 1_700_000_000;

  return {
    folder,
    git,
    repositories,
    async bare(name) {
      const path = join(folder, `${name}.git`);
      await initBareRepository(git, path);
      return repositories.open(path);
    },
    async commit(repository, request) {
      const branch = request.branch ?? 'main';
      time = request.time ?? time + 60;
      const from = request.from ?? (await repository.objects.resolve(`refs/heads/${branch}`));
      await git.run(['fast-import', '--quiet', '--force'], { gitDir: repository.path, input: fastImport({ ...request, from, time }, branch) });
      const sha = await repository.objects.resolve(`refs/heads/${branch}`);
      if (sha === undefined) throw new Error('fast-import made no commit');
      return sha;
    },
    user: (args, options = {}) =>
      git.run(args, {
        cwd: options.cwd ?? folder,
        okCodes: ALL_CODES,
        env: { ...UNA, GIT_ALLOW_PROTOCOL: 'file:http:https', GIT_NO_LAZY_FETCH: '0', ...options.env },
        signal: options.signal,
      }),
    show: async (repository, spec) => (await git.run(['show', spec], { gitDir: repository.path })).stdout.toString('utf8'),
    async dispose() {
      repositories.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function fastImport(request: CommitRequest & { from: string | undefined; time: number }, branch: string): Buffer {
  const author = request.author ?? { name: 'Ada Author', email: 'ada@example.com' };
  const message = Buffer.from(request.message ?? 'Change');
  const parts: Buffer[] = [
    Buffer.from(`commit refs/heads/${branch}\nauthor ${author.name} <${author.email}> ${request.time} +0100\ncommitter Carl Committer <carl@example.com> ${request.time} +0000\ndata ${message.length}\n`),
    message,
    Buffer.from(`\n${request.from === undefined ? '' : `from ${request.from}\n`}${request.merge === undefined ? '' : `merge ${request.merge}\n`}`),
  ];
  for (const [path, change] of Object.entries(request.files)) {
    const quoted = `"${[...pathBytes(path)].map((byte) => (byte > 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`)).join('')}"`;
    if (change === null) parts.push(Buffer.from(`D ${quoted}\n`));
    else if (typeof change === 'object' && 'mode' in change && change.mode === '160000') parts.push(Buffer.from(`M 160000 ${change.content} ${quoted}\n`));
    else {
      const mode = typeof change === 'object' && 'mode' in change ? change.mode : '100644';
      const content = Buffer.from(typeof change === 'object' && 'mode' in change ? change.content : change);
      parts.push(Buffer.from(`M ${mode} inline ${quoted}\ndata ${content.length}\n`), content, Buffer.from('\n'));
    }
  }
  return Buffer.concat(parts);
}
