import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../../test/harness/eventually';
import { ada, bob, createForgeFixture, type ForgeFixture } from '../../../../test/harness/forgeFixture';
import { git } from '../../../../test/harness/git';
import { encodePkt, FLUSH_PKT } from '../git/transport/pktLine';

const ZERO = '0'.repeat(40);
const org = 'default';

let fixture: ForgeFixture;
let clone: string;
let bare: string;

beforeEach(async () => {
  fixture = await createForgeFixture();
  clone = await fixture.seed('demo');
  bare = join(fixture.folder, 'repositories/default/demo.git');
});

afterEach(() => fixture[Symbol.asyncDispose]());

const main = async (): Promise<string> => (await git(['rev-parse', 'refs/heads/main'], { cwd: bare })).trim();
const refs = (): Promise<string> => git(['for-each-ref', '--format=%(refname) %(objectname)'], { cwd: bare });

const leftovers = async (): Promise<string[]> => [
  ...(await readdir(join(bare, 'objects'))).filter((name) => /^(?:tmp_objdir|incoming)-/.test(name)),
  ...(await readdir(join(bare, 'objects/pack'))).filter((name) => name.startsWith('tmp_')),
  ...(await readdir(join(fixture.folder, 'git/hooks'))).filter((name) => name.startsWith('push-')),
];

/** Git comes to rest; then nothing is left of quarantines, and everything that is there is sound. */
async function expectClean(): Promise<void> {
  let calm = 0;
  await eventually('git at rest, with nothing left', async () => {
    calm = fixture.forge.serving.gate.working === 0 && (await leftovers()).length === 0 ? calm + 1 : 0;
    // What was sent a moment ago may not have been seen yet.
    return calm >= 4;
  });
  expect(await git(['fsck', '--full', '--no-dangling'], { cwd: bare })).toBe('');
}

/** What `git push` sends. */
function pushBody(commands: readonly { ref: string; from?: string; to: string }[], pack: Buffer): Buffer {
  const lines = commands.map(({ ref, from = ZERO, to }, index) => encodePkt(`${from} ${to} ${ref}${index === 0 ? '\0report-status side-band-64k agent=test' : ''}`));
  return Buffer.concat([...lines, FLUSH_PKT, pack]);
}

function packOf(cwd: string, revisions: string): Buffer {
  const { stdout, status } = spawnSync('git', ['pack-objects', '--revs', '--stdout', '--quiet'], { cwd: join(fixture.folder, cwd), input: revisions, maxBuffer: 1024 ** 3 });
  expect(status).toBe(0);
  return stdout;
}

async function post(body: Buffer): Promise<{ status: number; text: string }> {
  const url = new URL(fixture.url('demo'));
  const response = await fetch(`${url.origin}${url.pathname}/git-receive-pack`, {
    method: 'POST', body: new Uint8Array(body), headers: { 'Content-Type': 'application/x-git-receive-pack-request', Authorization: `Basic ${Buffer.from(`${url.username}:${url.password}`).toString('base64')}` },
  });
  return { status: response.status, text: await response.text() };
}

/** Sends only the beginning and hangs up. */
function cutOff(body: Buffer, at: number): Promise<void> {
  const url = new URL(fixture.url('demo'));
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname, () => {
      const head = `POST ${url.pathname}/git-receive-pack HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-git-receive-pack-request\r\nAuthorization: Basic ${Buffer.from(`${url.username}:${url.password}`).toString('base64')}\r\nContent-Length: ${body.length}\r\n\r\n`;
      socket.write(head);
      socket.write(body.subarray(0, at), () => socket.destroy());
    });
    socket.once('error', reject);
    socket.once('close', () => resolve());
  });
}

/** A pack made by hand, one entry a buffer. */
function handMadePack(entries: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(12);
  head.write('PACK');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(entries.length, 8);
  const bytes = Buffer.concat([head, ...entries]);
  return Buffer.concat([bytes, createHash('sha1').update(bytes).digest()]);
}

