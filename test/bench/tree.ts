import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { generatedPath, generateRepository } from './generateRepository';
import { makeDataDir, median, ms, startServer, type BenchContext, type BenchRow } from './benchServer';

const BUDGET_MS = 200;
const REPEATS = 15;

/** A tree page of a large repository: the root and a deep folder, first and again. */
export async function run({ root }: BenchContext): Promise<BenchRow[]> {
  const dataDir = makeDataDir();
  const server = await startServer(root, dataDir.path);
  try {
    const source = join(dataDir.path, 'source.git');
    await generateRepository(source, { environment: process.env });
    const deepFolder = dirname(generatedPath(30_000));
    await server.call('POST', '/repositories', { name: 'large' });
    const push = spawnSync('git', ['--git-dir', source, 'push', '--quiet', server.gitUrl('large'), 'HEAD:refs/heads/main'], { encoding: 'utf8' });
    if (push.status !== 0) throw new Error(push.stderr);
    const rows: BenchRow[] = [];
    for (const [label, path] of [['root', ''], ['folder', deepFolder]] as const) {
      const timed: number[] = [];
      for (let index = 0; index <= REPEATS; index += 1) {
        const startedAt = performance.now();
        await server.call('GET', `/repositories/large/tree?path=${encodeURIComponent(path)}`);
        timed.push(performance.now() - startedAt);
      }
      const [first = Number.NaN, ...again] = timed;
      rows.push(
        { measure: `tree page, ${label}, first (50,000 files, 10,000 commits)`, figure: ms(first), budget: ms(BUDGET_MS), ok: first <= BUDGET_MS },
        { measure: `tree page, ${label}, again`, figure: ms(median(again)), budget: ms(BUDGET_MS), ok: median(again) <= BUDGET_MS },
      );
    }
    return rows;
  } finally {
    await server.stop();
    dataDir.remove();
  }
}
