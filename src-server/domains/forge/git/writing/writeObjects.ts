import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { formatRawCommit, type RawCommit } from '../objects/commitObject';
import type { GitRepository } from '../gitRepositories';
import type { ObjectType } from '../objects/objectReader';

/** An object that is to be written; its id follows from it. */
export interface NewObject {
  readonly oid: string;
  readonly type: ObjectType;
  readonly content: Buffer;
}

const PACK_VERSION = 2;
const PACK_TYPES: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };

export function newObject(type: ObjectType, content: Buffer): NewObject {
  const oid = createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
  return { oid, type, content };
}

/** A commit as it is given, signed by this installation as every one that the forge makes. */
export function newCommit(repository: GitRepository, commit: Omit<RawCommit, 'signed'>): NewObject {
  const content = formatRawCommit(commit);
  return newObject('commit', repository.sign?.(content) ?? content);
}

/**
 * Writes objects by one process, however many there are. Git checks the form of each, and that what it names is there, so nothing is
 * written that a push could not have brought.
 */
export async function writeObjects(repository: GitRepository, objects: readonly NewObject[]): Promise<void> {
  const distinct = [...new Map(objects.map((object) => [object.oid, object])).values()];
  if (distinct.length === 0) return;
  await repository.git.run(['unpack-objects', '-q', '--strict'], { gitDir: repository.path, input: packOf(distinct) });
}

/** A pack without deltas (gitformat-pack(5)). */
function packOf(objects: readonly NewObject[]): Buffer {
  const header = Buffer.alloc(12);
  header.write('PACK', 'latin1');
  header.writeUInt32BE(PACK_VERSION, 4);
  header.writeUInt32BE(objects.length, 8);
  const body = Buffer.concat([header, ...objects.flatMap(({ type, content }) => [entryHeader(type, content.length), deflateSync(content)])]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

/** Type and length: four bits of the length in the first byte, seven in each that follows, the least significant first. */
function entryHeader(type: ObjectType, length: number): Buffer {
  const bytes: number[] = [];
  let byte = (PACK_TYPES[type] << 4) | (length & 0x0f);
  for (let rest = Math.floor(length / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
  }
  bytes.push(byte);
  return Buffer.from(bytes);
}
