import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from '../../harness/git';
import { startHttpBackend } from '../../harness/httpBackend';
import { makeSshKey, sshCommand, startSshPeer } from '../../harness/sshPeer';
import type { TestServer } from '../../harness/startServer';
import { median, ms, type BenchRow } from '../benchRow';
import { generateRepository } from '../generateRepository';
import { comparePair, type Pair, type Remote, timeClone, timeGit } from './pairs';
import { startReplay } from './replay';
import { settled } from './settled';

const NAME = 'history';
const HTTP_BUDGET = 1.1;
const SSH_BUDGET = 1.25;
const CLONES_BUDGET = 2.5;
/** Of what the clients need by themselves. */
const FLOOR_BUDGET = 1.1;
const AT_ONCE = 9;
const FETCHED_COMMITS = 200;
const PUSHED_REFS = 1000;
const CLONE_ROUNDS = 5;

/** Says of a measure's name whether it is asked for. */
export type IsWanted = (measure: string) => boolean;

/** Clones, fetches and pushes against git's own servers on a copy of the same repository, in the same shape. */
export async function measureTransports(server: TestServer, work: string, isWanted: IsWanted): Promise<BenchRow[]> {
  if (![...namesOf('HTTP'), ...namesOf('SSH'), MANY_REFS, ...CLONES].some(isWanted)) return [];
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
    rows.push(...(await measurePair('HTTP', http, { work, source, isWanted })), ...(await cloneAtOnce(http, { work, source, isWanted })));
    if (isWanted(MANY_REFS)) rows.push(await pushManyRefs(http, { source }));
  } finally {
    backend.close();
  }
  return namesOf('SSH').some(isWanted) ? [...rows, ...(await measureSsh(server, { work, source, copies, isWanted }))] : rows;
}

interface Place {
  readonly work: string;
  readonly source: string;
  readonly isWanted: IsWanted;
}

