import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { eventually } from '../harness/eventually';
import { startKubeApiServer, type KubeApiServer } from '../harness/kubeApiServer';
import { postgresMissing, startPostgres } from '../harness/postgres';
import { startServer, type TestServer } from '../harness/startServer';
import { createApiTarget, type ApiTarget } from './api/apiTarget';
import { BENCH_KIND, benchObject, collectionPath, MIXED_KINDS, namespaceOf } from './api/benchObjects';
import { alone, createObjects, getObjects, listObjects, manyWatchers, pageObjects, perSecond, writeToEvent } from './api/measures';
import { median, ms, percentile, type BenchRow } from './benchRow';
import { residentMiB } from './resident';

const ROUNDS = 9;
const WARM_UP = 12_000;
const CREATES = 2000;
const GETS = 3000;
const LISTED = 1000;
const LISTS = 5;
const EVENTS = 100;
const PAGED = 10_000;
const PASSES = 5;
const MORE_PASSES = 50;
const FLAT_MIB = 64;
const WATCHERS = 1000;
const CHANGES = 1000;
const SNAPSHOTS = 9;

const QUIET = { args: ['--log-level', 'error'] };
const ORGS = ['writes', 'lists', 'watches', 'pages', 'fans', 'mixed'];

const NO_PEER = 'no peer: KUBEBUILDER_ASSETS is not set';

interface Kradle {
  readonly server: TestServer;
  readonly target: ApiTarget;
}

interface Figures {
  createsPerSecond: number[];
  getsPerSecond: number[];
  listMs: number[];
  eventMs: number[];
}

/**
 * The same work over the same client against Kradle on SQLite and on Postgres, both syncing every write, and against a real
 * kube-apiserver with its etcd, all over TLS. They take turns, so that a machine's busy moment meets all of them, and in its turn each has the machine to itself.
 */
export async function run(): Promise<BenchRow[]> {
  await using sqlite = await startServer(QUIET);
  await using database = postgresMissing === undefined ? await startPostgres({ durable: true }) : undefined;
  await using postgres = database && (await startServer({ ...QUIET, env: { KRADLE_DATABASE_URL: database.url() } }));
  const assets = process.env.KUBEBUILDER_ASSETS;
  await using kubernetes = assets === undefined ? undefined : await startKubeApiServer(assets, { durable: true });
  if (postgresMissing !== undefined) process.stderr.write(`${postgresMissing}\n`);

  const kradles = [await kradleOf('SQLite', sqlite), ...(postgres === undefined ? [] : [await kradleOf('Postgres', postgres)])];
  const kube = kubernetes && (await kubeOf(kubernetes));
  const targets = [...kradles.map(({ target }) => target), ...(kube === undefined ? [] : [kube])];
  const figures = await takeTurns(targets);
  const peer = kube === undefined ? undefined : figures.get(kube);
  const rows = kradles.flatMap(({ target }) => compare(target.name, figures.get(target) ?? noFigures(), peer));
  const peerPagesMs = kube && (await alone(kube, targets, () => pagesOf(kube)));
  for (const kradle of kradles) rows.push(...(await alone(kradle.target, targets, () => ownBudgets(kradle, peerPagesMs))));
  for (const target of targets) target.close();
  return rows;
}

/** What is measured against a peer. */
async function takeTurns(targets: readonly ApiTarget[]): Promise<Map<ApiTarget, Figures>> {
  const figures = new Map(targets.map((target) => [target, noFigures()]));
  for (const target of targets) {
    // Also what warms each of them up: V8 goes on compiling for some ten thousand requests, which a server has behind it in its first minutes.
    await alone(target, targets, async () => {
      await createObjects(target, 'lists', { count: LISTED, prefix: 'listed' });
      await getObjects(target, 'lists', { count: LISTED, prefix: 'listed', of: LISTED });
      await createObjects(target, 'writes', { count: WARM_UP, prefix: 'warm' });
    });
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [target, measured] of figures) {
      await alone(target, targets, async () => {
        measured.createsPerSecond.push(await createObjects(target, 'writes', { count: CREATES, prefix: `round-${round}` }));
        measured.getsPerSecond.push(await getObjects(target, 'lists', { count: GETS, prefix: 'listed', of: LISTED }));
        for (let list = 0; list < LISTS; list += 1) measured.listMs.push(await listObjects(target, 'lists', LISTED));
        measured.eventMs.push(...(await writeToEvent(target, 'watches', { count: EVENTS, prefix: `round-${round}` })));
      });
    }
  }
  return figures;
}

function compare(name: string, own: Figures, peer: Figures | undefined): BenchRow[] {
  const faster = (measure: string, of: (figures: Figures) => number[], times: number): BenchRow => {
    const ours = of(own);
    const theirs = peer && of(peer);
    // Of each round: what the machine did in it is in both.
    const ratio = theirs && median(ours.map((rate, round) => rate / (theirs[round] ?? Number.NaN)));
    const beside = theirs === undefined || ratio === undefined ? NO_PEER : `kube-apiserver: ${rate(median(theirs))} (${ratio.toFixed(1)} times)`;
    return { measure: `${measure}, ${name}`, figure: rate(median(ours)), budget: `${times} times the peer's`, peer: beside, ok: ratio === undefined || ratio >= times };
  };
  const shorter = (measure: string, of: (figures: Figures) => number[], share: number): BenchRow => {
    const [ours, theirs] = [median(of(own)), peer && median(of(peer))];
    const beside = theirs === undefined ? NO_PEER : `kube-apiserver: p50 ${ms(theirs)}, p99 ${ms(percentile(of(peer ?? own), 99))} (a ${(theirs / ours).toFixed(1)}th)`;
    const budget = share === 1 ? 'no slower' : `1/${1 / share} of the peer's`;
    return { measure: `${measure}, ${name}`, figure: `p50 ${ms(ours)}, p99 ${ms(percentile(of(own), 99))}`, budget, peer: beside, ok: theirs === undefined || ours <= theirs * share };
  };
  return [
    faster('create at 16 connections', ({ createsPerSecond }) => createsPerSecond, 3),
    faster('get at 16 connections', ({ getsPerSecond }) => getsPerSecond, 2),
    shorter(`list of ${LISTED.toLocaleString('en')}`, ({ listMs }) => listMs, 1 / 5),
    shorter('write to watch event', ({ eventMs }) => eventMs, 1),
  ];
}

