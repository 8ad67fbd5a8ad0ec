import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StatusError } from '#shared/api/status';
import { createGitFixture, type GitFixture } from '../../../../../test/harness/gitFixture';
import type { GitProcess } from '../git';
import { updateRef } from '../refs/refs';
import { encodePkt, FLUSH_PKT } from './pktLine';
import type { PushCommand, PushRequest } from './pushCommands';
import { installPushHooks, type PushDecision, type PushInspection, type QuarantinedPush } from './pushHooks';
import type { GitService } from './advertise';
import { AnswerShelf } from './answerShelf';
import type { GitServiceLimits } from '../process/gitClient';
import { advertiseRefs, receivePack, uploadPack } from './smartHttp';

let fixture: GitFixture;
let server: Server;
let origin: string;
let decide: (push: PushRequest) => PushDecision[];
let inspect: (push: QuarantinedPush) => Promise<PushInspection>;
let updates: PushCommand[][];
let limits: GitServiceLimits;
let answers: AnswerShelf;
let requests: { url: string; protocol: unknown; encoding: unknown; status: number }[];

beforeEach(async () => {
  fixture = await createGitFixture();
  decide = ({ commands }) => commands.map(() => ({ verdict: 'allow' }));
  // As the rules say it that decide by names alone.
  inspect = async ({ commands }) => {
    const decided = decide({ commands, capabilities: new Set(), options: [] });
    const refused = new Map(commands.flatMap(({ ref }, index) => (decided[index]?.verdict === 'refuse' ? [[ref, decided[index].reason] as const] : [])));
    return { refused, text: [...refused].map(([ref, reason]) => `${ref.replace('refs/heads/', '')} refused: ${reason}\n`).join('') };
  };
  updates = [];
  requests = [];
  limits = {};
  answers = new AnswerShelf({ now: Date.now });
  const hooks = await installPushHooks(join(fixture.folder, 'hooks'));
  server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://localhost');
    const match = /^\/([a-z]+\.git)\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(url.pathname);
    const repository = fixture.repositories.open(join(fixture.folder, match?.[1] ?? 'none'));
    const common = { repository, req, res, limits };
    const handled =
      match?.[2] === 'info/refs'
        ? advertiseRefs(url.searchParams.get('service') as GitService, { ...common, answers })
        : match?.[2] === 'git-upload-pack'
          ? uploadPack({ ...common, answers })
          : receivePack({ ...common, hooks, pusher: { name: 'Una User', email: 'una@example.com' }, decide: async (push) => decide(push), inspect: (push) => inspect(push), onUpdated: async (changes) => void updates.push([...changes]) });
    res.once('close', () => requests.push({ url: req.url ?? '', protocol: req.headers['git-protocol'], encoding: req.headers['content-encoding'], status: res.statusCode }));
    handled.catch((error: unknown) => {
      if (res.headersSent) res.destroy();
      else res.writeHead(error instanceof StatusError ? error.httpStatus : 500, { 'Content-Type': 'text/plain' }).end(String(error instanceof Error ? error.message : error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  answers.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await fixture.dispose();
});

async function clone(name: string, into: string): Promise<string> {
  const { code, stderr } = await fixture.user(['clone', '--quiet', `${origin}/${name}.git`, into]);
  expect(stderr + String(code)).toMatch(/0$/);
  return join(fixture.folder, into);
}

async function commitFile(worktree: string, name: string, content: string): Promise<string> {
  await writeFile(join(worktree, name), content);
  await fixture.user(['add', '-A'], { cwd: worktree });
  await fixture.user(['commit', '--quiet', '-m', `Write ${name}`], { cwd: worktree });
  return (await fixture.user(['rev-parse', 'HEAD'], { cwd: worktree })).stdout.toString().trim();
}

it('clones, fetches and pushes with protocol version 2', async () => {
  const repository = await fixture.bare('app');
  await fixture.commit(repository, { files: { 'a.txt': 'one\n' } });
  const worktree = await clone('app', 'work');
  expect(requests.filter(({ url }) => url.includes('upload-pack')).every(({ protocol }) => protocol === 'version=2')).toBe(true);

  const sha = await commitFile(worktree, 'b.txt', 'two\n');
  const push = await fixture.user(['push', 'origin', 'main'], { cwd: worktree });
  expect(push.code).toBe(0);
  expect(await repository.objects.resolve('refs/heads/main')).toBe(sha);
  expect(updates).toEqual([[{ ref: 'refs/heads/main', oldOid: expect.any(String), newOid: sha }]]);

  const later = await fixture.commit(repository, { files: { 'c.txt': 'three\n' } });
  await fixture.user(['pull', '--quiet'], { cwd: worktree });
  expect((await fixture.user(['rev-parse', 'HEAD'], { cwd: worktree })).stdout.toString().trim()).toBe(later);
  const reflog = await fixture.git.run(['reflog', 'show', '--format=%gn <%ge>', 'main'], { gitDir: repository.path });
  expect(reflog.stdout.toString()).toContain('Una User <una@example.com>');
});

it('shows why a protected branch is refused, and keeps nothing of the push', async () => {
  const repository = await fixture.bare('app');
  const before = await fixture.commit(repository, { files: { 'a.txt': 'one\n' } });
  const worktree = await clone('app', 'work');
  const sha = await commitFile(worktree, 'b.txt', 'two\n');
  decide = ({ commands }) => commands.map(() => ({ verdict: 'refuse', reason: 'protected branch: open a pull request' }));
  const { code, stderr } = await fixture.user(['push', 'origin', 'main'], { cwd: worktree });
  expect(code).toBe(1);
  expect(stderr).toContain('remote: main refused: protected branch: open a pull request');
  expect(stderr).toContain('! [remote rejected] main -> main (protected branch: open a pull request)');
  expect(await repository.objects.resolve('refs/heads/main')).toBe(before);
  expect(await repository.objects.info(sha)).toBeUndefined();
  expect(updates).toEqual([]);
  expect((await readdir(join(fixture.folder, 'hooks'))).filter((name) => name.startsWith('push-'))).toEqual([]);
});

it('decides each reference of a push on its own', async () => {
  const repository = await fixture.bare('app');
  const before = await fixture.commit(repository, { files: { 'a.txt': 'one\n' } });
  const worktree = await clone('app', 'work');
  const sha = await commitFile(worktree, 'b.txt', 'two\n');
  decide = ({ commands }) => commands.map(({ ref }) => (ref === 'refs/heads/main' ? { verdict: 'refuse', reason: 'protected branch: main' } : { verdict: 'allow' }));
  const { stderr } = await fixture.user(['push', 'origin', 'main', 'main:feature/x', 'main:feature/y'], { cwd: worktree });
  expect(stderr).toContain('! [remote rejected] main -> main (protected branch: main)');
  expect(stderr).toMatch(/\[new branch\]\s+main -> feature\/x/);
  expect(await repository.objects.resolve('refs/heads/main')).toBe(before);
  expect(updates.flat().map(({ ref }) => ref).sort()).toEqual(['refs/heads/feature/x', 'refs/heads/feature/y']);
  expect(await repository.objects.resolve('refs/heads/feature/x')).toBe(sha);
});

it('asks about what is in a push while git keeps it apart, and tells what was found', async () => {
  const repository = await fixture.bare('app');
  const before = await fixture.commit(repository, { files: { 'a.txt': 'one\n' } });
  const worktree = await clone('app', 'work');
  const sha = await commitFile(worktree, 'b.txt', 'two\n');
  decide = ({ commands }) => commands.map(() => ({ verdict: 'inspect' }));
  const seen: { ref: string; isThere: boolean; isApart: boolean }[] = [];
  inspect = async ({ commands, objectsPath }) => {
    for (const { ref, newOid } of commands) {
      const apart = await fixture.git.run(['cat-file', '-e', newOid ?? ''], { gitDir: repository.path, env: { GIT_ALTERNATE_OBJECT_DIRECTORIES: objectsPath }, okCodes: [0, 1, 128] });
      seen.push({ ref, isThere: (await repository.objects.info(newOid ?? '')) !== undefined, isApart: apart.code === 0 });
    }
    return { refused: new Map([['refs/heads/main', 'not today']]), text: 'looked into it\n' };
  };
  const { stderr } = await fixture.user(['push', 'origin', 'main', 'main:other'], { cwd: worktree });
  expect(seen).toEqual(['refs/heads/main', 'refs/heads/other'].map((ref) => ({ ref, isThere: false, isApart: true })));
  expect(stderr).toContain('remote: looked into it');
  expect(stderr).toContain('! [remote rejected] main -> main (not today)');
  expect(await repository.objects.resolve('refs/heads/main')).toBe(before);
  expect(await repository.objects.resolve('refs/heads/other')).toBe(sha);

  const atomic = await fixture.user(['push', '--atomic', 'origin', 'main', 'main:third'], { cwd: worktree });
  expect(atomic.code).toBe(1);
  expect(await repository.objects.resolve('refs/heads/third')).toBeUndefined();

  inspect = () => Promise.reject(new Error('the rules are gone'));
  expect((await fixture.user(['push', 'origin', 'main:fourth'], { cwd: worktree })).stderr).toContain('pre-receive hook declined');
  expect(await repository.objects.resolve('refs/heads/fourth')).toBeUndefined();
});

it('ends the question when git is ended, and begins no hook for a push of which everything is allowed', async () => {
  const repository = await fixture.bare('app');
  await fixture.commit(repository, { files: { 'a.txt': 'one\n' } });
  const worktree = await clone('app', 'work');
  await commitFile(worktree, 'b.txt', 'two\n');
  let asked = 0;
  inspect = async () => {
    asked += 1;
    return { refused: new Map(), text: '' };
  };
  expect((await fixture.user(['push', 'origin', 'main'], { cwd: worktree })).code).toBe(0);
  expect(asked).toBe(0);
  decide = ({ commands }) => commands.map(() => ({ verdict: 'inspect' }));
  const start = fixture.git.start.bind(fixture.git);
  let receiving: GitProcess | undefined;
  const started = vi.spyOn(fixture.git, 'start').mockImplementation((args, options) => {
    const child = start(args, options);
    if (args[0] === 'receive-pack') receiving = child;
    return child;
  });
  const aborted = new Promise<void>((resolve) => {
    inspect = ({ signal }) => new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        resolve();
        reject(new Error('git is gone'));
      });
      receiving?.kill();
    });
  });
  await commitFile(worktree, 'c.txt', 'three\n');
  await fixture.user(['push', 'origin', 'main'], { cwd: worktree });
  await aborted;
  started.mockRestore();
});

