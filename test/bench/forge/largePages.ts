import { writeFile } from 'node:fs/promises';
import type { TestServer } from '../../harness/startServer';
import { median, ms, spread, type BenchRow } from '../benchRow';
import { generatedPath } from '../generateRepository';
import { LEDGER_PATH } from '../largeHistory';
import { largeRepository, placeLargeRepository } from '../largeRepository';
import { settled } from './settled';

const REPOSITORY = '/api/orgs/default/repositories/large';
const PULLS = '/api/orgs/default/pullrequests';
const WARM_MS = 300;
const COLD_MS = 1500;
const WARM_ROUNDS = 7;
const COLD_ROUNDS = 3;

interface Page {
  readonly name: string;
  /** Asks for what the page shows; `round` never comes twice. */
  open(round: number): Promise<unknown>;
  /** What has to be there before, not measured. */
  prepare?(round: number): Promise<unknown>;
}

/** Pages of a repository of 100,000 files and 50,000 commits: right after a restart with the system's file cache dropped where that is allowed, and then again. */
export async function measureLargePages(server: TestServer): Promise<BenchRow[]> {
  await placeLargeRepository(server, { name: 'large', source: await largeRepository() });
  await settled(server, 'large');
  const rows: BenchRow[] = [];
  for (const page of pagesOf(server)) {
    const cold: number[] = [];
    const warm: number[] = [];
    let dropped = false;
    let round = 0;
    const timed = async (): Promise<number> => {
      await page.prepare?.(round);
      const startedAt = performance.now();
      await page.open(round);
      round += 1;
      return performance.now() - startedAt;
    };
    const restart = async (): Promise<void> => {
      await server.stop();
      dropped = await dropFileCache();
      await server.restart();
      // Signing in and the database are not what is measured.
      await server.api('GET', '/api/orgs/default/resources?kind=users');
    };
    for (let index = 0; index < COLD_ROUNDS; index += 1) {
      await page.prepare?.(round);
      await restart();
      const startedAt = performance.now();
      await page.open(round);
      cold.push(performance.now() - startedAt);
      round += 1;
    }
    for (let index = 0; index < WARM_ROUNDS; index += 1) warm.push(await timed());
    rows.push(
      { measure: `${page.name}, cold`, figure: spread(cold), budget: ms(COLD_MS), peer: dropped ? 'file cache dropped' : 'file cache kept', ok: median(cold) <= COLD_MS },
      { measure: `${page.name}, warm`, figure: spread(warm), budget: ms(WARM_MS), ok: median(warm) <= WARM_MS },
    );
  }
  return rows;
}

function pagesOf(server: TestServer): Page[] {
  const get = (path: string) => server.api('GET', path);
  const folder = generatedPath(30_000).replace(/\/[^/]+$/, '');
  const opened = new Map<number, string>();
  const openPull = async (round: number): Promise<void> => {
    const { metadata } = await server.api<{ metadata: { name: string } }>('POST', PULLS, { repository: 'large', title: `Topic ${round + 1}`, sourceBranch: `topic/${round + 1}` });
    opened.set(round, metadata.name);
  };
  return [
    // What the console asks for: the repository, its root with the README, last commits, branches and figures.
    { name: 'home page', open: () => Promise.all(['', '/tree', '/last-commits', '/branches?limit=50', '/stats'].map((path) => get(`${REPOSITORY}${path}`))) },
    { name: 'tree of a folder', open: () => Promise.all(['/tree', '/last-commits'].map((path) => get(`${REPOSITORY}${path}?path=${encodeURIComponent(folder)}`))) },
    { name: 'blame of 5,000 lines', open: () => get(`${REPOSITORY}/blame?path=${encodeURIComponent(LEDGER_PATH)}`) },
    { name: 'compare', open: (round) => get(`${REPOSITORY}/compare?base=main&head=${encodeURIComponent(`topic/${30 + (round % 20)}`)}`) },
    { name: 'compare, 25,000 commits apart', open: () => get(`${REPOSITORY}/compare?base=v5&head=main`) },
    { name: 'branches', open: () => get(`${REPOSITORY}/branches?limit=100`) },
    { name: 'opening a pull request', open: openPull },
    {
      name: 'merging a pull request',
      open: (round) => server.api('POST', `${PULLS}/${opened.get(round) ?? ''}/merge`, { method: 'merge' }),
    },
  ];
}

/** Only root may, and not in every container. */
async function dropFileCache(): Promise<boolean> {
  return writeFile('/proc/sys/vm/drop_caches', '3').then(() => true, () => false);
}
