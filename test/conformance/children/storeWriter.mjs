// A process that writes until it is killed, and says on standard output what was acknowledged to it. Arguments: the database path.
import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { runnerImport } from 'vite';
import { nodeThreads } from '../../../scripts/nodeThreads.mjs';

const source = new URL('../../../src-server/store/sql/sqlite/openSqliteStore.ts', import.meta.url);
const { module } = await runnerImport(fileURLToPath(source), { configFile: false, logLevel: 'error', plugins: [nodeThreads()] });
const { store, eventLog } = await module.openSqliteStore({ path: process.argv[2], log: pino({ level: 'silent' }) });
await store.start();

const acknowledge = (fields) => writeSync(1, `${JSON.stringify(fields)}\n`);

async function writeObjects(writer) {
  const key = { plural: 'widgets', namespace: 'n', name: `w${writer}` };
  const object = (count) => ({
    apiVersion: 'kradle.a5c.ai/v1alpha1',
    kind: 'Widget',
    metadata: { name: key.name, namespace: 'n', uid: key.name, resourceVersion: '', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { count, padding: 'x'.repeat(500) },
  });
  let count = 0;
  /** Says what was written, in a stream of its own. */
  const recordOf = (counted) => ({ stream: 'records/n', draft: { id: `${key.name}-${counted}`, type: 'record', atMs: Date.now(), data: { spec: { target: { name: key.name }, count: counted } } } });
  const created = await store.create(key, object(count), { record: recordOf(count) });
  acknowledge({ name: key.name, count, revision: created.metadata.resourceVersion });
  for (;;) {
    count += 1;
    const updated = await store.update(key, object(count), { record: recordOf(count) });
    acknowledge({ name: key.name, count, revision: updated.metadata.resourceVersion });
    await new Promise(setImmediate);
  }
}

async function appendEvents(stream) {
  for (let batch = 0; ; batch += 1) {
    const entries = Array.from({ length: 20 }, (_, index) => ({ id: `${batch}-${index}`, at: '2026-01-01T00:00:00Z', type: 'line', data: { batch, index } }));
    const { lastSeq } = await eventLog.append(stream, entries);
    acknowledge({ stream, lastSeq });
  }
}

async function compact() {
  for (;;) {
    const { head } = await store.revisions();
    await store.compact(head);
    await new Promise(setImmediate);
  }
}

await Promise.all([...Array.from({ length: 8 }, (_, writer) => writeObjects(writer)), appendEvents('run/n/a'), appendEvents('run/n/b'), compact()]);
