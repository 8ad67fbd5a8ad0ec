import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from '../../harness/git';
import { startHttpBackend } from '../../harness/httpBackend';
import { makeSshKey, sshCommand, startSshPeer } from '../../harness/sshPeer';
import type { TestServer } from '../../harness/startServer';
import { median, ms, type BenchRow } from '../benchRow';
import { generateRepository } from '../generateRepository';
import { comparePair, type Pair, type Remote, timeClone, timeGit } from './pairs';
import { settled } from './settled';

const NAME = 'history';
const HTTP_BUDGET = 1.1;
const SSH_BUDGET = 1.25;
const CLONES_BUDGET = 2.5;
const AT_ONCE = 9;
const FETCHED_COMMITS = 200;
const PUSHED_REFS = 1000;

/** Clones, fetches and pushes against git's own servers on a copy of the same repository, in the same shape. */
export async function measureTransports(server: TestServer, work: string): Promise<BenchRow[]> {
  const source = join(work, 'source.git');
  await generateRepository(source, { files: 20_000, commits: 5000, environment: process.env });
  await server.api('POST', '/api/orgs/default/repositories', { name: NAME });
  await git(['push', '--quiet', server.gitUrl(NAME), 'main'], { cwd: source });
  await settled(server, NAME);
  const copies = join(work, 'peer');
  await mkdir(copies);
  await cp(join(server.dataDir, `repositories/default/${NAME}.git`), join(copies, `${NAME}.git`), { recursive: true });

  const rows: BenchRow[] = [];
  const backend = await startHttpBackend(copies);
  try {
    const http: Pair = { kradle: { url: server.gitUrl(NAME) }, peer: { url: `${backend.url}/${NAME}.git` }, peerName: 'git http-backend', budget: HTTP_BUDGET };
    rows.push(...(await measurePair('HTTP', http, { work, source })), await pushManyRefs(http, { source }), ...(await cloneAtOnce(http, work)));
  } finally {
    backend.close();
  }
  return [...rows, ...(await measureSsh(server, { work, source, copies }))];
}

async function measureSsh(server: TestServer, place: { work: string; source: string; copies: string }): Promise<BenchRow[]> {
  const skipped = (why: string): BenchRow[] => [{ measure: 'SSH', figure: `skipped: ${why}`, budget: '', ok: true }];
  const { status } = await server.api<{ status: { cloneUrls?: { ssh?: string } } }>('GET', `/api/orgs/default/repositories/${NAME}`);
  const address = status.cloneUrls?.ssh;
  if (address === undefined) return skipped('the server has no SSH address');
  const key = await makeSshKey(place.work, 'client-key');
  await using peer = await startSshPeer(place.work, key);
  if (peer === undefined) return skipped('sshd is not installed');
  await server.api('POST', '/api/orgs/default/resources', {
    resource: { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'SSHKey', metadata: { name: 'bench' }, spec: { organizationRef: 'default', scope: 'user', key: (await readFile(`${key}.pub`, 'utf8')).trim() } },
  });
  const env = { GIT_SSH_COMMAND: sshCommand(key) };
  const pair: Pair = { kradle: { url: address, env }, peer: { url: `${peer.url}${join(place.copies, `${NAME}.git`)}`, env }, peerName: 'sshd with git-shell', budget: SSH_BUDGET };
  return await measurePair('SSH', pair, place);
}

async function measurePair(transport: string, pair: Pair, { work, source }: { work: string; source: string }): Promise<BenchRow[]> {
  const behind = join(work, `behind-${transport}.git`);
  await git(['init', '--quiet', '--bare', behind], { cwd: work });
  await git(['push', '--quiet', behind, `main~${FETCHED_COMMITS}:refs/heads/main`], { cwd: source });
  const commits = pushedCommits(source, transport);
  return [
    await comparePair(`${transport} clone (20,000 files, 5,000 commits)`, pair, { rounds: 11, work: (remote) => timeClone(work, remote) }),
    await comparePair(`${transport} fetch of ${FETCHED_COMMITS} commits`, pair, { rounds: 15, work: (remote) => timeFetch(work, behind, remote) }),
    await comparePair(`${transport} fetch of nothing`, pair, { rounds: 15, work: (remote) => timeGit(['ls-remote', '--quiet', remote.url, 'refs/heads/main'], work, remote) }),
    await comparePair(`${transport} push of a commit of 50 files`, pair, {
      rounds: 15, work: async (remote, round) => timeGit(['push', '--quiet', remote.url, `${await commits(round)}:refs/heads/push-${transport}-${round}`], source, remote),
    }),
  ];
}

async function timeFetch(work: string, behind: string, remote: Remote): Promise<number> {
  const client = join(work, 'fetching.git');
  await cp(behind, client, { recursive: true });
  const tookMs = await timeGit(['fetch', '--quiet', remote.url, '+refs/heads/main:refs/heads/main'], client, remote);
  await rm(client, { recursive: true });
  return tookMs;
}

