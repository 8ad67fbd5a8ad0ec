import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { openSqlite } from './openSqlite';
import type { SqliteWrite } from './sqliteWrites';
import { SqliteWriter } from './sqliteWriter';
import { toFailure, type WriterFailure } from './writerFailure';
import type { WriterThreadData, WriterMessage, WriterReply } from './writerMessages';

/** Another program's moment is waited for here at nobody's cost but that of those who write. */
const BUSY_TIMEOUT_MS = 2_000;

/**
 * The thread that writes to the SQLite file: the event loop of the server waits neither for SQLite nor for the disk. What is sent while a
 * commit is under way waits here, and goes together with the next.
 */
function serve(): void {
  const port = parentPort;
  if (port === null) throw new Error('This is the module of a thread, not a program');
  const { path, idle } = workerData as WriterThreadData;
  let operations: [string, number][] = [];
  let apart: WriterFailure[] = [];
  const db = openSqlite(path, { synchronous: 'FULL', cacheKiB: 8_192, busyTimeoutMs: BUSY_TIMEOUT_MS });
  const writer = new SqliteWriter(db, { observe: (operation, durationMs) => operations.push([operation, durationMs]), onApart: (error) => apart.push(toFailure(error)) });
  let waiting: SqliteWrite[] = [];
  let isClosing = false;

  const take = (message: WriterMessage): void => {
    if (message === 'close') isClosing = true;
    else waiting.push(...message);
  };

  port.on('message', (message: WriterMessage) => {
    take(message);
    for (;;) {
      for (let more = receiveMessageOnPort(port); more !== undefined; more = receiveMessageOnPort(port)) take(more.message as WriterMessage);
      if (waiting.length === 0) break;
      const settled = writer.next(waiting);
      waiting = waiting.slice(settled.length);
      const reply: WriterReply = { settled: settled.map((each) => ('error' in each ? { failure: toFailure(each.error) } : each)), operations, apart };
      operations = [];
      apart = [];
      port.postMessage(reply);
    }
    Atomics.store(idle, 0, 1);
    if (!isClosing) return;
    db.close();
    port.close();
  });
}

serve();