/** gitformat-pack(5): the type, and the size seven bits at a time after the first four. */
function entryHead(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size & 15)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80;
    bytes.push(rest & 127);
  }
  return Buffer.from(bytes);
}

describe('a push that is cut off', () => {
  it('at any byte leaves the references as they were, and nothing of itself', async () => {
    const before = await refs();
    const from = await main();
    const files = Object.fromEntries(Array.from({ length: 130 }, (_, index) => [`many/file-${index}.txt`, `${createHash('sha512').update(String(index)).digest('hex').repeat(9)}\n`]));
    const to = await fixture.commit(clone, files);
    const body = pushBody([{ ref: 'refs/heads/main', from, to }], packOf(clone, `${to}\n^${from}\n`));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: body.length - 1 }), fc.integer({ min: body.length - 30, max: body.length - 1 })), async (at) => {
        await cutOff(body, at);
        await expectClean();
        expect(await refs()).toBe(before);
      }),
      { numRuns: 12, examples: [[body.length - 1], [body.length - 20]] },
    );
    expect((await post(body)).text).toContain('ok refs/heads/main');
    expect(await main()).toBe(to);
  });

  it('is carried out or not when all of it had come, and nothing between', async () => {
    const from = await main();
    const to = await fixture.commit(clone, { 'late.txt': 'late\n' });
    const body = pushBody([{ ref: 'refs/heads/main', from, to }], packOf(clone, `${to}\n^${from}\n`));
    for (let round = 0; round < 3; round += 1) {
      await cutOff(body, body.length);
      await expectClean();
      expect([from, to]).toContain(await main());
    }
  });
});

describe('two at the same time', () => {
  it('push to one branch: one wins, the other is told', async () => {
    await fixture.git('.', 'clone', '--quiet', fixture.url('demo', bob), 'other');
    for (let round = 0; round < 4; round += 1) {
      for (const cwd of [clone, 'other']) await fixture.git(cwd, 'fetch', '--quiet', 'origin');
      for (const cwd of [clone, 'other']) await fixture.git(cwd, 'checkout', '--quiet', '-B', 'main', 'origin/main');
      const mine = await fixture.commit(clone, { [`a-${round}.txt`]: 'a' });
      const theirs = await fixture.commit('other', { [`b-${round}.txt`]: 'b' });
      const results = await Promise.all([clone, 'other'].map((cwd) => fixture.tryGit(cwd, 'push', 'origin', 'main')));
      expect(results.filter(({ code }) => code === 0)).toHaveLength(1);
      expect(results.find(({ code }) => code !== 0)?.stderr).toMatch(/rejected|failed to update ref|cannot lock ref/);
      expect(await main()).toBe(results[0]?.code === 0 ? mine : theirs);
    }
    await expectClean();
  });

  it('push and merge: nothing that was answered with success is lost', async () => {
    for (let round = 0; round < 3; round += 1) {
      const pr = await fixture.openPull(clone, `topic-${round}`, { [`topic-${round}.txt`]: 't\n' });
      await fixture.git(clone, 'checkout', '--quiet', '-B', 'main', 'origin/main');
      const pushed = await fixture.commit(clone, { [`main-${round}.txt`]: 'm\n' });
      const [push, merge] = await Promise.all([fixture.tryGit(clone, 'push', 'origin', 'main'), fixture.as(bob).pulls.merge({ org, pr }).catch((error: unknown) => error as { reason: string })]);
      const log = (await git(['rev-list', 'refs/heads/main'], { cwd: bare })).split('\n');
      const merged = 'sha' in merge ? merge.sha : undefined;
      expect(push.code === 0 || merged !== undefined).toBe(true);
      if (push.code === 0) expect(log).toContain(pushed);
      if (merged === undefined) expect(merge).toMatchObject({ reason: 'Conflict' });
      else expect(log).toContain(merged);
      await fixture.git(clone, 'fetch', '--quiet', 'origin');
    }
    await expectClean();
  });
});