/** What has a budget of its own. */
async function ownBudgets({ server, target }: Kradle, peerPagesMs: readonly number[] | undefined): Promise<BenchRow[]> {
  const { name } = target;
  let beforeMiB = Number.NaN;
  const pagesMs = await pagesOf(target, async () => (beforeMiB = await residentMiB(server.pid)));
  const grownMiB = await grownByLists(server, target, beforeMiB);

  const fan = await manyWatchers(server, target, { org: 'fans', watchers: WATCHERS, changes: CHANGES });

  await perSecond(PAGED, (index) => {
    const { kind, plural } = MIXED_KINDS[index % MIXED_KINDS.length] ?? BENCH_KIND;
    return target.send('POST', collectionPath('mixed', plural), JSON.stringify(benchObject('mixed', `mixed-${index}`, kind)));
  });
  const snapshotsMs: number[] = [];
  for (let index = 0; index < SNAPSHOTS; index += 1) {
    const startedAt = performance.now();
    const answer = await target.send('GET', '/api/controller?org=mixed');
    snapshotsMs.push(performance.now() - startedAt);
    const snapshot = JSON.parse(answer.toString()) as { resources: unknown[] };
    if (snapshot.resources.length !== PAGED) throw new Error(`the snapshot has ${snapshot.resources.length} objects`);
  }
  return [
    { measure: `${PAGED.toLocaleString('en')} in pages of 500, ${name}`, figure: ms(median(pagesMs)), budget: '', peer: peerPagesMs === undefined ? NO_PEER : `kube-apiserver: ${ms(median(peerPagesMs))}`, ok: true },
    { measure: `memory that stays after ${MORE_PASSES} such lists, ${name}`, figure: `${grownMiB.stays.toFixed(0)} MiB, most ${grownMiB.most.toFixed(0)} MiB`, budget: `${FLAT_MIB} MiB`, ok: grownMiB.stays <= FLAT_MIB },
    { measure: `${WATCHERS.toLocaleString('en')} watchers × ${CHANGES.toLocaleString('en')} changes, ${name}`, figure: ms(fan.tookMs), budget: ms(10_000), ok: fan.tookMs <= 10_000 },
    { measure: `resident at most meanwhile, ${name}`, figure: `${fan.peakMiB.toFixed(0)} MiB`, budget: '500 MiB', ok: fan.peakMiB <= 500 },
    { measure: `snapshot of ${PAGED.toLocaleString('en')} objects, ${name}`, figure: `p50 ${ms(median(snapshotsMs))}, most ${ms(Math.max(...snapshotsMs))}`, budget: ms(100), ok: median(snapshotsMs) <= 100 },
  ];
}

/**
 * Resident memory beyond `beforeMiB` while lists go on: V8 lets garbage lie until it is worth its while, so what stays is the least of the second
 * half, when it has been collected at least once.
 */
async function grownByLists(server: TestServer, target: ApiTarget, beforeMiB: number): Promise<{ stays: number; most: number }> {
  const samples: number[] = [];
  for (let pass = 0; pass < MORE_PASSES; pass += 1) {
    await pageObjects(target, 'pages', PAGED);
    samples.push((await residentMiB(server.pid)) - beforeMiB);
  }
  return { stays: Math.min(...samples.slice(MORE_PASSES / 2)), most: Math.max(...samples) };
}

/** Lists many objects in pages, over and over; `warm` is called when the first list is through. */
async function pagesOf(target: ApiTarget, warm?: () => Promise<unknown>): Promise<number[]> {
  await createObjects(target, 'pages', { count: PAGED, prefix: 'paged' });
  await pageObjects(target, 'pages', PAGED);
  await warm?.();
  const tookMs: number[] = [];
  for (let pass = 0; pass < PASSES; pass += 1) tookMs.push(await pageObjects(target, 'pages', PAGED));
  return tookMs;
}

async function kradleOf(name: string, server: TestServer): Promise<Kradle> {
  for (const slug of ORGS) await server.api('POST', '/api/orgs', { slug });
  return { server, target: createApiTarget({ name, pids: [server.pid], url: server.url.replace('http:', 'https:'), token: server.token }) };
}

async function kubeOf(server: KubeApiServer): Promise<ApiTarget> {
  const target = createApiTarget({ name: 'kube-apiserver', pids: server.pids, url: server.url, token: server.token });
  const crd: unknown = parse(await readFile(fileURLToPath(new URL(`../../deploy/chart/crds/${BENCH_KIND.plural}.yaml`, import.meta.url)), 'utf8'));
  await target.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', JSON.stringify(crd));
  for (const org of ORGS) await target.send('POST', '/api/v1/namespaces', JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespaceOf(org) } }));
  await eventually('the custom resource', () => target.send('GET', collectionPath('writes')).then(() => true, () => false), { timeoutMs: 30_000 });
  return target;
}

function noFigures(): Figures {
  return { createsPerSecond: [], getsPerSecond: [], listMs: [], eventMs: [] };
}

function rate(perSecondOf: number): string {
  return `${Math.round(perSecondOf).toLocaleString('en')}/s`;
}
