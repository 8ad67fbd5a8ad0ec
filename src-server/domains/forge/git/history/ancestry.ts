import { setImmediate } from 'node:timers/promises';
import { type CommitGraph, readCommitGraph } from './commitGraph';
import { parseRawCommit, parseSignature } from '../objects/commitObject';
import type { GitRepository } from '../gitRepositories';
import { LruCache } from '../lruCache';
import { isObjectId } from '../objects/objectId';
import { type GitObject, ObjectTooLarge } from '../objects/objectReader';

/** How one commit stands to another. */
export interface Relation {
  /** Commits that it has and the base lacks. */
  readonly ahead: number;
  /** Commits that the base has and it lacks. */
  readonly behind: number;
  /** Common ancestors that no other common ancestor has; more than one where branches were merged into each other crosswise. */
  readonly mergeBases: readonly string[];
}

/** Commits that came after the graph was written are read one by one; with more of them, git is faster. */
const MAX_OUTSIDE = 300;
/** Bits of a word that stand for a commit each: the base and so many more go through one walk. */
const HEADS_AT_ONCE = 31;
/** Steps of a walk after which others get their turn. */
const STEPS_AT_ONCE = 20_000;
const MAX_COMMIT_BYTES = 4 * 1024 * 1024;

/**
 * How commits stand to `base`, by their ids, from the commit graph alone: no process, and one walk for thirty. Undefined where it cannot say (there is no
 * graph, too much came after it, something is no commit here), and git has to be asked.
 */
export async function relate(repository: GitRepository, base: string, heads: readonly string[]): Promise<Map<string, Relation> | undefined> {
  const history = await openHistory(repository, [base, ...heads]);
  if (history === undefined) return undefined;
  const relations = new Map<string, Relation>();
  for (let start = 0; start < heads.length; start += HEADS_AT_ONCE) {
    const some = heads.slice(start, start + HEADS_AT_ONCE);
    const found = await walkTogether(history, history.commitOf(base), some.map((head) => history.commitOf(head)));
    some.forEach((head, index) => relations.set(head, found[index] ?? { ahead: 0, behind: 0, mergeBases: [] }));
  }
  return relations;
}

/** By repository and the two commits, which never change; several ask for the same at once. */
const pairs = new LruCache<Promise<Relation | undefined>>(10_000);

/** {@link relate} for one commit, remembered. */
export function relatePair(repository: GitRepository, base: string, head: string): Promise<Relation | undefined> {
  const key = `${repository.path}\0${base}\0${head}`;
  const known = pairs.get(key);
  if (known !== undefined) return known;
  const asked = relate(repository, base, [head]).then((relations) => relations?.get(head));
  pairs.set(key, asked);
  const forget = (): void => pairs.delete(key);
  // A graph may be written in the meantime.
  asked.then((relation) => (relation === undefined ? forget() : undefined), forget);
  return asked;
}

/** Is the first commit reached from the second, or the same? Undefined where git has to be asked. */
export async function isReached(repository: GitRepository, ancestor: string, descendant: string): Promise<boolean | undefined> {
  const history = await openHistory(repository, [ancestor, descendant]);
  if (history === undefined) return undefined;
  const wanted = history.commitOf(ancestor);
  const level = history.levelOf(wanted);
  let found = false;
  await walkFrom(history, history.commitOf(descendant), (commit) => {
    found ||= commit === wanted;
    return !found && history.levelOf(commit) > level;
  });
  return found;
}

/** How many commits one reaches, itself included. Undefined where git has to be asked. */
export async function countReached(repository: GitRepository, head: string): Promise<number | undefined> {
  const history = await openHistory(repository, [head]);
  if (history === undefined) return undefined;
  let count = 0;
  await walkFrom(history, history.commitOf(head), () => {
    count += 1;
    return true;
  });
  return count;
}

/**
 * When each of these was committed, in seconds since 1970. Undefined where git has to be asked: something is no commit, or there are many that the graph
 * does not have.
 */
