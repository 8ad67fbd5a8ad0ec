import { committedAt } from '../history/ancestry';
import { type Commit, parseCommit } from '../objects/commitObject';
import type { GitRepository } from '../gitRepositories';
import { LruCache } from '../lruCache';
import { readRefFiles, readRefState } from './refFiles';
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

interface KnownBranches {
  readonly state: string;
  /** By name. */
  readonly targets: ReadonlyMap<string, string>;
  /** Absent until somebody asked for it. */
  byTime?: BranchTimes;
}

interface BranchTimes {
  /** The newest first. */
  readonly refs: readonly string[];
  /** Seconds since 1970. */
  readonly at: ReadonlyMap<string, number>;
}

/** As they were in the last state of a repository that somebody looked at; weighed by branches. */
const known = new LruCache<KnownBranches>(200_000);

/**
 * Branches from the files of a repository, its commit graph and its warm reader: a list of ten thousand starts no process. Undefined where git has to be
 * asked, as for who wrote each of their commits.
 */
export async function orderBranches(repository: GitRepository, options: Omit<ListRefsOptions, 'kind'>): Promise<BranchOrder | undefined> {
  const { search = '', sort = 'updated', after, before, authorEmails } = options;
  const branches = authorEmails === undefined ? await readKnown(repository) : undefined;
  if (branches === undefined) return undefined;
  const { targets } = branches;
  const isByTime = sort === 'updated' || after !== undefined || before !== undefined;
  const times = isByTime ? (branches.byTime ?? (await readTimes(repository, targets))) : NO_TIMES;
  if (times === undefined) return undefined;
  if (isByTime) branches.byTime = times;
  const wanted = search.toLowerCase();
  const timeOf = (ref: string): number => times.at.get(ref) ?? 0;
  const isShown = (ref: string): boolean =>
    (wanted === '' || ref.slice(PREFIX.length).toLowerCase().includes(wanted)) && (after === undefined || timeOf(ref) >= after) && (before === undefined || timeOf(ref) < before);
  return {
    refs: (sort === 'name' ? [...targets.keys()] : times.refs).filter(isShown),
    read: (some) => readBranches(repository, new Map(some.map((ref) => [ref, targets.get(ref) ?? '']))),
  };
}

async function readKnown(repository: GitRepository): Promise<KnownBranches | undefined> {
  const state = await readRefState(repository.path);
  const found = known.get(repository.path);
  if (state === undefined || found?.state === state) return state === undefined ? undefined : found;
  const targets = await readRefFiles(repository.path, [PREFIX]);
  if (targets === undefined) return undefined;
  const read: KnownBranches = { state, targets };
  known.set(repository.path, read, 1 + targets.size);
  return read;
}

const NO_TIMES: BranchTimes = { refs: [], at: new Map() };

/** Undefined where the commit graph does not know most of them. */
async function readTimes(repository: GitRepository, targets: ReadonlyMap<string, string>): Promise<BranchTimes | undefined> {
  const times = await committedAt(repository, targets.values());
  if (times === undefined) return undefined;
  const at = new Map([...targets].map(([ref, oid]) => [ref, times.get(oid) ?? 0]));
  // They come sorted by name, which decides between those of the same time.
  return { refs: [...at].sort(([, left], [, right]) => right - left).map(([ref]) => ref), at };
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
