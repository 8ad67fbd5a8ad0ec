import { join } from 'node:path';
import { silentLogger } from '../../src-server/app/log';
import { openSqlite } from '../../src-server/store/sql/sqlite/openSqlite';
import { openSqliteStore } from '../../src-server/store/sql/sqlite/openSqliteStore';
import { tempDir } from '../harness/tempDir';
import { median, ms, percentile, type BenchRow } from './benchRow';

const SECONDS = 1.5;
const ROUNDS = 3;
const WRITERS = [1, 16, 64];
/** By which several writers together are to be faster than one sync a write allows. */
const TIMES = 3;
const TEXT = 'x'.repeat(1200);

/** Creations of objects by writers that each wait for their answer, beside the same rows with a transaction and a sync each. */
export async function run(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const writers of WRITERS) {
    const [rates, lagsMs, peers]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.push(await createdPerSecond(writers, lagsMs));
      peers.push(await syncsPerSecond());
    }
    const [ours, theirs] = [median(rates), median(peers)];
    const times = writers === 1 ? 0.5 : TIMES;
    rows.push({
      measure: `objects created on SQLite, ${writers} at a time`,
      figure: `${rate(ours)}, p50 ${ms(median(lagsMs))}, p99 ${ms(percentile(lagsMs, 99))}`,
      budget: `${times} times the peer's`,
      peer: `a sync each: ${rate(theirs)} (${(ours / theirs).toFixed(1)} times)`,
      ok: ours >= times * theirs,
    });
  }
  return rows;
}

async function createdPerSecond(writers: number, lagsMs: number[]): Promise<number> {
  await using folder = await tempDir('kradle-bench-store-');
  const storage = await openSqliteStore({ path: join(folder.path, 'kradle.db'), log: silentLogger() });
  await storage.store.start();
  let created = 0;
  const startedAt = performance.now();
  const until = startedAt + SECONDS * 1000;
  const write = async () => {
    while (performance.now() < until) {
      const name = `object-${(created += 1)}`;
      const askedAt = performance.now();
      const metadata = { name, namespace: 'bench', uid: name, resourceVersion: '', generation: 1, creationTimestamp: new Date(0).toISOString() };
      await storage.store.create({ plural: 'objects', namespace: 'bench', name }, { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'Object', metadata, spec: { text: TEXT } });
      lagsMs.push(performance.now() - askedAt);
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  const perSecond = (created * 1000) / (performance.now() - startedAt);
  await storage.close();
  return perSecond;
}

/** What the disk allows when every row waits for it. */
async function syncsPerSecond(): Promise<number> {
  await using folder = await tempDir('kradle-bench-store-');
  const db = openSqlite(join(folder.path, 'plain.db'), { synchronous: 'FULL', cacheKiB: 8_192 });
  db.exec('CREATE TABLE row (key TEXT PRIMARY KEY, value TEXT)');
  const insert = db.prepare('INSERT INTO row VALUES (?, ?)');
  let written = 0;
  const startedAt = performance.now();
  while (performance.now() < startedAt + SECONDS * 1000) insert.run(`row-${(written += 1)}`, TEXT);
  const perSecond = (written * 1000) / (performance.now() - startedAt);
  db.close();
  return perSecond;
}

function rate(perSecond: number): string {
  return `${Math.round(perSecond).toLocaleString('en')}/s`;
}