it('hides its own references, and lets nobody push to those of pull requests', async () => {
  const repository = await fixture.bare('app');
  const sha = await fixture.commit(repository, { files: { 'a.txt': 'one\n' } });
  await updateRef(repository, { ref: 'refs/kradle/pins/x', newOid: sha, expectedOid: undefined, reason: 'test' });
  await updateRef(repository, { ref: 'refs/pull/1/head', newOid: sha, expectedOid: undefined, reason: 'test' });
  const { stdout } = await fixture.user(['ls-remote', `${origin}/app.git`]);
  expect(stdout.toString()).toContain('refs/pull/1/head');
  expect(stdout.toString()).not.toContain('refs/kradle');
  const worktree = await clone('app', 'work');
  for (const ref of ['refs/pull/2/head', 'refs/notes/commits', 'refs/kradle/pins/y']) {
    expect((await fixture.user(['push', 'origin', `main:${ref}`], { cwd: worktree })).stderr).toContain('[remote rejected]');
  }
  expect(updates).toEqual([]);
});

it('gives hints for the references that changed, and for no others', async () => {
  const repository = await fixture.bare('app');
  await fixture.commit(repository, { files: { 'a.txt': 'one\n' } });
  const worktree = await clone('app', 'work');
  await commitFile(worktree, 'b.txt', 'two\n');
  decide = ({ commands }) => commands.map(({ ref }) => ({ verdict: 'allow', hint: `Look at ${ref}:\nhttp://localhost/\u001b[31m` }));
  const { stderr } = await fixture.user(['push', 'origin', 'main:topic', 'main:refs/pull/9/head'], { cwd: worktree });
  expect(stderr).toContain('remote: Look at refs/heads/topic:');
  expect(stderr).toMatch(/remote: http:\/\/localhost\/ \[31m/);
  expect(stderr).not.toContain('Look at refs/pull');
  expect(updates.flat().map(({ ref }) => ref)).toEqual(['refs/heads/topic']);
});

it('tells of deletions that deleted something, also when the client wants no report', async () => {
  const repository = await fixture.bare('app');
  const sha = await fixture.commit(repository, { files: { 'a.txt': 'one\n' } });
  for (const name of ['a', 'b']) await updateRef(repository, { ref: `refs/heads/${name}`, newOid: sha, expectedOid: undefined, reason: 'test' });
  const none = '0'.repeat(40);
  const push = async (old: string, ref: string, capabilities: string): Promise<string> => {
    const body = Buffer.concat([encodePkt(`${old} ${none} ${ref}\0 ${capabilities}`), FLUSH_PKT]);
    const response = await fetch(`${origin}/app.git/git-receive-pack`, { method: 'POST', body, headers: { 'content-type': 'application/x-git-receive-pack-request' } });
    return response.text();
  };
  expect(await push(none, 'refs/heads/none', 'report-status delete-refs')).toContain('ok refs/heads/none');
  expect(updates).toEqual([]);
  await push(sha, 'refs/heads/a', 'report-status delete-refs');
  await push(sha, 'refs/heads/b', 'delete-refs');
  expect(updates.flat()).toEqual(['a', 'b'].map((name) => ({ ref: `refs/heads/${name}`, oldOid: sha, newOid: undefined })));
});

it('says that there is no repository', async () => {
  const { code, stderr } = await fixture.user(['clone', `${origin}/nothing.git`, 'work']);
  expect(code).toBe(128);
  expect(stderr).toContain('remote: There is no repository at this address');
});

it('takes push options, packed request bodies and many references', async () => {
  const repository = await fixture.bare('app');
  const sha = await fixture.commit(repository, { files: { 'a.txt': 'one\n' } });
  const worktree = await clone('app', 'work');
  for (let index = 0; index < 60; index += 1) await fixture.user(['tag', `t${index}`], { cwd: worktree });
  let options: readonly string[] = [];
  decide = (push) => {
    ({ options } = push);
    return push.commands.map(() => ({ verdict: 'allow' }));
  };
  expect((await fixture.user(['push', '-o', 'topic=login', '--tags', 'origin'], { cwd: worktree })).code).toBe(0);
  expect(options).toEqual(['topic=login']);
  expect(updates.flat()).toHaveLength(60);
  // Enough history that the next negotiation is worth packing for git.
  await rm(join(fixture.folder, 'work'), { recursive: true });
  const second = await clone('app', 'again');
  for (let index = 0; index < 40; index += 1) await commitFile(second, `f${index}`, String(index));
  await fixture.commit(repository, { files: { 'z.txt': 'z' }, from: sha });
  expect((await fixture.user(['fetch', '--quiet', 'origin'], { cwd: second })).code).toBe(0);
  expect(requests.some(({ encoding }) => encoding === 'gzip')).toBe(true);
});

it('fetches single commits and parts of the files', async () => {
  const repository = await fixture.bare('app');
  const sha = await fixture.commit(repository, { files: { 'a.txt': 'one\n' } });
  await fixture.commit(repository, { files: { 'a.txt': 'two\n' } });
  await mkdir(join(fixture.folder, 'partial'));
  const cwd = join(fixture.folder, 'partial');
  await fixture.user(['init', '--quiet'], { cwd });
  expect((await fixture.user(['fetch', '--quiet', '--depth=1', `${origin}/app.git`, sha], { cwd })).code).toBe(0);
  expect((await fixture.user(['clone', '--quiet', '--filter=blob:none', `${origin}/app.git`, 'blobless'])).code).toBe(0);
});

it('serves twenty clones at once', async () => {
  const repository = await fixture.bare('app');
  await fixture.commit(repository, { files: Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}.txt`, `${index}\n`.repeat(50)])) });
  const results = await Promise.all(Array.from({ length: 20 }, (_, index) => fixture.user(['clone', '--quiet', '--bare', `${origin}/app.git`, `clone-${index}`])));
  expect(results.map(({ code }) => code)).toEqual(Array.from({ length: 20 }, () => 0));
  // One git said what the server can do, one listed the references, and one packed.
  expect(answers.stats.shared).toBe(3 * 19);
  expect((await fixture.user(['fsck', '--strict'], { cwd: join(fixture.folder, 'clone-19') })).code).toBe(0);
});

it.each([2, 0])('lists references once for all who ask, and anew after each change, with protocol %s', async (version) => {
  const repository = await fixture.bare('app');
  const one = await fixture.commit(repository, { files: { 'a.txt': 'one\n' } });
  const run = (...args: string[]) => fixture.git.run(args, { gitDir: repository.path });
  const start = vi.spyOn(fixture.git, 'start');
  const list = async (): Promise<string> => (await fixture.user(['-c', `protocol.version=${version}`, 'ls-remote', '--quiet', '--symref', `${origin}/app.git`])).stdout.toString();
  const served = (): number => start.mock.calls.filter(([args]) => args[0] === 'upload-pack').length;
  const seen = [await list()];
  const before = served();
  expect(await list()).toBe(seen[0]);
  expect(served()).toBe(before);
  for (const change of [
    () => fixture.commit(repository, { files: { 'a.txt': 'two\n' } }),
    () => run('update-ref', 'refs/heads/topic/one', one),
    () => run('tag', '-m', 'Version 1', 'v1', one),
    () => run('pack-refs', '--all', '--prune'),
    () => run('update-ref', '-d', 'refs/heads/topic/one'),
    () => run('symbolic-ref', 'HEAD', 'refs/heads/elsewhere'),
    () => run('config', 'transfer.hideRefs', 'refs/tags'),
  ]) {
    await change();
    seen.push(await list());
  }
  expect(seen[1]).toContain(`${(await repository.objects.resolve('refs/heads/main')) ?? ''}\trefs/heads/main`);
  expect(seen[2]).toContain(`${one}\trefs/heads/topic/one`);
  expect(seen[3]).toContain(`${one}\trefs/tags/v1^{}`);
  expect(seen[4]).toBe(seen[3]);
  expect(seen[5]).not.toContain('topic/one');
  expect(seen[5]).toContain('ref: refs/heads/main\tHEAD');
  expect(seen[6]).not.toContain('ref: refs/heads/main\tHEAD');
  expect(seen[7]).not.toContain('refs/tags/');
  start.mockRestore();
});

it('answers anew when there is something new, and says how long an answer is that it has', async () => {
  const repository = await fixture.bare('app');
  const sha = await fixture.commit(repository, { files: { 'a.txt': 'one\n' } });
  const body = Buffer.concat([encodePkt('command=fetch'), Buffer.from('0001'), ...['ofs-delta', 'include-tag', `want ${sha}`, 'done'].map(encodePkt), FLUSH_PKT]);
  const ask = async (): Promise<{ length: string | null; bytes: Buffer }> => {
    const response = await fetch(`${origin}/app.git/git-upload-pack`, { method: 'POST', body, headers: { 'content-type': 'application/x-git-upload-pack-request', 'git-protocol': 'version=2' } });
    expect(response.status).toBe(200);
    return { length: response.headers.get('content-length'), bytes: Buffer.from(await response.arrayBuffer()) };
  };
  const first = await ask();
  const second = await ask();
  expect(second).toEqual({ length: String(first.bytes.length), bytes: first.bytes });
  await fixture.git.run(['tag', '-m', 'Version 1', 'v1', sha], { gitDir: repository.path });
  expect((await ask()).bytes.length).toBeGreaterThan(first.bytes.length);
  expect(answers.stats.shared).toBe(1);
});

it('ends a shared git when all who read have left, and serves who comes then', async () => {
  const repository = await fixture.bare('app');
  const sha = await fixture.commit(repository, { files: { 'large.bin': randomBytes(24 * 1024 * 1024) } });
  const body = Buffer.concat([encodePkt('command=fetch'), Buffer.from('0001'), ...['ofs-delta', `want ${sha}`, 'done'].map(encodePkt), FLUSH_PKT]);
  const start = vi.spyOn(fixture.git, 'start');
  const ask = (signal?: AbortSignal): Promise<Response> => fetch(`${origin}/app.git/git-upload-pack`, { method: 'POST', body, ...(signal === undefined ? {} : { signal }), headers: { 'content-type': 'application/x-git-upload-pack-request', 'git-protocol': 'version=2' } });
  const controllers = [new AbortController(), new AbortController()];
  for (const controller of controllers) await (await ask(controller.signal)).body?.getReader().read();
  const child = start.mock.results.at(-1)?.value as GitProcess;
  for (const controller of controllers) controller.abort();
  await expect(child.ended).resolves.not.toBe(0);
  expect((await (await ask()).arrayBuffer()).byteLength).toBeGreaterThan(24 * 1024 * 1024);
  start.mockRestore();
});

it('ends git when the client goes away', async () => {
  const repository = await fixture.bare('app');
  const random = Buffer.from(Array.from({ length: 60_000 }, (_, index) => (index * 2_654_435_761) % 251));
  for (let round = 0; round < 20; round += 1) {
    await fixture.commit(repository, { files: Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`f${round}-${index}.bin`, Buffer.concat([Buffer.from(`${round}-${index}`), random.map((byte) => (byte * (round + 7) + index * 13) % 256)])])) });
  }
  const start = vi.spyOn(fixture.git, 'start');
  const controller = new AbortController();
  const url = `${origin}/app.git/git-upload-pack`;
  const sha = (await repository.objects.resolve('refs/heads/main')) ?? '';
  const want = `want ${sha} side-band-64k ofs-delta\n`;
  const body = `${(want.length + 4).toString(16).padStart(4, '0')}${want}00000009done\n`;
  const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/x-git-upload-pack-request' }, signal: controller.signal });
  const reader = response.body?.getReader();
  await reader?.read();
  controller.abort();
  const child = start.mock.results.at(-1)?.value as GitProcess;
  await expect(child.ended).resolves.not.toBe(0);
});

it('refuses a pack that is too large with a text', async () => {
  const repository = await fixture.bare('app');
  await fixture.commit(repository, { files: { 'a.txt': 'one\n' } });
  const worktree = await clone('app', 'work');
  await commitFile(worktree, 'large.bin', Array.from({ length: 20_000 }, (_, index) => (index * 7919) % 10_007).join(','));
  limits = { maxPackBytes: 1000 };
  const { stderr } = await fixture.user(['push', 'origin', 'main'], { cwd: worktree });
  expect(stderr).toContain('pack exceeds maximum allowed size');
  expect(updates).toEqual([]);
});

it.each([
  ['no push at all', 'this is not a push', 400],
  ['a push that ends early', '00a7', 400],
])('answers %s with a text', async (_, body, status) => {
  await fixture.bare('app');
  const response = await fetch(`${origin}/app.git/git-receive-pack`, { method: 'POST', body, headers: { 'content-type': 'application/x-git-receive-pack-request' } });
  expect(response.status).toBe(status);
  expect(await response.text()).toContain('not a push that git makes');
});
