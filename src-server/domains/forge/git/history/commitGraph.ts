import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LruCache } from '../lruCache';
import { fileMark } from '../objects/packState';

/**
 * The commits of a repository as its commit graph has them (gitformat-commit-graph(5)): who is whose parent, without a process and without reading
 * a commit. A commit is a number here; its parents are in the graph, too, and have lower levels.
 */
export interface CommitGraph {
  readonly count: number;
  /** The number of a commit; undefined where the graph does not have it. */
  find(oid: string): number | undefined;
  oidAt(commit: number): string;
  /** Calls `visit` for each parent, the first parent first. */
  eachParent(commit: number, visit: (parent: number) => void): void;
  /** One more than the highest level of its parents: nothing reaches what is as high as it or higher. */
  levelOf(commit: number): number;
  /** When it was committed, in seconds since 1970. */
  timeOf(commit: number): number;
}

const OID_BYTES = 20;
const COMMIT_BYTES = 36;
const HEADER_BYTES = 8;
const CHUNK_ENTRY_BYTES = 12;
const NO_PARENT = 0x7000_0000;
/** In a second parent: it is a place in the list of further parents; in that list: it is the last. */
const HIGH_BIT = 0x8000_0000;
/** A history beyond this is left to git. */
const MAX_COMMITS = 1_500_000;
const KEPT_BYTES = 64 * 1024 * 1024;
/** Of memory. */
const BYTES_OF_A_COMMIT = 40;

const kept = new LruCache<{ readonly state: string; readonly graph: CommitGraph | undefined }>(KEPT_BYTES);
const reading = new Map<string, Promise<CommitGraph | undefined>>();

/**
 * The commit graph of a bare repository as it is now. Undefined where there is none, where it cannot be trusted, and where git does not use it
 * either: histories that are cut off (`shallow`) or told otherwise (`info/grafts`). What came after it was written is not in it.
 */
export async function readCommitGraph(path: string): Promise<CommitGraph | undefined> {
  const [shallow, grafts, ...files] = await Promise.all(['shallow', 'info/grafts', 'objects/info/commit-graphs/commit-graph-chain', 'objects/info/commit-graph'].map((name) => fileMark(join(path, name))));
  if (shallow !== '-' || grafts !== '-') return undefined;
  const state = files.join(' ');
  const known = kept.get(path);
  if (known?.state === state) return known.graph;
  const key = `${path}\0${state}`;
  const loading = reading.get(key) ?? load(path).finally(() => reading.delete(key));
  reading.set(key, loading);
  const graph = await loading;
  kept.set(path, { state, graph }, 1 + (graph?.count ?? 0) * BYTES_OF_A_COMMIT);
  return graph;
}

interface Layer {
  readonly fanout: Uint32Array;
  readonly oids: Buffer;
  readonly commits: Buffer;
  readonly edges: Buffer;
}

async function load(path: string): Promise<CommitGraph | undefined> {
  const info = join(path, 'objects/info');
  try {
    // As git does: a single file, where there is one, and else the chain, whose first line is the oldest layer.
    const single = await readLayer(join(info, 'commit-graph'));
    if (single !== undefined) return new LayeredGraph([single]);
    const chain = (await readFile(join(info, 'commit-graphs/commit-graph-chain'), 'latin1')).split('\n').filter((line) => /^[0-9a-f]{40}$/.test(line));
    const layers = await Promise.all(chain.map((name) => readLayer(join(info, `commit-graphs/graph-${name}.graph`))));
    const whole = layers.flatMap((layer) => layer ?? []);
    return whole.length === 0 || whole.length < layers.length ? undefined : new LayeredGraph(whole);
  } catch (error) {
    // Without it everything is slower and nothing is wrong; maintenance writes a new one.
    if (error instanceof RangeError || (error as NodeJS.ErrnoException).code !== undefined) return undefined;
    throw error;
  }
}

/** Undefined where there is no such file. Throws RangeError for what is none of these files. */
async function readLayer(path: string): Promise<Layer | undefined> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const header = await readAt(file, 0, HEADER_BYTES);
    // Signature, version, and SHA-1 as the kind of object ids.
    if (header.toString('latin1', 0, 4) !== 'CGPH' || header[4] !== 1 || header[5] !== 1) throw new RangeError('this is no commit graph of version 1');
    const chunks = await readChunkList(file, header[6] ?? 0);
    const read = async (id: string): Promise<Buffer> => {
      const chunk = chunks.get(id);
      return chunk === undefined ? Buffer.alloc(0) : readAt(file, chunk.start, chunk.length);
    };
    const [fanoutBytes, oids, commits, edges] = await Promise.all([read('OIDF'), read('OIDL'), read('CDAT'), read('EDGE')]);
    const fanout = Uint32Array.from({ length: 256 }, (_, index) => fanoutBytes.readUInt32BE(index * 4));
    const count = fanout[255] ?? 0;
    if (count > MAX_COMMITS || oids.length < count * OID_BYTES || commits.length < count * COMMIT_BYTES) throw new RangeError('this commit graph is cut off');
    return { fanout, oids, commits, edges };
  } finally {
    await file.close();
  }
}

