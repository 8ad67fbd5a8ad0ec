import { StatusError } from '#shared/api/status';
import type { GitRepository } from '../gitRepositories';
import { isObjectId } from './objectId';
import type { ObjectReader } from './objectReader';
import { isRefName } from '../refs/refName';

export type RevisionKind = 'branch' | 'tag' | 'commit' | 'ref';

export interface ResolvedRevision {
  readonly kind: RevisionKind;
  /** Short for branches and tags (`main`), full for other references, the object id for commits. */
  readonly name: string;
  /** The commit, tags peeled. */
  readonly sha: string;
}

/** How many tags may point at tags before the end; git itself makes chains of one. */
const MAX_TAG_DEPTH = 8;
const COMMIT_BYTES = 4 * 1024 * 1024;

/**
 * The commit that a name means: `HEAD`, a branch, a tag, a full reference name, or an object id of at least seven digits, in this
 * order. Revision operators (`~`, `^`, `@{}`, `..`, `:`) are not names and find nothing.
 */
export async function resolveRevision(repository: GitRepository, name: string): Promise<ResolvedRevision | undefined> {
  const { objects } = repository;
  for (const { ref, kind } of candidates(name)) {
    const target = await objects.resolve(ref);
    const sha = target === undefined ? undefined : await peelToCommit(objects, target);
    if (sha !== undefined) return { kind, name, sha };
  }
  if (!/^[0-9a-f]{7,40}$/i.test(name)) return undefined;
  const oid = isObjectId(name.toLowerCase()) ? name.toLowerCase() : await objects.expand(name);
  const sha = oid === undefined ? undefined : await peelToCommit(objects, oid);
  return sha === undefined ? undefined : { kind: 'commit', name: sha, sha };
}

/** Like {@link resolveRevision}. Throws NotFound with a text for people when there is no such thing. */
export async function requireRevision(repository: GitRepository, name: string): Promise<ResolvedRevision> {
  const found = await resolveRevision(repository, name);
  if (found === undefined) {
    throw new StatusError('NotFound', `This repository has no branch, tag or commit "${name}"`, { code: 'REVISION_NOT_FOUND' });
  }
  return found;
}

/**
 * Splits the tail of a URL, `feature/login/src/app.ts`, into a revision and a path: branches have slashes, and git forbids a branch
 * that is a folder of another, so at most one split of branches is right. Answers undefined when no prefix is a revision.
 */
export async function splitRevisionPath(repository: GitRepository, tail: string): Promise<{ revision: ResolvedRevision; path: string } | undefined> {
  const parts = tail.split('/').filter((part) => part !== '');
  // A reference has few components; this bounds the questions that a long path asks.
  for (let count = 1; count <= Math.min(parts.length, 12); count += 1) {
    const revision = await resolveRevision(repository, parts.slice(0, count).join('/'));
    if (revision !== undefined) return { revision, path: parts.slice(count).join('/') };
  }
  return undefined;
}

/** Follows annotated tags to a commit; undefined when it is missing, or a tree or blob is at the end. */
export async function peelToCommit(objects: ObjectReader, oid: string): Promise<string | undefined> {
  let current = oid;
  for (let depth = 0; depth <= MAX_TAG_DEPTH; depth += 1) {
    const info = await objects.info(current);
    if (info === undefined || info.type === 'blob' || info.type === 'tree') return undefined;
    if (info.type === 'commit') return current;
    const tag = await objects.read(current, COMMIT_BYTES);
    const target = /^object ([0-9a-f]{40})\n/.exec(tag?.content.subarray(0, 48).toString('latin1') ?? '')?.[1];
    if (target === undefined) return undefined;
    current = target;
  }
  return undefined;
}

function candidates(name: string): { ref: string; kind: RevisionKind }[] {
  if (name === 'HEAD') return [{ ref: 'HEAD', kind: 'ref' }];
  const all: { ref: string; kind: RevisionKind }[] = [
    { ref: `refs/heads/${name}`, kind: 'branch' },
    { ref: `refs/tags/${name}`, kind: 'tag' },
    { ref: name, kind: 'ref' },
  ];
  return all.filter(({ ref }) => isRefName(ref));
}