export async function committedAt(repository: GitRepository, oids: Iterable<string>): Promise<Map<string, number> | undefined> {
  const graph = await readCommitGraph(repository.path);
  const times = new Map<string, number>();
  const missing: string[] = [];
  for (const oid of new Set(oids)) {
    const commit = graph?.find(oid);
    if (commit === undefined) missing.push(oid);
    else times.set(oid, graph?.timeOf(commit) ?? 0);
  }
  if (missing.length > MAX_OUTSIDE) return undefined;
  const objects = await Promise.all(missing.map((oid) => readObject(repository, oid)));
  for (const object of objects) {
    if (object?.type !== 'commit') return undefined;
    times.set(object.oid, Date.parse(parseSignature(parseRawCommit(object.content).committer.toString('latin1')).date) / 1000);
  }
  return times;
}

/** The graph and what came after it, as far as it is reached from the commits that are asked about. */
type History = Omit<CommitGraph, 'find' | 'timeOf'> & { commitOf(oid: string): number };

async function openHistory(repository: GitRepository, tips: readonly string[]): Promise<History | undefined> {
  if (!tips.every(isObjectId)) return undefined;
  const graph = await readCommitGraph(repository.path);
  if (graph === undefined) return undefined;
  const outside = await readOutside(repository, graph, tips);
  return outside === undefined ? undefined : extend(graph, outside);
}

/** Commits that the graph lacks with their parents, children before their parents; undefined where there are too many, or something is no commit. */
async function readOutside(repository: GitRepository, graph: CommitGraph, tips: readonly string[]): Promise<Map<string, readonly string[]> | undefined> {
  const outside = new Map<string, readonly string[]>();
  for (let missing = tips.filter((oid) => graph.find(oid) === undefined); missing.length > 0; ) {
    const distinct = [...new Set(missing)].filter((oid) => !outside.has(oid));
    if (outside.size + distinct.length > MAX_OUTSIDE) return undefined;
    const objects = await Promise.all(distinct.map((oid) => readObject(repository, oid)));
    missing = [];
    for (const object of objects) {
      if (object?.type !== 'commit') return undefined;
      const { parents } = parseRawCommit(object.content);
      outside.set(object.oid, parents);
      missing.push(...parents.filter((oid) => graph.find(oid) === undefined));
    }
  }
  return outside;
}

/** Undefined where it is missing, or too large to be looked at here. */
async function readObject(repository: GitRepository, oid: string): Promise<GitObject | undefined> {
  return repository.objects.read(oid, MAX_COMMIT_BYTES).catch((error: unknown) => {
    if (error instanceof ObjectTooLarge) return undefined;
    throw error;
  });
}

/** Numbers what came later behind what the graph has, parents before their children, so that a level follows from those that are known. */
function extend(graph: CommitGraph, outside: ReadonlyMap<string, readonly string[]>): History {
  const numbers = new Map<string, number>();
  const later: { readonly oid: string; readonly parents: readonly number[]; readonly level: number }[] = [];
  const known = (oid: string): number | undefined => graph.find(oid) ?? numbers.get(oid);
  const levelOf = (commit: number): number => (commit < graph.count ? graph.levelOf(commit) : (later[commit - graph.count]?.level ?? 0));
  for (const tip of outside.keys()) {
    const path = [tip];
    for (let oid = path.at(-1); oid !== undefined; oid = path.at(-1)) {
      const parents = outside.get(oid) ?? [];
      const before = parents.filter((parent) => known(parent) === undefined);
      if (before.length > 0) {
        path.push(...before);
        continue;
      }
      path.pop();
      if (known(oid) !== undefined) continue;
      const placed = parents.flatMap((parent) => known(parent) ?? []);
      numbers.set(oid, graph.count + later.length);
      later.push({ oid, parents: placed, level: 1 + Math.max(0, ...placed.map(levelOf)) });
    }
  }
  return {
    count: graph.count + later.length,
    levelOf,
    commitOf(oid) {
      const commit = known(oid);
      if (commit === undefined) throw new RangeError(`${oid} is not among the commits that were asked about`);
      return commit;
    },
    oidAt: (commit) => (commit < graph.count ? graph.oidAt(commit) : (later[commit - graph.count]?.oid ?? '')),
    eachParent: (commit, visit) => (commit < graph.count ? graph.eachParent(commit, visit) : later[commit - graph.count]?.parents.forEach(visit)),
  };
}

