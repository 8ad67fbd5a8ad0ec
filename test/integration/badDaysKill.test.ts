import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../src-server/app/log';
import { openSqliteStore } from '../../src-server/store/sql/sqlite/openSqliteStore';
import { postgresMissing, usePostgres } from '../harness/postgres';
import { startServer, type TestServer } from '../harness/startServer';

/** How often the server is killed; a hunt for something rare may want more. */
const ROUNDS = Number(process.env.KRADLE_TEST_KILL_ROUNDS ?? 50);
const POSTGRES_ROUNDS = Math.min(ROUNDS, 6);
/** Writes that are acknowledged in a round before the kill comes, at least. */
const WRITES_PER_ROUND = 24;
const WRITERS = 8;

const KUBE = '/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-default/agentcontextlabels';
const REST = '/api/orgs/default/resources';
const KEYS = 'agentcontextlabels/kradle-org-default/';

/** What a client knows of its object: it is gone, or it is there in this state. */
type Known = { readonly uid: string; readonly revision: bigint; readonly count: number } | undefined;
/** What is stored, in the order of the log. */
interface Change {
  readonly revision: bigint;
  readonly type: string;
  readonly name: string;
}

interface Stored {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string };
  readonly spec: { readonly promptFragment: string };
}

const postgres = usePostgres({ durable: true });

describe(`kill -9 under a load of writes, ${ROUNDS} times`, () => {
  it('loses nothing that was acknowledged, leaves nothing half-written, and a watcher that resumes sees every change once', { timeout: 600_000 }, async () => {
    await using server = await startServer();
    const seen = await killAgainAndAgain(server, ROUNDS);
    expect(await server.stop()).toBe(0);
    const path = join(server.dataDir, 'kradle.db');
    const db = new Database(path, { readonly: true });
    const rows = db.prepare<[string], { revision: bigint; type: string; key: string }>(`SELECT revision, type, key FROM log WHERE key LIKE ? || '%' ORDER BY revision`).safeIntegers(true).all(KEYS);
    db.close();
    expect(seen).toEqual(rows.map(toChange));
    const storage = await openSqliteStore({ path, log: silentLogger() });
    expect(await storage.checkIntegrity()).toEqual([]);
    await storage.close();
  });

  it.skipIf(postgresMissing !== undefined)(`the same on Postgres, ${POSTGRES_ROUNDS} times`, async () => {
    await using server = await startServer({ env: { KRADLE_DATABASE_URL: postgres().url() } });
    const seen = await killAgainAndAgain(server, POSTGRES_ROUNDS);
    expect(await server.stop()).toBe(0);
    const rows = await postgres().query<{ revision: string; type: string; key: string }>(`SELECT revision, type, key FROM kradle.log WHERE key LIKE '${KEYS}%' ORDER BY revision`);
    expect(seen).toEqual(rows.map(toChange));
  });
});

function toChange({ revision, type, key }: { revision: bigint | string; type: string; key: string }): Change {
  return { revision: BigInt(revision), type: { C: 'ADDED', U: 'MODIFIED', D: 'DELETED' }[type] ?? type, name: key.slice(KEYS.length) };
}

/** Answers all that the watcher was told, from the beginning to the last write. */
async function killAgainAndAgain(server: TestServer, rounds: number): Promise<readonly Change[]> {
  const watcher = new Watcher(await headOf(server));
  const writers = Array.from({ length: WRITERS }, (_, index) => new Writer(`w-${index}`));
  for (let round = 0; round < rounds; round += 1) {
    const watching = watcher.watch(server);
    let acknowledged = 0;
    let enough: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => (enough = resolve));
    const writing = writers.map((writer) => writer.write(server, () => (acknowledged += 1) === WRITES_PER_ROUND && enough()));
    await Promise.race([reached, Promise.all(writing)]);
    await server.kill9();
    await Promise.all([...writing, watching]);
    expect(acknowledged).toBeGreaterThanOrEqual(WRITES_PER_ROUND);
    await server.restart();
    const { items } = (await (await server.fetch(KUBE)).json()) as { items: Stored[] };
    for (const writer of writers) writer.compare(items.find(({ metadata }) => metadata.name === writer.name));
  }
  const last = (await server.api<Stored>('POST', KUBE, label('the-end', 0))).metadata.resourceVersion;
  await watcher.watch(server, BigInt(last));
  return watcher.changes;
}

async function headOf(server: TestServer): Promise<bigint> {
  const { metadata } = await server.api<{ metadata: { resourceVersion: string } }>('GET', KUBE);
  return BigInt(metadata.resourceVersion);
}

