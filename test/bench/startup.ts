import { setTimeout as delay } from 'node:timers/promises';
import { makeDataDir, median, ms, startServer, type BenchContext, type BenchRow } from './benchServer';

const RUNS = 5;
const BUDGET_MS = 1000;
const BUDGET_MIB = 150;

/** Ready to serve on an existing data folder, and what the idle server holds. */
export async function run({ root }: BenchContext): Promise<BenchRow[]> {
  const dataDir = makeDataDir();
  try {
    await (await startServer(root, dataDir.path)).stop();
    const ready: number[] = [];
    let rss = 0;
    for (let index = 0; index < RUNS; index += 1) {
      const server = await startServer(root, dataDir.path);
      ready.push(server.readyMs);
      // What start-up allocated and dropped is given back within a moment; the resident figure is of the idle server.
      await delay(1000);
      rss = Math.max(rss, server.rssMiB());
      await server.stop();
    }
    return [
      { measure: 'start to first answer', figure: ms(median(ready)), budget: ms(BUDGET_MS), ok: median(ready) <= BUDGET_MS },
      { measure: 'resident, idle', figure: `${rss.toFixed(0)} MiB`, budget: `${BUDGET_MIB} MiB`, ok: rss <= BUDGET_MIB },
    ];
  } finally {
    dataDir.remove();
  }
}