describe('what is not sound', () => {
  async function refused(pack: Buffer, to: string): Promise<string> {
    const before = await refs();
    const { text } = await post(pushBody([{ ref: 'refs/heads/bad', to }], pack));
    expect(text).not.toContain('ok refs/heads/bad');
    expect(await refs()).toBe(before);
    await expectClean();
    return text;
  }

  it('is refused: a damaged pack, one that ends early, one without what its commit needs', async () => {
    const to = await fixture.commit(clone, { 'x.txt': 'x\n'.repeat(5000) });
    const pack = packOf(clone, `${to}\n^${await main()}\n`);
    for (const at of [4, 9, 20, pack.length - 25, pack.length - 3]) {
      const damaged = Buffer.from(pack);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      expect(await refused(damaged, to), `byte ${at}`).toMatch(/unpack|inflate|pack/i);
    }
    expect(await refused(pack.subarray(0, -40), to)).toMatch(/unpack|early EOF|pack/i);
    const commit = Buffer.from(await git(['cat-file', 'commit', to], { cwd: join(fixture.folder, clone) }));
    expect(await refused(handMadePack([Buffer.concat([entryHead(1, commit.length), deflateSync(commit)])]), to)).toMatch(/missing necessary objects|unpack|bad pack/);
  });

  it('is refused: trees and .gitmodules that attack whoever checks them out', async () => {
    const cwd = join(fixture.folder, clone);
    const write = async (text: string): Promise<string> => (await git(['hash-object', '-w', '--stdin'], { cwd, input: text })).trim();
    const blob = await write('hello\n');
    const target = await write('../../.ssh/config');
    const injected = await write('[submodule "x"]\n\tpath = x\n\turl = -u./payload\n');
    const traversing = await write('[submodule "../../x"]\n\tpath = x\n\turl = https://example.com/x.git\n');
    const cases: [string, string, RegExp][] = [
      ['.git', `100644 blob ${blob}\t.git\n`, /hasDotgit/],
      ['.GIT in another case', `100644 blob ${blob}\t.GiT\n`, /hasDotgit/],
      ['its short name on Windows', `100644 blob ${blob}\tgit~1\n`, /hasDotgit/],
      ['a linked .gitmodules', `120000 blob ${target}\t.gitmodules\n`, /gitmodulesSymlink/],
      ['an address that is an option', `100644 blob ${injected}\t.gitmodules\n`, /gitmodulesUrl/],
      ['a name that leads out', `100644 blob ${traversing}\t.gitmodules\n`, /gitmodulesName/],
    ];
    for (const [what, entries, reason] of cases) {
      const tree = (await git(['mktree', '--missing'], { cwd, input: entries })).trim();
      const to = (await git(['commit-tree', '-m', what, tree], { cwd })).trim();
      expect(await refused(packOf(clone, `${to}\n`), to), what).toMatch(reason);
    }
  });

  it('is refused: a small delta that unfolds to more than there is memory for', async () => {
    const base = Buffer.alloc(16 * 1024 * 1024 - 1);
    const baseEntry = Buffer.concat([entryHead(3, base.length), deflateSync(base)]);
    const copies = 120;
    const varint = (value: number): Buffer => {
      const bytes: number[] = [];
      let rest = value;
      for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 127) | 128);
      return Buffer.from([...bytes, rest]);
    };
    // Copy 0xffffff bytes from offset 0: the three size bytes follow.
    const delta = Buffer.concat([varint(base.length), varint(base.length * copies), ...Array.from({ length: copies }, () => Buffer.from([0xf0, 0xff, 0xff, 0xff]))]);
    const distance = baseEntry.length;
    const offset: number[] = [distance & 127];
    for (let rest = Math.floor(distance / 128); rest > 0; rest = Math.floor(rest / 128)) {
      rest -= 1;
      offset.unshift(128 | (rest & 127));
    }
    const pack = handMadePack([baseEntry, Buffer.concat([entryHead(6, delta.length), Buffer.from(offset), deflateSync(delta)])]);
    expect(pack.length).toBeLessThan(64 * 1024);
    expect(await refused(pack, await main())).toMatch(/unpack|over limit|memory|attempting to allocate/i);
  });

  it('is refused: references that are the forge\'s own, and names that git cannot keep', async () => {
    const sha = await main();
    for (const ref of ['refs/pull/7/head', 'refs/kradle/x', 'refs/heads/a..b', 'refs/heads/x.lock', 'refs/heads/-x/../y']) {
      const before = await refs();
      const { text, status } = await post(pushBody([{ ref, to: sha }], handMadePack([])));
      expect(status === 200 ? text : 'refused', ref).toMatch(/ng |refused/);
      expect(await refs()).toBe(before);
    }
  });
});

