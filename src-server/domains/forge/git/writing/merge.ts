import { StatusError } from '#shared/api/status';
import type { MergeMethod } from '#shared/kinds/forge/mergeMethod';
import { formatRawCommit, formatSignature, parseRawCommit, type RawCommit } from '../objects/commitObject';
import { mergeBase, readCommit } from '../history/commits';
import type { GitRepository } from '../gitRepositories';
import { type MergeConflict, mergeTrees, type TreeMerge } from './mergeability';
import { updateRef } from '../refs/refs';


export interface Person {
  readonly name: string;
  readonly email: string;
}

export interface MergeOptions {
  readonly method: MergeMethod;
  /** Full reference name of the branch that is merged into. */
  readonly targetRef: string;
  /** What the caller saw there. */
  readonly base: string;
  readonly head: string;
  /** Who presses the button: the committer, and the author of a merge commit. */
  readonly merger: Person;
  /** Author of a squash commit. Default: the author of the first commit. */
  readonly author?: Person;
  /** Message of a merge or squash commit; a rebase keeps its messages. */
  readonly message: string;
  readonly now: Date;
  /** No merge commit may come in, not even one that the branch has already. */
  readonly linear?: boolean;
  /** Runs when the commits are written and before the branch moves, so that the caller can note what is about to happen. A throw stops the merge. */
  readonly beforeMove?: (result: MergeResult) => Promise<void>;
  readonly signal?: AbortSignal;
}

export interface MergeResult {
  /** What the target branch has now. */
  readonly sha: string;
  /** A rebase had nothing to replay: the branch was moved to head as it is. */
  readonly fastForward: boolean;
  /** Commits of a rebase that the target had already, and that were left out. */
  readonly skipped: readonly string[];
  /** What became of commits that did not stay what they were: each that a squash or rebase made, and those that it was made of. */
  readonly rewritten: readonly Rewritten[];
}

export interface Rewritten {
  readonly sha: string;
  readonly from: readonly string[];
}

/**
 * Merges `head` into a branch, without a worktree, and moves the branch by compare-and-swap. Throws Conflict when the branch moved
 * since (`REF_CHANGED`), when the two conflict (`MERGE_CONFLICT`, one cause per file), and when there is nothing to merge
 * (`NOTHING_TO_MERGE`); Invalid for a rebase of merge commits (`REBASE_HAS_MERGES`). Objects that a failed merge wrote are reached by
 * nothing and harm nothing.
 */
export async function mergeIntoBranch(repository: GitRepository, options: MergeOptions): Promise<MergeResult> {
  const common = await mergeBase(repository, options.base, options.head);
  if (common === undefined) throw new StatusError('Conflict', 'The two branches have no commit in common', { code: 'UNRELATED_HISTORIES' });
  if (common === options.head) throw new StatusError('Conflict', 'There is nothing to merge: the target has these commits already', { code: 'NOTHING_TO_MERGE' });
  const result = await makeResult(repository, common, options);
  await options.beforeMove?.(result);
  await updateRef(repository, { ref: options.targetRef, newOid: result.sha, expectedOid: options.base, reason: `${options.method} by ${options.merger.name}` });
  return result;
}

function makeResult(repository: GitRepository, common: string, options: MergeOptions): Promise<MergeResult> {
  switch (options.method) {
    case 'merge':
      return mergeCommit(repository, options);
    case 'squash':
      return squash(repository, options);
    case 'rebase':
      return common === options.base ? fastForward(repository, options) : rebase(repository, common, options);
    case 'fast-forward':
      if (common === options.base) return options.linear === true ? fastForward(repository, options) : Promise.resolve({ sha: options.head, fastForward: true, skipped: [], rewritten: [] });
      throw new StatusError('Conflict', 'The target has commits that the branch lacks, so it cannot be moved forward to it; update the branch first', { code: 'NOT_FAST_FORWARD' });
  }
}

async function mergeCommit(repository: GitRepository, options: MergeOptions): Promise<MergeResult> {
  const tree = requireClean(await mergeTrees(repository, { ours: options.base, theirs: options.head, signal: options.signal }));
  const signature = formatSignature(options.merger, options.now);
  const sha = await writeCommit(repository, { tree, parents: [options.base, options.head], author: signature, committer: signature, encoding: undefined, message: messageBytes(options.message) });
  return { sha, fastForward: false, skipped: [], rewritten: [] };
}