function label(name: string, count: number) {
  return { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AgentContextLabel', metadata: { name }, spec: { displayName: name, promptFragment: String(count), allowedSources: [] } };
}

/** A client with an object of its own, which it creates, changes and deletes by both doors, one request after the other. */
class Writer {
  readonly name: string;
  /** As it was acknowledged last. */
  #known: Known;
  /** What the request asked for that nobody answered. */
  #asked: { readonly count: number } | 'gone' | undefined;
  #step = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Writes until the server is gone. */
  async write(server: TestServer, onAcknowledged: () => void): Promise<void> {
    for (;;) {
      this.#step += 1;
      const deletes = this.#known !== undefined && this.#step % 7 === 0;
      const count = (this.#known?.count ?? 0) + 1;
      this.#asked = deletes ? 'gone' : { count };
      let response: Response;
      let answer: unknown;
      try {
        response = await this.#request(server, deletes ? undefined : count);
        answer = await response.json();
      } catch {
        return;
      }
      expect([200, 201], JSON.stringify(answer)).toContain(response.status);
      // REST's creation answers the object and what became of it.
      const object = (answer as { resource?: Stored }).resource ?? (answer as Stored);
      this.#known = deletes ? undefined : knownOf(object);
      this.#asked = undefined;
      onAcknowledged();
    }
  }

  #request(server: TestServer, count: number | undefined): Promise<Response> {
    const json = (type: string, body: unknown) => ({ headers: { 'Content-Type': type }, body: JSON.stringify(body) });
    const byRest = this.#step % 2 === 0;
    if (count === undefined) return server.fetch(byRest ? `${REST}/agentcontextlabels/${this.name}` : `${KUBE}/${this.name}`, { method: 'DELETE' });
    if (this.#known === undefined) return server.fetch(byRest ? REST : KUBE, { method: 'POST', ...json('application/json', label(this.name, count)) });
    const changed = label(this.name, count);
    if (byRest) return server.fetch(`${REST}/agentcontextlabels/${this.name}`, { method: 'PUT', ...json('application/json', { ...changed, metadata: { name: this.name, resourceVersion: String(this.#known.revision) } }) });
    return server.fetch(`${KUBE}/${this.name}`, { method: 'PATCH', ...json('application/merge-patch+json', { spec: { promptFragment: String(count) } }) });
  }

  /** What is stored is what was acknowledged, or the whole of what was asked for when the server died. */
  compare(stored: Stored | undefined): void {
    const found = stored && knownOf(stored);
    const [known, asked] = [this.#known, this.#asked];
    if (asked === 'gone' && found === undefined) this.#known = undefined;
    else if (typeof asked === 'object' && found !== undefined && found.count === asked.count && found.uid === (known?.uid ?? found.uid)) {
      expect(found.revision).toBeGreaterThan(known?.revision ?? 0n);
      this.#known = found;
    } else expect({ name: this.name, found }).toEqual({ name: this.name, found: known });
    this.#asked = undefined;
  }
}

function knownOf({ metadata, spec }: Stored): Exclude<Known, undefined> {
  return { uid: metadata.uid, revision: BigInt(metadata.resourceVersion), count: Number(spec.promptFragment) };
}

/** A client of the Kubernetes door that goes on where its stream broke off. */
class Watcher {
  readonly changes: Change[] = [];
  #after: bigint;

  constructor(after: bigint) {
    this.#after = after;
  }

  /** Until the server is gone, or has told of the revision `last`. */
  async watch(server: TestServer, last?: bigint): Promise<void> {
    const abort = new AbortController();
    try {
      const response = await server.fetch(`${KUBE}?watch=true&allowWatchBookmarks=true&resourceVersion=${this.#after}`, { signal: abort.signal });
      let rest = '';
      for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        // A line without its end is what the server was about to say when it died.
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) this.#take(JSON.parse(line) as { type: string; object: Stored });
        if (last !== undefined && this.#after >= last) return abort.abort();
      }
    } catch (error) {
      if (last !== undefined || !(error instanceof TypeError)) throw error;
    }
  }

  #take({ type, object: { metadata } }: { type: string; object: Stored }): void {
    expect(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']).toContain(type);
    const revision = BigInt(metadata.resourceVersion);
    if (type !== 'BOOKMARK') {
      expect(revision).toBeGreaterThan(this.#after);
      this.changes.push({ revision, type, name: metadata.name });
    }
    this.#after = revision;
  }
}
