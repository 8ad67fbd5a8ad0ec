import fs from 'node:fs';
import type { GitObject, ObjectInfo, ObjectReader, ObjectType } from './objectReader';
import { ObjectTooLarge } from './objectReader';
import { isObjectId, isObjectIdPrefix } from './objectId';

type IsomorphicGit = typeof import('isomorphic-git');

/**
 * Object reader in this process, without git. Reads loose objects and packs; knows no alternates. Its cache holds the indexes and
 * the content of the packs that it touched, until `close()`.
 */
export class IsomorphicReader implements ObjectReader {
  readonly #path: string;
  #cache: object = {};

  constructor(path: string) {
    this.#path = path;
  }

  async info(oid: string): Promise<ObjectInfo | undefined> {
    const object = await this.#read(oid);
    return object === undefined ? undefined : { oid: object.oid, type: object.type, sizeBytes: object.sizeBytes };
  }

  async read(oid: string, maxBytes: number): Promise<GitObject | undefined> {
    const object = await this.#read(oid);
    if (object !== undefined && object.sizeBytes > maxBytes) throw new ObjectTooLarge(object, maxBytes);
    return object;
  }

  async resolve(ref: string): Promise<string | undefined> {
    const git = await loadIsomorphicGit();
    try {
      return await git.resolveRef({ fs, gitdir: this.#path, ref });
    } catch (error) {
      return undefinedWhenMissing(error);
    }
  }

  async expand(prefix: string): Promise<string | undefined> {
    if (!isObjectIdPrefix(prefix)) return undefined;
    const git = await loadIsomorphicGit();
    try {
      return await git.expandOid({ fs, gitdir: this.#path, oid: prefix.toLowerCase(), cache: this.#cache });
    } catch (error) {
      return undefinedWhenMissing(error);
    }
  }

  close(): void {
    this.#cache = {};
  }

  async #read(oid: string): Promise<GitObject | undefined> {
    if (!isObjectId(oid)) return undefined;
    const git = await loadIsomorphicGit();
    try {
      const result = await git.readObject({ fs, gitdir: this.#path, oid, format: 'content', cache: this.#cache });
      const content = toBuffer(result.object);
      return { oid, type: result.type as ObjectType, sizeBytes: content.length, content };
    } catch (error) {
      return undefinedWhenMissing(error);
    }
  }
}

let isomorphicGit: Promise<IsomorphicGit> | undefined;

/** Loaded at first use: most servers have a git and never need it. */
function loadIsomorphicGit(): Promise<IsomorphicGit> {
  return (isomorphicGit ??= import('isomorphic-git'));
}

function undefinedWhenMissing(error: unknown): undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'NotFoundError' || code === 'AmbiguousError') return undefined;
  throw error;
}

function toBuffer(content: unknown): Buffer {
  if (content instanceof Uint8Array) return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  throw new TypeError('isomorphic-git answered an object without content');
}