async function squash(repository: GitRepository, options: MergeOptions): Promise<MergeResult> {
  const tree = requireClean(await mergeTrees(repository, { ours: options.base, theirs: options.head, signal: options.signal }));
  const commits = await commitsToReplay(repository, options);
  const authors = await authorsOf(repository, commits);
  const author = options.author ?? authors[0] ?? options.merger;
  const others = authors.filter((other) => !isSamePerson(other, author));
  const sha = await writeCommit(repository, {
    tree,
    parents: [options.base],
    author: formatSignature(author, options.now),
    committer: formatSignature(options.merger, options.now),
    encoding: undefined,
    message: messageBytes(withCoAuthors(options.message, others)),
  });
  return { sha, fastForward: false, skipped: [], rewritten: [{ sha, from: commits }] };
}

/** Nothing happened on the target since: the commits stay what they are, ids and signatures included. */
async function fastForward(repository: GitRepository, options: MergeOptions): Promise<MergeResult> {
  await requireLinear(repository, options);
  return { sha: options.head, fastForward: true, skipped: [], rewritten: [] };
}

/**
 * Replays each commit C on the tip T. `git merge-tree` takes its merge base from the history (choosing one came with git 2.40), so the
 * history is made to fit: a commit with T's tree and C's parent as its parent has exactly that parent in common with C.
 */
async function rebase(repository: GitRepository, common: string, options: ReplayOptions): Promise<MergeResult> {
  await requireLinear(repository, options);
  const committer = formatSignature(options.merger, options.now);
  const skipped: string[] = [];
  const rewritten: Rewritten[] = [];
  let tip = options.base;
  let tipTree = (await readCommit(repository, tip)).tree;
  for (const sha of await commitsToReplay(repository, options)) {
    options.signal?.throwIfAborted();
    const original = await readRawCommit(repository, sha);
    const parent = original.parents[0] ?? common;
    const stand = await writeCommit(repository, { tree: tipTree, parents: [parent], author: committer, committer, encoding: undefined, message: Buffer.from('rebase\n') });
    const tree = requireClean(await mergeTrees(repository, { ours: stand, theirs: sha, signal: options.signal }), sha);
    // It became empty on this tip. One that was empty from the start is kept: somebody wanted it.
    const wasEmpty = (await readCommit(repository, parent)).tree === original.tree;
    if (tree === tipTree && !wasEmpty) {
      skipped.push(sha);
      continue;
    }
    tip = await writeCommit(repository, { ...original, tree, parents: [tip], committer });
    rewritten.push({ sha: tip, from: [sha] });
    tipTree = tree;
  }
  if (tip === options.base) throw new StatusError('Conflict', 'There is nothing to merge: the target has all of these changes already', { code: 'NOTHING_TO_MERGE' });
  return { sha: tip, fastForward: false, skipped, rewritten };
}

/** Who replays which commits on which. */
export type ReplayOptions = Pick<MergeOptions, 'base' | 'head' | 'merger' | 'now' | 'signal'>;

/**
 * Replays what `head` has beyond `base` on `base`, and moves nothing. Throws as a rebase of {@link mergeIntoBranch} does, and Conflict
 * (NOTHING_TO_UPDATE) where `head` has all of `base` already.
 */
export async function replayCommits(repository: GitRepository, options: ReplayOptions): Promise<MergeResult> {
  const common = await mergeBase(repository, options.base, options.head);
  if (common === undefined) throw new StatusError('Conflict', 'The two branches have no commit in common', { code: 'UNRELATED_HISTORIES' });
  if (common === options.base) throw new StatusError('Conflict', 'The branch has every commit of its target already', { code: 'NOTHING_TO_UPDATE' });
  return rebase(repository, common, options);
}

async function requireLinear(repository: GitRepository, options: ReplayOptions): Promise<void> {
  const { stdout } = await repository.git.run(['rev-list', '--merges', '--max-count=1', options.head, `^${options.base}`, '--'], { gitDir: repository.path });
  if (stdout.length > 0) {
    throw new StatusError('Invalid', 'The branch contains merge commits, which a rebase would lose; merge or squash it instead', {
      code: 'REBASE_HAS_MERGES',
      causes: [{ code: 'FieldValueInvalid', field: 'method', message: 'use merge or squash' }],
    });
  }
}

