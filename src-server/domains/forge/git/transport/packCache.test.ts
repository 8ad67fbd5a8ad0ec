import { createHash, randomBytes } from 'node:crypto';
import { chmod, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createGitFixture, type GitFixture } from '../../../../../test/harness/gitFixture';
import { eventually } from '../../../../../test/harness/eventually';
import { silentLogger } from '../../../../app/log';
import { createGit, type GitProcess } from '../git';
import type { GitRepository } from '../gitRepositories';
import { openPackCache, type PackCache, type PackCacheOptions } from './packCache';
import { PackRequestParser } from './packHook';
import { encodePkt, FLUSH_PKT, PktParser } from './pktLine';
import { updateRef } from '../refs/refs';

let fixture: GitFixture;
let repository: GitRepository;
let head: string;

beforeEach(async () => {
  fixture = await createGitFixture();
  repository = await fixture.bare('app');
  const files = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`file-${index}.bin`, randomBytes(1024 * 1024)]));
  head = await fixture.commit(repository, { files });
});

afterEach(() => fixture.dispose());

async function openCache(options: Partial<PackCacheOptions> = {}): Promise<PackCache> {
  const cache = await openPackCache({ folder: join(fixture.folder, 'packs'), log: silentLogger(), now: Date.now, ...options });
  onTestFinished(() => cache.close());
  return cache;
}

/** A git that packs three MiB and then waits until a file is there, and fails if the file says so. */
async function heldRepository(): Promise<{ held: GitRepository; release: (how?: 'ok' | 'fail') => Promise<void> }> {
  const gate = join(fixture.folder, 'gate');
  const program = join(fixture.folder, 'held-git');
  await writeFile(program, `#!/bin/sh
case "$*" in
  *pack-objects*) git "$@" > '${gate}.pack' || exit 1
    dd bs=1048576 count=3 < '${gate}.pack' 2>/dev/null
    while [ ! -e '${gate}' ]; do sleep 0.02; done
    [ "$(cat '${gate}')" = ok ] || exit 1
    dd bs=1048576 skip=3 < '${gate}.pack' 2>/dev/null ;;
  *) exec git "$@" ;;
esac
`);
  await chmod(program, 0o755);
  const git = createGit({ environment: process.env, emptyHome: join(fixture.folder, 'home'), program });
  return { held: { ...repository, git }, release: (how = 'ok') => writeFile(gate, how) };
}

interface Fetching {
  readonly child: GitProcess;
  received(): number;
  /** The pack; rejects when upload-pack fails. */
  readonly pack: Promise<Buffer>;
}

function fetchPack(cache: PackCache, from: GitRepository, lines: readonly string[] = ['ofs-delta', 'no-progress', `want ${head}`, 'done']): Fetching {
  const child = from.git.start(['upload-pack', '--stateless-rpc', from.path], { cwd: from.path, timeoutMs: 0, channel: true, config: cache.start.config, env: { ...cache.start.env, GIT_PROTOCOL: 'version=2' } });
  if (child.channel !== undefined) cache.attend(from, child.channel);
  child.stdin.end(Buffer.concat([encodePkt('command=fetch'), encodePkt('object-format=sha1'), Buffer.from('0001'), ...lines.map((line) => encodePkt(line)), FLUSH_PKT]));
  const chunks: Buffer[] = [];
  let received = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    received += chunk.length;
  });
  child.stdout.on('error', () => undefined);
  const pack = child.ended.then((code) => {
    if (code !== 0) throw new Error(`upload-pack ended with ${String(code)}: ${child.stderrTail()}`);
    return packOf(Buffer.concat(chunks));
  });
  pack.catch(() => undefined);
  return { child, received: () => received, pack };
}

function packOf(answer: Buffer): Buffer {
  const parser = new PktParser();
  parser.push(answer);
  const parts: Buffer[] = [];
  for (let pkt = parser.next(); pkt !== undefined; pkt = parser.next()) {
    if (pkt.kind === 'data' && pkt.payload[0] === 1) parts.push(pkt.payload.subarray(1));
  }
  return Buffer.concat(parts);
}

function expectWhole(pack: Buffer): void {
  expect(pack.toString('latin1', 0, 4)).toBe('PACK');
  expect(createHash('sha1').update(pack.subarray(0, -20)).digest('hex')).toBe(pack.subarray(-20).toString('hex'));
}

const keptFiles = async (): Promise<string[]> => (await readdir(join(fixture.folder, 'packs'))).filter((name) => name.endsWith('.pack'));

