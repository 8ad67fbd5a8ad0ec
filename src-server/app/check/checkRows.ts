import { countRows } from '../../store/copy/copyRows';
import type { DatabaseProblem, DatabaseSnapshot } from '../../store/copy/databaseSnapshot';
import { ROWS_OF, TABLE_NAMES, type Row, type TableName } from '../../store/copy/databaseTables';
import { decodeKey } from '../../store/objectKey';
import type { ReportProgress } from '../backup/progress';

export interface CheckedRows {
  readonly counts: Readonly<Record<TableName, number>>;
  readonly problems: readonly DatabaseProblem[];
}

export interface CheckRowsOptions {
  /** Sees every object that can be read. */
  readonly onObject?: (key: string, object: unknown) => void;
  readonly onProgress?: ReportProgress;
}

/** Reads every row of a database and says which cannot be what they should be: no key, no JSON, another object than its key says. */
export async function checkRows(snapshot: DatabaseSnapshot, opts: CheckRowsOptions = {}): Promise<CheckedRows> {
  const counts = await countRows(snapshot);
  const problems = new Problems();
  const checks: Readonly<Record<TableName, (row: Row) => void>> = {
    object: ([key, uid, , value]) => {
      const name = text(key);
      problems.add('a key is none', decodeKey(name) === undefined, name);
      const object = readJson(value);
      problems.add('an object is not JSON', object === undefined, name);
      if (object === undefined) return;
      problems.add('an object is another than its key says', !isObjectOf(name, object), name);
      problems.add('an object has another uid than is noted beside it', metadataOf(object)?.uid !== uid, name);
      opts.onObject?.(name, object);
    },
    log: ([revision, key, , , , replaced]) => {
      const place = text(revision);
      problems.add('a change in the log has a key that is none', decodeKey(text(key)) === undefined, place);
      if (replaced === null) return;
      const object = readJson(replaced);
      problems.add('a change in the log is not JSON', object === undefined, place);
      problems.add('a change in the log is of another object than its key says', object !== undefined && !isObjectOf(text(key), object), place);
    },
    event_stream: ([, , lastSeq]) => problems.add('an event stream has a negative count', typeof lastSeq === 'bigint' && lastSeq < 0n, ''),
    event: ([stream, seq, id, , , data]) => {
      const place = `event ${text(seq)} of stream ${text(stream)}`;
      problems.add('an event is not JSON', readJson(data) === undefined, place);
      problems.add('an event has no id', id === '', place);
    },
  };
  for (const table of TABLE_NAMES) {
    let done = 0;
    for await (const rows of snapshot.pages(table)) {
      rows.forEach(checks[table]);
      opts.onProgress?.({ what: ROWS_OF[table], done: (done += rows.length), total: counts[table] });
    }
  }
  return { counts, problems: problems.list() };
}

/** Counts each kind of problem, and keeps one example of it. */
class Problems {
  readonly #found = new Map<string, { count: number; example: string }>();

  add(problem: string, isOne: boolean, example: string): void {
    if (!isOne) return;
    const known = this.#found.get(problem);
    if (known === undefined) this.#found.set(problem, { count: 1, example });
    else known.count += 1;
  }

  list(): DatabaseProblem[] {
    return [...this.#found].map(([problem, found]) => ({ problem, ...found }));
  }
}

function isObjectOf(key: string, object: unknown): boolean {
  const decoded = decodeKey(key);
  const metadata = metadataOf(object);
  return decoded !== undefined && metadata?.name === decoded.name && (metadata.namespace ?? '') === decoded.namespace;
}

function metadataOf(object: unknown): { name?: unknown; namespace?: unknown; uid?: unknown } | undefined {
  if (typeof object !== 'object' || object === null || !('metadata' in object)) return undefined;
  return typeof object.metadata === 'object' && object.metadata !== null ? object.metadata : undefined;
}

/** Undefined for what is no JSON text; JSON itself knows no undefined. */
function readJson(cell: Row[number] | undefined): unknown {
  try {
    return JSON.parse(text(cell));
  } catch {
    return undefined;
  }
}

function text(cell: Row[number] | undefined): string {
  return typeof cell === 'string' ? cell : String(cell ?? '');
}