/** Goes through what a commit reaches, each once, in no order; `visit` says whether to go on to the parents. */
async function walkFrom(history: History, start: number, visit: (commit: number) => boolean): Promise<void> {
  const seen = new Uint8Array(history.count);
  const stack = [start];
  seen[start] = 1;
  for (let commit = stack.pop(), steps = 1; commit !== undefined; commit = stack.pop(), steps += 1) {
    if (steps % STEPS_AT_ONCE === 0) await setImmediate();
    if (!visit(commit)) continue;
    history.eachParent(commit, (parent) => {
      if (seen[parent] === 1) return;
      seen[parent] = 1;
      stack.push(parent);
    });
  }
}

const BASE = 1;

/**
 * Walks down from all at once, the highest level first, so that a commit comes only after everything that reaches it. It ends where
 * every commit that is left is reached from all.
 */
async function walkTogether(history: History, base: number, heads: readonly number[]): Promise<Relation[]> {
  const all = 2 ** (heads.length + 1) - 1;
  /** Which of those that were asked about reach a commit: one bit each, the base's the lowest. */
  const reachedBy = new Uint32Array(history.count);
  /** With which of the heads the base has a commit in common that reaches this one. */
  const belowCommon = new Uint32Array(history.count);
  const ahead = heads.map(() => 0);
  const behind = heads.map(() => 0);
  const mergeBases = heads.map((): string[] => []);
  const queue = new LevelQueue(history);
  const isDone = (commit: number): boolean => reachedBy[commit] === all && ((belowCommon[commit] ?? 0) | BASE) >>> 0 === all;
  let open = 0;
  const mark = (commit: number, reached: number, below: number): void => {
    const isNew = reachedBy[commit] === 0;
    const wasOpen = !isNew && !isDone(commit);
    reachedBy[commit] = (reachedBy[commit] ?? 0) | reached;
    belowCommon[commit] = (belowCommon[commit] ?? 0) | below;
    if (isNew) queue.push(commit);
    open += Number(!isDone(commit)) - Number(wasOpen);
  };
  mark(base, BASE, 0);
  heads.forEach((head, index) => mark(head, 2 << index, 0));
  for (let steps = 1; open > 0; steps += 1) {
    if (steps % STEPS_AT_ONCE === 0) await setImmediate();
    const commit = queue.pop();
    if (!isDone(commit)) open -= 1;
    const reached = reachedBy[commit] ?? 0;
    const isOfBase = (reached & BASE) !== 0;
    const common = isOfBase ? reached & ~(belowCommon[commit] ?? 0) & ~BASE : 0;
    for (let index = 0, bit = 2; index < heads.length; index += 1, bit <<= 1) {
      if ((common & bit) !== 0) mergeBases[index]?.push(history.oidAt(commit));
      if (isOfBase === ((reached & bit) !== 0)) continue;
      const counts = isOfBase ? behind : ahead;
      counts[index] = (counts[index] ?? 0) + 1;
    }
    history.eachParent(commit, (parent) => mark(parent, reached, (belowCommon[commit] ?? 0) | common));
  }
  return heads.map((_, index) => ({ ahead: ahead[index] ?? 0, behind: behind[index] ?? 0, mergeBases: mergeBases[index] ?? [] }));
}

/** Gives the commit of the highest level first: a binary heap. */
class LevelQueue {
  readonly #history: History;
  readonly #heap: number[] = [];

  constructor(history: History) {
    this.#history = history;
  }

  push(commit: number): void {
    const heap = this.#heap;
    const level = this.#history.levelOf(commit);
    let place = heap.length;
    for (let above = (place - 1) >> 1; place > 0 && this.#levelAt(above) < level; above = (place - 1) >> 1) {
      heap[place] = heap[above] ?? 0;
      place = above;
    }
    heap[place] = commit;
  }

  /** Throws RangeError when there is none. */
  pop(): number {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) throw new RangeError('the walk has no commit left');
    if (this.#heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(commit: number): void {
    const heap = this.#heap;
    const level = this.#history.levelOf(commit);
    let place = 0;
    for (let left = 1; left < heap.length; left = 2 * place + 1) {
      const below = left + 1 < heap.length && this.#levelAt(left + 1) > this.#levelAt(left) ? left + 1 : left;
      if (this.#levelAt(below) <= level) break;
      heap[place] = heap[below] ?? 0;
      place = below;
    }
    heap[place] = commit;
  }

  #levelAt(place: number): number {
    return this.#history.levelOf(this.#heap[place] ?? 0);
  }
}
