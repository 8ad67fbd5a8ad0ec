import { committedAt } from './ancestry';
import { type Commit, parseCommit } from './commitObject';
import type { GitRepository } from './gitRepositories';
import { readRefFiles } from './refFiles';
import { shortRefName } from './refName';
import type { ListRefsOptions, RefView } from './refs';

const PREFIX = 'refs/heads/';
const MAX_COMMIT_BYTES = 4 * 1024 * 1024;

/** Branches in the order that was asked for, all of them, and how to read some in full. */
export interface BranchOrder {
  readonly refs: readonly string[];
  /** Undefined where git has to be asked: one of them is no commit. */
  read(refs: readonly string[]): Promise<Map<string, RefView> | undefined>;
}

/**
 * Branches from the files of a repository, its commit graph and its warm reader: a list of ten thousand starts no process. Undefined where git has to be
 * asked, as for who wrote each of their commits.
 */
export async function orderBranches(repository: GitRepository, options: Omit<ListRefsOptions, 'kind'>): Promise<BranchOrder | undefined> {
  const { search = '', sort = 'updated', after, before, authorEmails } = options;
  if (authorEmails !== undefined) return undefined;
  const targets = await readRefFiles(repository.path, [PREFIX]);
  if (targets === undefined) return undefined;
  const wanted = search.toLowerCase();
  const refs = [...targets.keys()].filter((ref) => ref.slice(PREFIX.length).toLowerCase().includes(wanted));
  const read = (some: readonly string[]): Promise<Map<string, RefView> | undefined> => readBranches(repository, new Map(some.map((ref) => [ref, targets.get(ref) ?? ''])));
  // They come sorted by name.
  if (sort === 'name' && after === undefined && before === undefined) return { refs, read };
  const times = await committedAt(repository, refs.map((ref) => targets.get(ref) ?? ''));
  if (times === undefined) return undefined;
  const timeOf = (ref: string): number => times.get(targets.get(ref) ?? '') ?? 0;
  const shown = refs.filter((ref) => (after === undefined || timeOf(ref) >= after) && (before === undefined || timeOf(ref) < before));
  return { refs: sort === 'name' ? shown : shown.sort((left, right) => timeOf(right) - timeOf(left)), read };
}

async function readBranches(repository: GitRepository, targets: ReadonlyMap<string, string>): Promise<Map<string, RefView> | undefined> {
  const views = await Promise.all([...targets].map(async ([ref, oid]) => {
    const object = await repository.objects.read(oid, MAX_COMMIT_BYTES);
    return object?.type === 'commit' ? toView(ref, parseCommit(oid, object.content)) : undefined;
  }));
  const found = views.flatMap((view) => view ?? []);
  return found.length < views.length ? undefined : new Map(found.map((view) => [view.ref, view]));
}

function toView(ref: string, { sha, committer, subject, author }: Commit): RefView {
  return { name: shortRefName(ref), ref, sha, date: committer.date, subject, author };
}
