import type { z } from 'zod';
import type { blameInput, BlameView, blobInput, commitDiff, commitInput, commitRefs, commitRefsInput, commitsInput, filesInput, lastCommitsInput, searchInput, treeInput } from '#shared/api/code';
import type { BlobView, GitCommit, lastCommits as lastCommitsView, searchHit, TreePage } from '#shared/api/git';
import { readDiffPage } from '../views/diffPage';
import { blameFile } from '../git/history/blame';
import { readBlob } from '../git/objects/blob';
import { childOf, listCommits, readCommit, refsContaining } from '../git/history/commits';
import { followHistory } from '../git/history/followHistory';
import { GitError } from '../git/process/gitError';
import type { GitRepository } from '../git/gitRepositories';
import { lastCommits } from '../git/history/lastCommits';
import { LruCache } from '../git/lruCache';
import { requireRevision, resolveRevision } from '../git/objects/resolve';
import { searchCode } from '../git/history/search';
import { readSubmodules } from '../git/objects/submodules';
import { findEntry, listAllPaths, listTree } from '../git/objects/tree';
import { toBlameView, toCommitView, toPersonView, toTreeEntryView } from '../views/gitViews';
import type { ForgeContext } from '../forgeContext';
import { digestOf, placeOf } from '../lfs/lfsObjects';
import { readContinue } from './branches';
import { languageOf } from './language';
import { type OpenRepository, resolveRef } from './openRepository';

const README_BYTES = 512 * 1024;
const MAX_FILES = 200_000;
const README_NAMES = /^readme(\.(md|markdown|txt|rst|adoc))?$/i;

/** One directory at one commit, with its README on the first page. */
export async function readTree(repository: OpenRepository, input: z.output<typeof treeInput>): Promise<TreePage> {
  const revision = await resolveRef(repository, input.ref);
  const path = input.path.replace(/^\/+|\/+$/g, '');
  const offset = readContinue(input.continue);
  const page = await listTree(repository.git, revision.sha, { path, offset, limit: input.limit });
  const submodules = page.entries.some((entry) => entry.type === 'submodule') ? await readSubmodules(repository.git, revision.sha) : undefined;
  const entries = page.entries.map((entry) => {
    const view = toTreeEntryView(path, entry);
    const submoduleUrl = submodules?.get(view.path);
    return submoduleUrl === undefined ? view : { ...view, submoduleUrl };
  });
  const readmeEntry = offset === 0 ? entries.find((entry) => entry.type === 'blob' && README_NAMES.test(entry.name)) : undefined;
  const readme = readmeEntry === undefined ? undefined : await readBlob(repository.git, revision.sha, { path: readmeEntry.path, maxBytes: README_BYTES });
  return {
    commit: await commitView(repository, revision.sha),
    ref: revision.name,
    path,
    entries,
    total: page.total,
    ...(page.nextOffset === undefined ? {} : { continue: String(page.nextOffset) }),
    ...(readme?.text === undefined ? {} : { readme: { path: readme.path, text: readme.text } }),
  };
}

/** The last commit that touched each entry of a directory, within a time budget. */
export async function readLastCommits(repository: OpenRepository, input: z.output<typeof lastCommitsInput>): Promise<z.output<typeof lastCommitsView>> {
  const revision = await resolveRef(repository, input.ref);
  const path = input.path.replace(/^\/+|\/+$/g, '');
  const { entries } = await listTree(repository.git, revision.sha, { path, limit: 5000 });
  const found = await lastCommits(repository.git, revision.sha, { path, names: entries.map((entry) => entry.name) });
  return {
    entries: Object.fromEntries([...found.commits].map(([name, commit]) => [name, { sha: commit.sha, subject: commit.subject, author: commit.author.name, at: toPersonView(commit.author).at }])),
    complete: found.complete,
  };
}

export async function readFile(ctx: Pick<ForgeContext, 'files'>, repository: OpenRepository, input: z.output<typeof blobInput>): Promise<BlobView> {
  const revision = await resolveRef(repository, input.ref);
  const [blob, entry] = await Promise.all([readBlob(repository.git, revision.sha, { path: input.path }), findEntry(repository.git, revision.sha, input.path)]);
  const language = languageOf(blob.path, blob.text);
  const linkTarget = entry?.type === 'symlink' && blob.text !== undefined ? await followLink(repository.git, revision.sha, { path: blob.path, target: blob.text }) : undefined;
  return {
    commit: await commitView(repository, revision.sha),
    ref: revision.name,
    path: blob.path,
    sha: blob.sha,
    sizeBytes: blob.sizeBytes,
    mode: entry?.mode ?? '100644',
    binary: blob.isBinary,
    ...(blob.text === undefined ? {} : { text: blob.text }),
    truncated: blob.tooLarge,
    ...(language === undefined ? {} : { language }),
    ...(blob.lfs === undefined ? {} : { lfs: { ...blob.lfs, stored: (await ctx.files.stat(placeOf(repository), digestOf(blob.lfs.oid))) !== undefined } }),
    ...(linkTarget === undefined ? {} : { linkTarget }),
  };
}