describe('clients of every kind', () => {
  it('push in small chunks, packed, all or nothing, with options and with a lease', async () => {
    const small = ['-c', 'http.postBuffer=1024'];
    await fixture.commit(clone, { 'big.txt': createHash('sha512').update('x').digest('hex').repeat(3000) });
    await fixture.git(clone, ...small, 'push', '--quiet', '--push-option=ci.skip', 'origin', 'main');
    await fixture.git(clone, 'branch', 'one');
    await fixture.git(clone, 'branch', 'two');
    const atomic = await fixture.tryGit(clone, 'push', '--atomic', 'origin', 'one', 'two', '+HEAD~1:main');
    expect(atomic.code).toBe(0);
    const stale = await fixture.tryGit(clone, 'push', '--atomic', 'origin', 'one:three', 'HEAD:refs/pull/9/head');
    expect(stale.code).toBe(1);
    expect(stale.stderr).toContain('atomic push, and refs/pull/9/head is refused');
    expect(await refs()).not.toContain('refs/heads/three');
    const lease = await fixture.tryGit(clone, 'push', `--force-with-lease=one:${ZERO.replace(/.$/, '1')}`, 'origin', 'HEAD~1:one');
    expect(lease.stderr).toContain('stale info');
    await fixture.git(clone, 'push', '--quiet', '--force-with-lease=one', 'origin', '+HEAD~1:one');
  });

  it('fetch by every version of the protocol, shallow, in part and lazily', async () => {
    await fixture.commit(clone, { 'b.txt': 'b\n' });
    await fixture.git(clone, 'push', '--quiet', 'origin', 'main');
    for (const version of ['0', '1', '2']) {
      await fixture.git('.', '-c', `protocol.version=${version}`, 'clone', '--quiet', fixture.url('demo'), `v${version}`);
      expect((await fixture.git(`v${version}`, 'rev-parse', 'HEAD')).trim()).toBe(await main());
    }
    await fixture.git('.', 'clone', '--quiet', '--depth=1', fixture.url('demo'), 'shallow');
    expect((await fixture.git('shallow', 'rev-list', '--count', 'HEAD')).trim()).toBe('1');
    await fixture.git('shallow', 'fetch', '--quiet', '--unshallow');
    expect((await fixture.git('shallow', 'rev-list', '--count', 'HEAD')).trim()).toBe('2');
    await fixture.git('.', 'clone', '--quiet', '--no-checkout', '--filter=blob:none', fixture.url('demo'), 'partial');
    expect(await fixture.git('partial', 'rev-list', '--objects', '--all', '--missing=print')).toContain('?');
    expect(await fixture.git('partial', 'show', 'HEAD:b.txt')).toBe('b\n');
    await fixture.git('.', 'clone', '--quiet', '--filter=tree:0', fixture.url('demo'), 'treeless');
    expect(await fixture.git('treeless', 'log', '--format=%s', '--', 'a.txt')).toBe('First\n');
  });

  it('may ask whether to go on before they send', async () => {
    const from = await main();
    const to = await fixture.commit(clone, { 'c.txt': 'c\n' });
    const body = pushBody([{ ref: 'refs/heads/main', from, to }], packOf(clone, `${to}\n^${from}\n`));
    const url = new URL(fixture.url('demo'));
    const text = await new Promise<string>((resolve, reject) => {
      const request = httpRequest(`${url.origin}${url.pathname}/git-receive-pack`, {
        method: 'POST', auth: `${url.username}:${url.password}`, headers: { 'Content-Type': 'application/x-git-receive-pack-request', 'Content-Length': body.length, Expect: '100-continue' },
      }, (response) => {
        let answer = '';
        response.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk)).on('end', () => resolve(answer));
      });
      request.once('continue', () => request.end(body));
      request.once('error', reject);
      request.flushHeaders();
    });
    expect(text).toContain('ok refs/heads/main');
  });

  it('are told to come again, before any byte of git, when too many are served', async () => {
    let leave = (): void => undefined;
    const held = new Promise<void>((resolve) => (leave = resolve));
    const { gate } = fixture.forge.serving;
    const visits = Array.from({ length: 400 }, (_, index) => gate.run({ repository: `r${index}`, account: `a${index}` }, () => held).catch(() => undefined));
    const url = new URL(fixture.url('demo'));
    const response = await fetch(`${url.origin}${url.pathname}/info/refs?service=git-upload-pack`, { headers: { Authorization: `Basic ${Buffer.from(`${url.username}:${url.password}`).toString('base64')}` } });
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('Try again in')]);
    leave();
    await Promise.all(visits);
    expect((await fixture.tryGit('.', 'ls-remote', fixture.url('demo'))).code).toBe(0);
  });
});

