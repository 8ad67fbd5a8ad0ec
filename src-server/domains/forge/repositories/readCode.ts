import type { z } from 'zod';
import type { blobInput, commitsInput, compareInput, filesInput, lastCommitsInput, searchInput, treeInput } from '#shared/api/forge';
import type { BlobView, blameLine, DiffView, GitCommit, lastCommits as lastCommitsView, searchHit, TreePage } from '#shared/api/git';
import { StatusError } from '#shared/api/status';
import { readDiffPage } from '../diffPage';
import { blameFile } from '../git/blame';
import { readBlob } from '../git/blob';
import { listCommits, readCommit } from '../git/commits';
import { lastCommits } from '../git/lastCommits';
import { LruCache } from '../git/lruCache';
import { requireRevision } from '../git/resolve';
import { searchCode } from '../git/search';
import { findEntry, listAllPaths, listTree } from '../git/tree';
import { toBlameLines, toCommitView, toPersonView, toTreeEntryView } from '../gitViews';
import type { PullFactsReader } from '../pulls/pullFacts';
import { languageOf } from './language';
import { type OpenRepository, resolveRef } from './openRepository';

const README_BYTES = 512 * 1024;
const MAX_FILES = 50_000;
const README_NAMES = /^readme(\.(md|markdown|txt|rst|adoc))?$/i;

/** One directory at one commit, with its README on the first page. */
export async function readTree(repository: OpenRepository, input: z.output<typeof treeInput>): Promise<TreePage> {
  const revision = await resolveRef(repository, input.ref);
  const path = input.path.replace(/^\/+|\/+$/g, '');
  const offset = readOffset(input.continue);
  const page = await listTree(repository.git, revision.sha, { path, offset, limit: input.limit });
  const entries = page.entries.map((entry) => toTreeEntryView(path, entry));
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

export async function readFile(repository: OpenRepository, input: z.output<typeof blobInput>): Promise<BlobView> {
  const revision = await resolveRef(repository, input.ref);
  const [blob, entry] = await Promise.all([readBlob(repository.git, revision.sha, { path: input.path }), findEntry(repository.git, revision.sha, input.path)]);
  const language = languageOf(blob.path, blob.text);
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
    ...(blob.lfs === undefined ? {} : { lfs: { ...blob.lfs } }),
  };
}

export async function readHistory(repository: OpenRepository, input: z.output<typeof commitsInput>, signal: AbortSignal): Promise<{ items: GitCommit[]; continue?: string }> {
  const revision = await resolveRef(repository, input.ref);
  const path = input.path.replace(/^\/+|\/+$/g, '');
  const isFile = path !== '' && (await findEntry(repository.git, revision.sha, path))?.type !== 'directory';
  const page = await listCommits(repository.git, {
    head: revision.sha,
    limit: input.limit,
    ...(path === '' ? {} : { path, follow: isFile }),
    ...(input.continue === undefined ? {} : { cursor: input.continue }),
    signal,
  });
  return { items: page.items.map(toCommitView), ...(page.nextCursor === undefined ? {} : { continue: page.nextCursor }) };
}

/** A commit and what it changed against its first parent. */
export async function readCommitDiff(repository: OpenRepository, sha: string, signal: AbortSignal): Promise<{ commit: GitCommit; diff: DiffView }> {
  const revision = await requireRevision(repository.git, sha);
  const commit = await readCommit(repository.git, revision.sha);
  return { commit: toCommitView(commit), diff: await readDiffPage(repository.git, { base: commit.parents[0], head: commit.sha, signal }) };
}

export interface Comparison {
  readonly commits: { items: GitCommit[]; continue?: string };
  readonly diff: DiffView;
  readonly mergeBaseSha?: string;
  readonly mergeable: 'Mergeable' | 'Conflicting';
  readonly conflictingFiles: string[];
}

/** What merging `head` into `base` would bring, and whether it can be done. */
export async function compareRevisions(repository: OpenRepository, facts: PullFactsReader, opts: { input: z.output<typeof compareInput>; signal: AbortSignal }): Promise<Comparison> {
  const { input, signal } = opts;
  const { git } = repository;
  const [base, head] = await Promise.all([requireRevision(git, input.base), requireRevision(git, input.head)]);
  const known = await facts.read(git, base.sha, head.sha);
  const from = known.mergeBaseSha;
  const page = await listCommits(git, { head: head.sha, exclude: base.sha, limit: 250, signal });
  return {
    commits: { items: page.items.map(toCommitView), ...(page.nextCursor === undefined ? {} : { continue: page.nextCursor }) },
    diff: await readDiffPage(git, { base: from, head: head.sha, baseSha: base.sha, ...(from === undefined ? {} : { mergeBaseSha: from }), path: input.path, after: input.after, signal }),
    ...(from === undefined ? {} : { mergeBaseSha: from }),
    mergeable: known.mergeable,
    conflictingFiles: [...known.conflictingFiles],
  };
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
  const { matches, truncated } = await searchCode(repository.git, sha, { pattern: input.q, limit: input.limit, signal });
  return { items: matches.map(({ path, line, text }) => ({ path, line, text })), truncated };
}

export async function readBlame(repository: OpenRepository, input: z.output<typeof blobInput>, signal: AbortSignal): Promise<{ commit: GitCommit; lines: z.output<typeof blameLine>[] }> {
  const { sha } = await resolveRef(repository, input.ref);
  const { text } = await readBlob(repository.git, sha, { path: input.path });
  if (text === undefined) throw new StatusError('Invalid', `"${input.path}" is not a text that can be annotated line by line`, { code: 'NOT_TEXT' });
  const blame = await blameFile(repository.git, sha, { path: input.path, signal });
  return { commit: await commitView(repository, sha), lines: toBlameLines(blame, text.split('\n')) };
}

async function commitView(repository: OpenRepository, sha: string): Promise<GitCommit> {
  return toCommitView(await readCommit(repository.git, sha));
}

function readOffset(token: string | undefined): number {
  if (token === undefined) return 0;
  if (!/^\d{1,9}$/.test(token)) throw new StatusError('BadRequest', 'The continue token is not one of this directory; start again without it');
  return Number(token);
}