/** Where a symbolic link leads, when that is something at the same commit; links to links are followed by whoever follows them. */
async function followLink(git: GitRepository, sha: string, link: { path: string; target: string }): Promise<string | undefined> {
  if (link.target.startsWith('/') || link.target.includes('\0')) return undefined;
  const parts = link.path.split('/').slice(0, -1);
  for (const part of link.target.split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined;
    if (part !== '..' && part !== '.' && part !== '') parts.push(part);
  }
  const path = parts.join('/');
  return (await findEntry(git, sha, path)) === undefined ? undefined : path;
}

export async function readHistory(repository: OpenRepository, input: z.output<typeof commitsInput>, signal: AbortSignal): Promise<{ items: GitCommit[]; continue?: string }> {
  const revision = await resolveRef(repository, input.ref);
  const path = input.path.replace(/^\/+|\/+$/g, '');
  const isFile = path !== '' && (await findEntry(repository.git, revision.sha, path))?.type !== 'directory';
  const filters = { ...(input.author === undefined ? {} : { author: input.author }), ...(input.q === undefined ? {} : { search: input.q }) };
  const common = { head: revision.sha, limit: input.limit, signal, ...(input.continue === undefined ? {} : { cursor: input.continue }) };
  // What is looked for by words is looked for under the present name.
  const page = isFile && Object.keys(filters).length === 0
    ? await followHistory(repository.git, { ...common, path })
    : await listCommits(repository.git, { ...common, ...filters, ...(path === '' ? {} : { path }) });
  return { items: page.items.map(toCommitView), ...(page.nextCursor === undefined ? {} : { continue: page.nextCursor }) };
}

/** A commit and one page of what it changed against its first parent. */
export async function readCommitDiff(repository: OpenRepository, input: z.output<typeof commitInput>, signal: AbortSignal): Promise<z.output<typeof commitDiff>> {
  const revision = await requireRevision(repository.git, input.sha);
  const commit = await readCommit(repository.git, revision.sha);
  const { path, after, whitespace } = input;
  return { commit: toCommitView(commit), diff: await readDiffPage(repository.git, { base: commit.parents[0], head: commit.sha, path, after, whitespace, signal }) };
}

const REFS_TIMEOUT_MS = 4000;

/** Which branches and tags contain a commit, and which commit came after it. Each is given up after a while: neither is worth waiting for. */
export async function readCommitRefs(repository: OpenRepository, input: z.output<typeof commitRefsInput>, signal: AbortSignal): Promise<z.output<typeof commitRefs>> {
  const { git } = repository;
  const { sha } = await requireRevision(git, input.sha);
  const head = await resolveRevision(git, input.ref ?? repository.object.spec.defaultBranch);
  let complete = true;
  const orElse = async <T>(work: Promise<T>, nothing: T): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof GitError) || error.failure !== 'timeout') throw error;
      complete = false;
      return nothing;
    }
  };
  const options = { timeoutMs: REFS_TIMEOUT_MS, signal };
  const [refs, next] = await Promise.all([
    orElse(refsContaining(git, sha, options), { branches: [], tags: [] }),
    head === undefined ? undefined : orElse(childOf(git, { sha, head: head.sha, ...options }), undefined),
  ]);
  const { defaultBranch } = repository.object.spec;
  const branches = refs.branches.sort((left, right) => Number(right === defaultBranch) - Number(left === defaultBranch));
  return { branches, tags: refs.tags, ...(next === undefined ? {} : { next }), complete };
}

/** Lists of paths by repository and commit: one screen asks for them at every opening of "go to file". */
const pathLists = new LruCache<{ paths: string[]; truncated: boolean }>(500_000);

export async function readPaths(repository: OpenRepository, input: z.output<typeof filesInput>, signal: AbortSignal): Promise<{ sha: string; paths: string[]; truncated: boolean }> {
  const { sha } = await resolveRef(repository, input.ref);
  const key = `${repository.git.path}\0${sha}`;
  const known = pathLists.get(key) ?? (await listAllPaths(repository.git, sha, { limit: MAX_FILES, signal }));
  pathLists.set(key, known, known.paths.length + 1);
  return { sha, ...known };
}

export async function searchFiles(repository: OpenRepository, input: z.output<typeof searchInput>, signal: AbortSignal): Promise<{ items: z.output<typeof searchHit>[]; truncated: boolean }> {
  const { sha } = await resolveRef(repository, input.ref);
  const { q, limit, regex, caseSensitive, path } = input;
  const { matches, truncated } = await searchCode(repository.git, sha, { pattern: q, limit, regex, caseSensitive, signal, ...(path === undefined ? {} : { path }) });
  return { items: matches.map((match) => ({ ...match })), truncated };
}

export async function readBlame(repository: OpenRepository, input: z.output<typeof blameInput>): Promise<BlameView> {
  const { sha } = await resolveRef(repository, input.ref);
  const [blame, commit] = await Promise.all([blameFile(repository.git, sha, { path: input.path, ignoreRevisions: input.ignoreRevisions }), commitView(repository, sha)]);
  return { commit, ...toBlameView(blame) };
}

async function commitView(repository: OpenRepository, sha: string): Promise<GitCommit> {
  return toCommitView(await readCommit(repository.git, sha));
}