async function commitsToReplay(repository: GitRepository, options: { readonly base: string; readonly head: string }): Promise<string[]> {
  const { stdout } = await repository.git.run(['rev-list', '--reverse', '--topo-order', options.head, `^${options.base}`, '--'], { gitDir: repository.path });
  return stdout.toString().split('\n').filter((line) => line !== '');
}

/** The authors of the commits and those that their trailers name, oldest first, each person once. */
async function authorsOf(repository: GitRepository, commits: readonly string[]): Promise<Person[]> {
  const people: Person[] = [];
  const add = (person: Person): void => {
    if (person.email !== '' && !people.some((known) => isSamePerson(known, person))) people.push(person);
  };
  for (const sha of commits) {
    const commit = await readCommit(repository, sha);
    if (commit.parents.length > 1) continue;
    add({ name: commit.author.name, email: commit.author.email });
    for (const { key, value } of commit.trailers) {
      const match = /^([^<>]*)<([^<>]+)>$/.exec(value);
      if (key.toLowerCase() === 'co-authored-by' && match !== null) add({ name: match[1]?.trimEnd() ?? '', email: match[2] ?? '' });
    }
  }
  return people;
}

/** Adds trailers that the message does not have yet, in the message's last paragraph when that is one of trailers. */
export function withCoAuthors(message: string, people: readonly Person[]): string {
  const text = message.trimEnd();
  const missing = people.filter(({ email }) => !new RegExp(`^co-authored-by:.*<${escapeExpression(email)}>\\s*$`, 'im').test(text));
  if (missing.length === 0) return text;
  const lines = missing.map(({ name, email }) => `Co-authored-by: ${name} <${email}>`);
  const last = text.split(/\n\s*\n/).at(-1) ?? '';
  const endsInTrailers = text !== last && last.split('\n').every((line) => /^[A-Za-z0-9-]+: \S/.test(line));
  return `${text}${endsInTrailers ? '\n' : '\n\n'}${lines.join('\n')}`;
}

/** Writes a commit object as it is given, signed by this installation; git checks its form. */
export async function writeCommit(repository: GitRepository, commit: Omit<RawCommit, 'signed'>): Promise<string> {
  const content = formatRawCommit(commit);
  const { stdout } = await repository.git.run(['hash-object', '-t', 'commit', '-w', '--stdin'], { gitDir: repository.path, input: repository.sign?.(content) ?? content });
  return stdout.toString().trim();
}

async function readRawCommit(repository: GitRepository, sha: string): Promise<RawCommit> {
  const object = await repository.objects.read(sha, 4 * 1024 * 1024);
  if (object === undefined) throw new StatusError('NotFound', `There is no commit ${sha}`);
  return parseRawCommit(object.content);
}

/** The merged tree. Throws Conflict (MERGE_CONFLICT) with a cause for each file; `sha` is the commit that was being replayed. */
export function requireClean(merge: TreeMerge, sha?: string): string {
  if (merge.clean) return merge.tree;
  throw mergeConflict(merge.conflicts, sha);
}

function mergeConflict(conflicts: readonly MergeConflict[], sha: string | undefined): StatusError {
  const where = sha === undefined ? '' : ` at commit ${sha.slice(0, 10)}`;
  const count = conflicts.length === 1 ? '1 file conflicts' : `${conflicts.length} files conflict`;
  return new StatusError('Conflict', `${count} with the target branch${where}; merge the target into the branch, resolve there, and push`, {
    code: 'MERGE_CONFLICT',
    causes: conflicts.slice(0, 100).map(({ path, message }) => ({ code: 'MergeConflict', field: path, message })),
  });
}

/** A message as git keeps it: without space around it, and with its last line ended. */
export function messageBytes(message: string): Buffer {
  return Buffer.from(`${message.trim()}\n`);
}

function isSamePerson(left: Person, right: Person): boolean {
  return left.email.toLowerCase() === right.email.toLowerCase();
}

function escapeExpression(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
