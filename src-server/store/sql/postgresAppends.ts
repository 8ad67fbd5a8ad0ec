import { isStatusError } from '#shared/api/status';
import type { AppendOutcome, AppendRequest } from './dialect';
import type { PostgresConnections, PostgresStatement } from './postgresConnections';
import { POSTGRES_STATEMENTS as SQL } from './postgresStatements';

/** What one statement takes at most. */
const MAX_BATCH = 64;
const MAX_BATCH_CHARACTERS = 4 * 1024 * 1024;

interface Pending {
  readonly request: AppendRequest;
  readonly resolve: (outcome: AppendOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** What is said of an append: the object as it was, if it was there, and the revision under which the change is stored, if it is. */
interface AppendRow {
  readonly stored: bigint | null;
  readonly revision?: bigint | null;
  readonly uid?: string;
  readonly value?: string;
  /** The same bytes are stored already. */
  readonly same?: boolean;
}

/**
 * Object writes of this process, one statement after the other: another would only wait for the counter row. One that comes alone is a
 * statement of its own; those that come while others are under way go together, each key once, so that they share a way to the server
 * and a sync of its disk, and none waits for company.
 */
export class PostgresAppends {
  readonly #connections: PostgresConnections;
  #queue: Pending[] = [];
  #isSending = false;

  constructor(connections: PostgresConnections) {
    this.#connections = connections;
  }

  append(request: AppendRequest): Promise<AppendOutcome> {
    return new Promise((resolve, reject) => {
      // Whatever else asks in this turn of the event loop goes along.
      if (this.#queue.length === 0) setImmediate(() => void this.#pump());
      this.#queue.push({ request, resolve, reject });
    });
  }

  /** Until nobody waits. */
  async #pump(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.#queue.length > 0) await this.#send(this.#takeBatch());
    this.#isSending = false;
  }

  /** The next in line, but of each key only the first: the second must see what became of it. */
  #takeBatch(): Pending[] {
    const batch: Pending[] = [];
    const later: Pending[] = [];
    const keys = new Set<string>();
    let size = 0;
    for (const pending of this.#queue) {
      const { request } = pending;
      const fits = batch.length === 0 || (batch.length < MAX_BATCH && size <= MAX_BATCH_CHARACTERS);
      if (fits && !keys.has(request.key)) {
        batch.push(pending);
        size += request.type === 'D' ? 0 : request.value.length;
      } else {
        later.push(pending);
      }
      keys.add(request.key);
    }
    this.#queue = later;
    return batch;
  }

  /** Settles every one of the batch; never rejects itself. */
  async #send(batch: readonly Pending[]): Promise<void> {
    try {
      const rows = await this.#store(batch.map(({ request }) => request));
      batch.forEach(({ request, resolve }, index) => resolve(toOutcome(request, rows[index])));
    } catch (error) {
      // A fault in one of them has undone all: each by itself shows whose it is.
      const isOfOne = batch.length > 1 && !isStatusError(error, 'ServiceUnavailable', 'InsufficientStorage');
      if (isOfOne) for (const pending of batch) await this.#send([pending]);
      else for (const { reject } of batch) reject(error);
    }
  }

  async #store(requests: readonly AppendRequest[]): Promise<AppendRow[]> {
    const [first, second] = requests;
    if (first !== undefined && second === undefined) return this.#connections.write<AppendRow>(...single(first));
    return this.#connections.write<AppendRow>(SQL.appendMany, [
      requests.map(({ type }) => type),
      requests.map(({ key }) => key),
      requests.map((request) => (request.type === 'D' ? null : request.uid)),
      requests.map((request) => (request.type === 'D' ? null : request.value)),
      requests.map(({ at }) => at),
      requests.map((request) => (request.type === 'C' ? null : (request.expectedRevision ?? null))),
      requests.map((request) => (request.type === 'D' ? (request.expectedUid ?? null) : null)),
    ]);
  }
}

function single(request: AppendRequest): [PostgresStatement, unknown[]] {
  const { key, at } = request;
  switch (request.type) {
    case 'C':
      return [SQL.appendCreate, [key, request.uid, request.value, at]];
    case 'U':
      return [SQL.appendUpdate, [key, request.uid, request.value, at, request.expectedRevision]];
    case 'D':
      return [SQL.appendDelete, [key, at, request.expectedRevision, request.expectedUid]];
  }
}

function toOutcome(request: AppendRequest, row: AppendRow | undefined): AppendOutcome {
  const stored = row?.stored ?? undefined;
  const revision = row?.revision ?? undefined;
  if (request.type === 'C') return stored === undefined ? { outcome: 'exists' } : { outcome: 'stored', revision: stored, value: request.value };
  if (row === undefined || revision === undefined) return { outcome: 'missing' };
  if (stored !== undefined) return { outcome: 'stored', revision: stored, value: request.type === 'U' ? request.value : (row.value ?? '') };
  const isMeant = request.expectedRevision === undefined || request.expectedRevision === revision;
  return request.type === 'U' && isMeant && row.same === true ? { outcome: 'unchanged', revision, value: request.value } : { outcome: 'stale', revision, uid: row.uid ?? '' };
}
