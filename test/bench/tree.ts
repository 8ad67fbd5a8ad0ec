import { dirname, join } from 'node:path';
import { git } from '../harness/git';
import { startServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';
import { median, ms, spread, type BenchRow } from './benchRow';
import { generatedPath, generateRepository } from './generateRepository';

const BUDGET_MS = 200;
const REPEATS = 15;
const REPOSITORY = '/api/orgs/default/repositories/large';

/**
 * What the code browser asks for when it opens a folder of a large repository: the entries, and beside them the last commit of each, of
 * which the first answer may be partial. First with nothing in memory, then again.
 */
export async function run(): Promise<BenchRow[]> {
  await using work = await tempDir('kradle-bench-tree-');
  await using server = await startServer({ args: ['--log-level', 'error'] });
  const source = join(work.path, 'source.git');
  await generateRepository(source, { environment: process.env });
  await server.api('POST', '/api/orgs/default/repositories', { name: 'large' });
  await git(['push', '--quiet', server.gitUrl('large'), 'HEAD:refs/heads/main'], { cwd: source });
  // What the push left in memory is gone with the process.
  await server.restart();
  await server.api('GET', REPOSITORY);

  const rows: BenchRow[] = [];
  for (const [label, path] of [['root', ''], ['folder', dirname(generatedPath(30_000))]] as const) {
    const query = `?path=${encodeURIComponent(path)}`;
    const open = async (): Promise<{ tookMs: number; known: number; complete: boolean }> => {
      const startedAt = performance.now();
      const [tree, last] = await Promise.all([
        server.api<{ total: number }>('GET', `${REPOSITORY}/tree${query}`),
        server.api<{ entries: object; complete: boolean }>('GET', `${REPOSITORY}/last-commits${query}`),
      ]);
      return { tookMs: performance.now() - startedAt, known: Object.keys(last.entries).length / tree.total, complete: last.complete };
    };
    const openedAt = performance.now();
    const first = await open();
    let complete = first.complete;
    while (!complete) ({ complete } = await open());
    const completeMs = performance.now() - openedAt;
    const again: number[] = [];
    for (let index = 0; index < REPEATS; index += 1) again.push((await open()).tookMs);
    rows.push(
      { measure: `tree page, ${label}, first (50,000 files, 10,000 commits)`, figure: ms(first.tookMs), budget: ms(BUDGET_MS), peer: `last commits: ${(first.known * 100).toFixed(0)} % with it, all after ${ms(completeMs)}`, ok: first.tookMs <= BUDGET_MS },
      { measure: `tree page, ${label}, again`, figure: spread(again), budget: ms(BUDGET_MS), ok: median(again) <= BUDGET_MS },
    );
  }
  return rows;
}