async function measureSsh(server: TestServer, place: Place & { copies: string }): Promise<BenchRow[]> {
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

function namesOf(transport: string): [string, string, string, string] {
  return [`${transport} clone (20,000 files, 5,000 commits)`, `${transport} fetch of ${FETCHED_COMMITS} commits`, `${transport} fetch of nothing`, `${transport} push of a commit of 50 files`];
}

async function measurePair(transport: string, pair: Pair, { work, source, isWanted }: Place): Promise<BenchRow[]> {
  const behind = join(work, `behind-${transport}.git`);
  await git(['init', '--quiet', '--bare', behind], { cwd: work });
  await git(['push', '--quiet', behind, `main~${FETCHED_COMMITS}:refs/heads/main`], { cwd: source });
  const commits = pushedCommits(source, transport);
  const [clone, fetchSome, fetchNothing, push] = namesOf(transport);
  const rows: BenchRow[] = [];
  const compare = async (measure: string, opts: Parameters<typeof comparePair>[2]): Promise<void> => {
    if (isWanted(measure)) rows.push(await comparePair(measure, pair, opts));
  };
  await compare(clone, { rounds: 11, work: (remote) => timeClone(work, remote) });
  await compare(fetchSome, { rounds: 15, work: (remote) => timeFetch(work, behind, remote) });
  await compare(fetchNothing, { rounds: 15, work: (remote) => timeGit(['ls-remote', '--quiet', remote.url, 'refs/heads/main'], work, remote) });
  await compare(push, {
    rounds: 15, work: async (remote, round) => timeGit(['push', '--quiet', remote.url, `${await commits(round)}:refs/heads/push-${transport}-${round}`], source, remote),
  });
  return rows;
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

const MANY_REFS = `HTTP push of ${PUSHED_REFS.toLocaleString('en')} refs`;

async function pushManyRefs(pair: Pair, { source }: { source: string }): Promise<BenchRow> {
  const shas = (await git(['rev-list', `--max-count=${PUSHED_REFS}`, 'main'], { cwd: source })).trim().split('\n');
  await git(['update-ref', '--stdin'], { cwd: source, input: shas.map((sha, index) => `create refs/many/branch-${index} ${sha}\n`).join('') });
  return comparePair(MANY_REFS, pair, { rounds: 5, work: (remote, round) => timeGit(['push', '--quiet', remote.url, `refs/many/*:refs/heads/many-${round}/*`], source, remote) });
}

const CLONES = [`${AT_ONCE} identical clones at once, their download`, `${AT_ONCE} identical clones at once, unpacked by clients on the same processors`] as const;

/**
 * Identical clones at the same time, of a state that nobody asked for before: one alone has no more ready than nine together, and what nine save is
 * what they share. Where clients and server share few processors, what many clients unpack is most of the time, whoever serves them; so the
 * downloads are measured without that, too, and where the clients alone are over the budget what the server adds to them is what counts.
 */
async function cloneAtOnce(pair: Pair, { work, source, isWanted }: Place): Promise<BenchRow[]> {
  if (!CLONES.some(isWanted)) return [];
  const states = await pushFreshStates(pair, source);
  const ratioOf = async (one: Clone, remote: Remote): Promise<AtOnce> => {
    const alone: number[] = [];
    const together: number[] = [];
    for (const [first, second] of states) {
      alone.push(await one(remote, first, 0));
      together.push(await timeTogether(remote, second, one));
    }
    return { ratio: median(together) / median(alone), oneMs: median(alone), togetherMs: median(together) };
  };
  const compare = async (measure: string, one: Clone): Promise<{ row: BenchRow; ours: AtOnce }> => {
    const ours = await ratioOf(one, pair.kradle);
    const theirs = await ratioOf(one, pair.peer);
    const row = {
      measure, figure: `${ours.ratio.toFixed(2)}x one (${ms(ours.togetherMs)})`, budget: `${CLONES_BUDGET.toFixed(2)}x`,
      peer: `${pair.peerName}: ${theirs.ratio.toFixed(2)}x (${ms(theirs.togetherMs)})`, ok: ours.ratio <= CLONES_BUDGET,
    };
    return { row, ours };
  };
  const rows: BenchRow[] = [];
  if (isWanted(CLONES[0])) rows.push((await compare(CLONES[0], (remote, { tip }) => timeDownload(remote, tip))).row);
  if (!isWanted(CLONES[1])) return rows;
  const clone: Clone = (remote, { branch }, index) => timeClone(work, remote, { name: `clone-${index}`, branch });
  const { row, ours } = await compare(CLONES[1], clone);
  const floorMs = await clientsAlone(pair.kradle, { states: states.map(([, state]) => state), clone });
  rows.push(
    { ...row, budget: `${row.budget}, or ${FLOOR_BUDGET.toFixed(2)}x the floor`, ok: row.ok || ours.togetherMs <= FLOOR_BUDGET * floorMs },
    { measure: 'the same clients, every answer ready: the floor of this machine', figure: `${(floorMs / ours.oneMs).toFixed(2)}x one (${ms(floorMs)})`, budget: '', ok: true },
  );
  return rows;
}

type Clone = (remote: Remote, state: FreshState, index: number) => Promise<number>;

interface AtOnce {
  readonly ratio: number;
  readonly oneMs: number;
  readonly togetherMs: number;
}

/** How long the same clones take together, ms, from a server that has every answer ready and only sends: no forge can be below that. */
async function clientsAlone(remote: Remote, { states, clone }: { states: readonly FreshState[]; clone: Clone }): Promise<number> {
  using replay = await startReplay();
  const ready: Remote = { ...remote, url: replay.urlOf(remote.url) };
  const together: number[] = [];
  for (const state of states) {
    await clone(ready, state, 0);
    together.push(await timeTogether(ready, state, clone));
  }
  return median(together);
}

async function timeTogether(remote: Remote, state: FreshState, one: Clone): Promise<number> {
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => one(remote, state, index)));
  return performance.now() - startedAt;
}

interface FreshState {
  readonly branch: string;
  readonly tip: string;
}

/** Branches with a commit of their own on top of `main`, at both; two a round. */
async function pushFreshStates(pair: Pair, source: string): Promise<[FreshState, FreshState][]> {
  const names = Array.from({ length: 2 * CLONE_ROUNDS }, (_, index) => `fresh-${index}`);
  const commits = names.map((name, index) => `commit refs/heads/${name}\ncommitter Una User <una@example.com> ${1_700_000_000 + index} +0000\ndata 5\nFresh\nfrom refs/heads/main^0\n`);
  await git(['fast-import', '--quiet', '--force'], { cwd: source, input: commits.join('') });
  for (const remote of [pair.kradle, pair.peer]) await git(['push', '--quiet', remote.url, 'refs/heads/fresh-*:refs/heads/fresh-*'], { cwd: source });
  const states = await Promise.all(names.map(async (branch) => ({ branch, tip: (await git(['rev-parse', `refs/heads/${branch}`], { cwd: source })).trim() })));
  return Array.from({ length: CLONE_ROUNDS }, (_, round): [FreshState, FreshState] => [freshOf(states, 2 * round), freshOf(states, 2 * round + 1)]);
}

function freshOf(states: readonly FreshState[], index: number): FreshState {
  const state = states[index];
  if (state === undefined) throw new RangeError(`there is no fresh state ${index}`);
  return state;
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