describe('packs for many', () => {
  it('leaves the first to git, writes the second and reads the third', async () => {
    const cache = await openCache();
    const packs = [];
    for (let index = 0; index < 3; index += 1) packs.push(await fetchPack(cache, repository).pack);
    for (const pack of packs) expectWhole(pack);
    expect(cache.stats).toMatchObject({ direct: 1, written: 1, shared: 1 });
    expect(cache.stats.keptBytes).toBe(packs[2]?.length);
  });

  it('serves clones of every kind, each its own pack', async () => {
    const cache = await openCache();
    await updateRef(repository, { ref: 'refs/tags/v1', newOid: head, expectedOid: undefined, reason: 'test' });
    const kinds = [['deepen 1'], ['filter blob:none'], ['filter blob:limit=10k', 'deepen 1'], ['thin-pack', 'include-tag'], []];
    for (const kind of kinds) {
      const lines = [...kind, 'ofs-delta', `want ${head}`, 'done'];
      const packs = await Promise.all([0, 1, 2].map(() => fetchPack(cache, repository, lines).pack));
      for (const pack of packs) expectWhole(pack);
      expect(new Set(packs.map((pack) => pack.readUInt32BE(8))).size).toBe(1);
    }
    expect(cache.stats).toMatchObject({ direct: kinds.length, written: kinds.length, shared: kinds.length });
  });

  it('lets many read while it is written, and goes on when one of them leaves', async () => {
    const cache = await openCache();
    const { held, release } = await heldRepository();
    await fetchPack(cache, repository).pack;
    const first = fetchPack(cache, held);
    await eventually('the first part', () => first.received() > 2.9 * 1024 * 1024);
    const others = [fetchPack(cache, held), fetchPack(cache, held)];
    await eventually('the first part, for the others', () => others.every((each) => each.received() > 2.9 * 1024 * 1024));
    first.child.kill();
    await first.pack.catch(() => undefined);
    await release();
    for (const each of others) expectWhole(await each.pack);
    expect(cache.stats).toMatchObject({ written: 1, shared: 2 });
  });

  it('stops writing when nobody reads any more', async () => {
    const cache = await openCache();
    const { held } = await heldRepository();
    await fetchPack(cache, repository).pack;
    const readers = [fetchPack(cache, held), fetchPack(cache, held)];
    await eventually('the first part', () => readers.every((each) => each.received() > 1024 * 1024));
    for (const { child } of readers) child.kill();
    await eventually('no file left', async () => (await keptFiles()).length === 0);
    expect(cache.stats.keptBytes).toBe(0);
  });

  it('tells its readers when the writer fails, and the next starts anew', async () => {
    const cache = await openCache();
    const { held, release } = await heldRepository();
    await fetchPack(cache, repository).pack;
    const readers = [fetchPack(cache, held), fetchPack(cache, held)];
    await eventually('the first part', () => readers.every((each) => each.received() > 1024 * 1024));
    await release('fail');
    for (const each of readers) await expect(each.pack).rejects.toThrow('upload-pack ended with 128');
    await release('ok');
    expectWhole(await fetchPack(cache, held).pack);
    await eventually('one file', async () => (await keptFiles()).length === 1);
  });

  it('makes another pack after a tag has come, and never one repository\'s for another', async () => {
    const cache = await openCache();
    for (let index = 0; index < 2; index += 1) await fetchPack(cache, repository).pack;
    await updateRef(repository, { ref: 'refs/tags/deep/v1', newOid: head, expectedOid: undefined, reason: 'test' });
    await fetchPack(cache, repository).pack;
    expect(cache.stats).toMatchObject({ direct: 2, written: 1, shared: 0 });
    const other = await fixture.bare('other');
    await expect(fetchPack(cache, other).pack).rejects.toThrow('not our ref');
    expect(cache.stats.shared).toBe(0);
  });

  it('keeps no more bytes than it may, and nothing for longer than it may', async () => {
    let now = 1_000_000;
    await repository.git.run(['repack', '-adq'], { gitDir: repository.path });
    const small = await openCache({ maxBytes: 1024 * 1024, now: () => now });
    for (let index = 0; index < 3; index += 1) expectWhole(await fetchPack(small, repository).pack);
    expect(small.stats).toMatchObject({ direct: 3, written: 0, keptBytes: 0 });
    await small.close();
    const brief = await openCache({ maxAgeMs: 400, now: () => now });
    for (let index = 0; index < 2; index += 1) await fetchPack(brief, repository).pack;
    expect(await keptFiles()).toHaveLength(1);
    now += 1000;
    await eventually('no file left', async () => (await keptFiles()).length === 0);
    await fetchPack(brief, repository).pack;
    expect(brief.stats).toMatchObject({ direct: 2, written: 1, shared: 0 });
  });

  it('works from a folder whose name the shell would take apart, and clears it at the start', async () => {
    const folder = join(fixture.folder, 'a $HOME "folder" of packs');
    for (let round = 0; round < 2; round += 1) {
      const cache = await openCache({ folder });
      expect((await readdir(folder)).filter((name) => name.endsWith('.pack'))).toEqual([]);
      for (let index = 0; index < 3; index += 1) expectWhole(await fetchPack(cache, repository).pack);
      expect(cache.stats).toMatchObject({ written: 1, shared: 1 });
    }
  });
});

it('reads the requests of hooks, however they arrive', () => {
  const text = fc.string().filter((value) => !value.includes('\0'));
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), text, fc.integer({ min: 1, max: 40 }), (args, input, size) => {
      const bytes = Buffer.from([String(args.length), ...args, input].map((part) => `${part}\0`).join(''));
      const parser = new PackRequestParser();
      for (let start = 0; start < bytes.length; start += size) {
        const request = parser.push(bytes.subarray(start, start + size));
        if (start + size < bytes.length) expect(request).toBeUndefined();
        else expect(request && { ...request, input: request.input.toString() }).toEqual({ args, input: `${input}\n` });
      }
    }),
  );
});