async function readChunkList(file: FileHandle, count: number): Promise<Map<string, { start: number; length: number }>> {
  const list = await readAt(file, HEADER_BYTES, (count + 1) * CHUNK_ENTRY_BYTES);
  const { size } = await file.stat();
  const chunks = new Map<string, { start: number; length: number }>();
  for (let index = 0; index < count; index += 1) {
    const at = index * CHUNK_ENTRY_BYTES;
    const [start, end] = [at + 4, at + CHUNK_ENTRY_BYTES + 4].map((place) => Number(list.readBigUInt64BE(place)));
    if (start === undefined || end === undefined || start > end || end > size) throw new RangeError('this commit graph names a part that is not in it');
    chunks.set(list.toString('latin1', at, at + 4), { start, length: end - start });
  }
  return chunks;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
  if (bytesRead < length) throw new RangeError('this commit graph is cut off');
  return buffer;
}

class LayeredGraph implements CommitGraph {
  readonly count: number;
  readonly #layers: { readonly start: number; readonly fanout: Uint32Array; readonly oids: Buffer }[] = [];
  readonly #first: Int32Array;
  readonly #second: Int32Array;
  /** Of merges of more than two: all but the first parent. */
  readonly #further = new Map<number, readonly number[]>();
  readonly #levels: Uint32Array;
  readonly #times: Float64Array;

  /** Throws RangeError for what cannot be a history. */
  constructor(layers: readonly Layer[]) {
    this.count = layers.reduce((sum, { fanout }) => sum + (fanout[255] ?? 0), 0);
    if (this.count > MAX_COMMITS) throw new RangeError('this commit graph is too large');
    this.#first = new Int32Array(this.count).fill(-1);
    this.#second = new Int32Array(this.count).fill(-1);
    this.#levels = new Uint32Array(this.count);
    this.#times = new Float64Array(this.count);
    let start = 0;
    for (const layer of layers) {
      this.#layers.push({ start, fanout: layer.fanout, oids: layer.oids });
      this.#readCommits(layer, start);
      start += layer.fanout[255] ?? 0;
    }
    this.#requireOrder();
  }

  find(oid: string): number | undefined {
    const wanted = Buffer.from(oid, 'hex');
    const [byte] = wanted;
    if (byte === undefined || wanted.length !== OID_BYTES) return undefined;
    for (const { start, fanout, oids } of this.#layers) {
      let low = byte === 0 ? 0 : (fanout[byte - 1] ?? 0);
      let high = fanout[byte] ?? 0;
      while (low < high) {
        const middle = (low + high) >>> 1;
        const order = oids.compare(wanted, 0, OID_BYTES, middle * OID_BYTES, (middle + 1) * OID_BYTES);
        if (order === 0) return start + middle;
        if (order < 0) low = middle + 1;
        else high = middle;
      }
    }
    return undefined;
  }

  oidAt(commit: number): string {
    const layer = this.#layers.findLast(({ start }) => start <= commit);
    if (layer === undefined) throw new RangeError(`there is no commit ${commit} in this graph`);
    const at = (commit - layer.start) * OID_BYTES;
    return layer.oids.toString('hex', at, at + OID_BYTES);
  }

  eachParent(commit: number, visit: (parent: number) => void): void {
    const first = this.#first[commit] ?? -1;
    if (first < 0) return;
    visit(first);
    const second = this.#second[commit] ?? -1;
    if (second >= 0) visit(second);
    else this.#further.get(commit)?.forEach(visit);
  }

  levelOf(commit: number): number {
    return this.#levels[commit] ?? 0;
  }

  timeOf(commit: number): number {
    return this.#times[commit] ?? 0;
  }

  #readCommits({ commits, edges, fanout }: Layer, start: number): void {
    for (let index = 0; index < (fanout[255] ?? 0); index += 1) {
      const at = index * COMMIT_BYTES + OID_BYTES;
      const commit = start + index;
      const first = commits.readUInt32BE(at);
      const second = commits.readUInt32BE(at + 4);
      // 30 bits are the level, 34 the time.
      const high = commits.readUInt32BE(at + 8);
      this.#levels[commit] = high >>> 2;
      this.#times[commit] = (high & 3) * 2 ** 32 + commits.readUInt32BE(at + 12);
      if (first > NO_PARENT) throw new RangeError('this commit graph names a parent that is not in it');
      if (first !== NO_PARENT) this.#first[commit] = first;
      if (second >= HIGH_BIT) this.#further.set(commit, readEdges(edges, second - HIGH_BIT));
      else if (second !== NO_PARENT) this.#second[commit] = second;
    }
  }

  /** All walks rest on this; a graph of a git that wrote no levels fails here, too. */
  #requireOrder(): void {
    for (let commit = 0; commit < this.count; commit += 1) {
      const level = this.levelOf(commit);
      if (level === 0) throw new RangeError('this commit graph has no levels');
      this.eachParent(commit, (parent) => {
        if (parent >= this.count || this.levelOf(parent) >= level) throw new RangeError('this commit graph is in no order');
      });
    }
  }
}

function readEdges(edges: Buffer, place: number): number[] {
  const parents: number[] = [];
  for (let at = place * 4; ; at += 4) {
    const value = edges.readUInt32BE(at);
    if (value >= HIGH_BIT) return [...parents, value - HIGH_BIT];
    parents.push(value);
  }
}