describe('odd repositories', () => {
  it('are served: empty ones, ones without their default branch, names from everywhere', async () => {
    await fixture.as(ada).repositories.create({ org, name: 'empty' });
    expect(await fixture.git('.', 'ls-remote', fixture.url('empty'))).toBe('');
    await fixture.git('.', 'clone', '--quiet', fixture.url('empty'), 'empty');
    await fixture.git(clone, 'push', '--quiet', fixture.url('empty'), 'main:refs/heads/not-the-default', 'main:refs/heads/ünï/côdé', 'main:refs/heads/@x', 'main:refs/heads/a#b;c&d$e', 'main:refs/tags/😀');
    expect((await fixture.git('.', '-c', 'core.quotePath=false', 'ls-remote', '--heads', '--tags', fixture.url('empty'))).split('\n').map((line) => line.split('\t')[1])).toEqual(
      ['refs/heads/@x', 'refs/heads/a#b;c&d$e', 'refs/heads/not-the-default', 'refs/heads/ünï/côdé', 'refs/tags/😀', undefined]);
    await fixture.git('.', 'clone', '--quiet', fixture.url('empty'), 'odd');
  });

  it('are served fast with 10,000 branches', async () => {
    const sha = await main();
    const names = ['main', ...Array.from({ length: 10_000 }, (_, index) => `team-${index % 50}/branch-${index}`)].sort();
    await writeFile(join(bare, 'packed-refs'), `# pack-refs with: peeled fully-peeled sorted \n${names.map((name) => `${sha} refs/heads/${name}\n`).join('')}`);
    const startedAt = performance.now();
    const one = await fixture.git('.', 'ls-remote', fixture.url('demo'), 'refs/heads/team-3/branch-9953');
    expect(one).toContain(sha);
    await fixture.commit(clone, { 'd.txt': 'd\n' });
    await fixture.git(clone, 'push', '--quiet', 'origin', 'main');
    await fixture.git('.', 'clone', '--quiet', '--single-branch', fixture.url('demo'), 'single');
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect((await fixture.git('.', 'ls-remote', '--heads', fixture.url('demo'))).trim().split('\n')).toHaveLength(10_001);
  });
});