/** Commits of 50 changed files on top of `main`, one a round and the same for both. */
function pushedCommits(source: string, seed: string): (round: number) => Promise<string> {
  const made = new Map<number, Promise<string>>();
  const make = async (round: number): Promise<string> => {
    const ref = `refs/bench/${seed}/${round}`;
    let stream = `commit ${ref}\ncommitter Una User <una@example.com> ${1_700_000_000 + round} +0000\ndata 4\nPush\nfrom refs/heads/main^0\n`;
    for (let file = 0; file < 50; file += 1) {
      const content = Array.from({ length: 40 }, (_, line) => `${seed} ${round} ${file} ${(line * 7919 * (round + 1)) % 10_007}\n`).join('');
      stream += `M 100644 inline pushed/${seed}/file-${file}.txt\ndata ${content.length}\n${content}\n`;
    }
    await git(['fast-import', '--quiet', '--force'], { cwd: source, input: stream });
    return (await git(['rev-parse', ref], { cwd: source })).trim();
  };
  return (round) => {
    const known = made.get(round) ?? make(round);
    made.set(round, known);
    return known;
  };
}

async function pushManyRefs(pair: Pair, { source }: { source: string }): Promise<BenchRow> {
  const shas = (await git(['rev-list', `--max-count=${PUSHED_REFS}`, 'main'], { cwd: source })).trim().split('\n');
  await git(['update-ref', '--stdin'], { cwd: source, input: shas.map((sha, index) => `create refs/many/branch-${index} ${sha}\n`).join('') });
  return comparePair(`HTTP push of ${PUSHED_REFS.toLocaleString('en')} refs`, pair, { rounds: 5, work: (remote, round) => timeGit(['push', '--quiet', remote.url, `refs/many/*:refs/heads/many-${round}/*`], source, remote) });
}

/**
 * Identical clones at the same time. Where clients and server share few processors, what many clients unpack is most of the time, whoever
 * serves them; so the downloads are measured without that, too, and the peer's figure stands beside.
 */
async function cloneAtOnce({ kradle, peer, peerName }: Pair, work: string): Promise<BenchRow[]> {
  const many = (one: (index: number) => Promise<number>) => async (): Promise<number> => {
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => one(index)));
    return performance.now() - startedAt;
  };
  const ratioOf = async (one: (remote: Remote, index: number) => Promise<number>, remote: Remote): Promise<{ ratio: number; aloneMs: number; togetherMs: number }> => {
    const alone: number[] = [];
    const together: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      alone.push(await one(remote, 0));
      together.push(await many((index) => one(remote, index))());
    }
    return { ratio: median(together) / median(alone), aloneMs: median(alone), togetherMs: median(together) };
  };
  const row = async (measure: string, one: (remote: Remote, index: number) => Promise<number>): Promise<BenchRow> => {
    const ours = await ratioOf(one, kradle);
    const theirs = await ratioOf(one, peer);
    return {
      measure, figure: `${ours.ratio.toFixed(2)}x one (${ms(ours.togetherMs)})`, budget: `${CLONES_BUDGET.toFixed(2)}x`,
      peer: `${peerName}: ${theirs.ratio.toFixed(2)}x (${ms(theirs.togetherMs)})`, ok: ours.ratio <= CLONES_BUDGET,
    };
  };
  const tip = (await git(['ls-remote', kradle.url, 'refs/heads/main'], { cwd: work })).split('\t')[0] ?? '';
  return [
    await row(`${AT_ONCE} identical clones at once, their download`, (remote) => timeDownload(remote, tip)),
    await row(`${AT_ONCE} identical clones at once, unpacked by clients on the same processors`, (remote, index) => timeClone(work, remote, `clone-${index}`)),
  ];
}

/** What `git clone` asks for, read to its end and dropped. */
async function timeDownload(remote: Remote, tip: string): Promise<number> {
  const url = new URL(remote.url);
  const headers = new Headers({ 'Content-Type': 'application/x-git-upload-pack-request', 'Git-Protocol': 'version=2' });
  if (url.username !== '') headers.set('Authorization', `Basic ${Buffer.from(`${url.username}:${url.password}`).toString('base64')}`);
  [url.username, url.password] = ['', ''];
  const pkt = (line: string): string => (line.length + 4).toString(16).padStart(4, '0') + line;
  const startedAt = performance.now();
  const response = await fetch(`${url.href}/git-upload-pack`, {
    method: 'POST',
    headers,
    body: `${pkt('command=fetch')}${pkt('object-format=sha1')}0001${pkt('ofs-delta')}${pkt('no-progress')}${pkt(`want ${tip}`)}${pkt('done')}0000`,
  });
  if (!response.ok || response.body === null) throw new Error(`the download answered ${response.status}: ${await response.text()}`);
  let size = 0;
  for await (const chunk of response.body) size += (chunk as Uint8Array).length;
  if (size < 1_000_000) throw new Error(`the download has only ${size} bytes`);
  return performance.now() - startedAt;
}
