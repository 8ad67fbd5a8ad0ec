import { StatusError } from '#shared/api/status';
import { type CommitPage, readCommit } from './commits';
import type { GitRepository } from '../gitRepositories';
import { isObjectId } from '../objects/objectId';
import { pathText } from '../objects/pathText';
import { pathParts } from '../objects/tree';

export interface FollowOptions {
  readonly head: string;
  readonly path: string;
  /** From the page before. */
  readonly cursor?: string | undefined;
  /** Default 50, at most 500. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** Where a history goes on: from a commit, under the name that the file had there. */
interface Place {
  readonly head: string;
  readonly path: string;
  readonly offset: number;
}

/** A file that is renamed more often on one page is moved to and fro by a program. */
const MAX_RENAMES = 20;

/**
 * One page of the history of a file, beyond its renames. `git log --follow` compares every commit with its parent; this asks for one name at a
 * time, which the changed-path filters of the commit graph answer, and looks for another name only where that name begins.
 */
export async function followHistory(repository: GitRepository, options: FollowOptions): Promise<CommitPage> {
  const limit = Math.min(options.limit ?? 50, 500);
  let place = options.cursor === undefined ? { head: options.head, path: pathParts(options.path).join('/'), offset: 0 } : readCursor(options.cursor);
  const shas: string[] = [];
  for (let renames = 0; renames <= MAX_RENAMES; renames += 1) {
    const wanted = limit - shas.length;
    // From the one before, because the oldest under this name says where the file came from.
    const skip = Math.max(0, place.offset - 1);
    const found = await touching(repository, { ...place, offset: skip }, { count: wanted + 1 + (place.offset - skip), signal: options.signal });
    const fresh = found.slice(place.offset - skip);
    shas.push(...fresh.slice(0, wanted));
    if (fresh.length > wanted) {
      place = { ...place, offset: place.offset + wanted };
      break;
    }
    const before = await nameBefore(repository, { oldest: found.at(-1), path: place.path, signal: options.signal });
    if (before === undefined) return { items: await Promise.all(shas.map((sha) => readCommit(repository, sha))) };
    place = { ...before, offset: 0 };
    if (shas.length === limit) break;
  }
  return { items: await Promise.all(shas.map((sha) => readCommit(repository, sha))), nextCursor: `${place.head}.${place.offset}.${Buffer.from(place.path).toString('base64url')}` };
}

async function touching(repository: GitRepository, { head, path, offset }: Place, opts: { count: number; signal: AbortSignal | undefined }): Promise<string[]> {
  const { stdout } = await repository.git.run(['log', '--format=%H', `--skip=${offset}`, `--max-count=${opts.count}`, head, '--'], {
    gitDir: repository.path, paths: [path], signal: opts.signal, env: { GIT_LITERAL_PATHSPECS: '1' },
  });
  return stdout.toString('latin1').split('\n').filter((sha) => sha !== '');
}

/** The name that a file had before the commit that brought it under its present one, and the commit to look from; undefined where it is new. */
async function nameBefore(repository: GitRepository, at: { oldest: string | undefined; path: string; signal: AbortSignal | undefined }): Promise<Omit<Place, 'offset'> | undefined> {
  const { oldest, path, signal } = at;
  if (oldest === undefined) return undefined;
  const [parent] = (await readCommit(repository, oldest)).parents;
  if (parent === undefined) return undefined;
  const { stdout } = await repository.git.run(['diff-tree', '-r', '-z', '--find-renames', '-l1000', '--diff-filter=R', '--name-status', '--end-of-options', parent, oldest, '--'], { gitDir: repository.path, signal, maxBytes: 64 * 1024 * 1024 });
  // `R<similarity>\0<from>\0<to>\0`
  const fields = stdout.toString('latin1').split('\0').map((field) => pathText(Buffer.from(field, 'latin1')));
  for (let index = 0; index + 2 < fields.length; index += 3) if (fields[index + 2] === path) return { head: parent, path: fields[index + 1] ?? path };
  return undefined;
}

function readCursor(cursor: string): Place {
  const [head = '', offset = '', path = ''] = cursor.split('.');
  if (!isObjectId(head) || !/^\d{1,9}$/.test(offset) || path === '') {
    throw new StatusError('BadRequest', 'This cursor is not one of this list; start again from the first page', { causes: [{ code: 'FieldValueInvalid', field: 'cursor', message: 'use the nextCursor of the page before' }] });
  }
  return { head, offset: Number(offset), path: pathParts(Buffer.from(path, 'base64url').toString()).join('/') };
}
