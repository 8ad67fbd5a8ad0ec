import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresMissing, usePostgres } from '../harness/postgres';
import { startServer, type TestServer } from '../harness/startServer';

const CLIENTS = 1_000;
const KUBE = '/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-default/agentcontextlabels';
const REST = '/api/orgs/default/resources';
/**
 * Clients that read and write back at the same time; the next begins when one is done. One of those that write at a time wins, so with
 * all at once nearly all that the server did would be refusals.
 */
const AT_A_TIME = 8;
/** A client that lost waits up to this: as client-go's `RetryOnConflict`. */
const LOST_WAIT_MS = 50;

const postgres = usePostgres();
const label = (name: string, count = 0) => ({ kind: 'AgentContextLabel', metadata: { name }, spec: { displayName: name, promptFragment: String(count), allowedSources: [] } });
const json = (body: unknown) => ({ headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

describe.each<[string, string | undefined, () => Promise<TestServer>]>([
  ['SQLite', undefined, () => startServer()],
  ['Postgres', postgresMissing, () => startServer({ env: { KRADLE_DATABASE_URL: postgres().url() } })],
])('a thousand clients on %s', (database, missing, start) => {
  let server: TestServer;
  beforeAll(async () => {
    if (missing === undefined) server = await start();
  });
  afterAll(() => (missing === undefined ? server[Symbol.asyncDispose]() : undefined));

  it.skipIf(missing !== undefined)('that create one name: one has made it, the others are told that it is there', async () => {
    const answers = await Promise.all(Array.from({ length: CLIENTS }, async (_, index) => {
      const response = await server.fetch(KUBE, { method: 'POST', ...json(label('wanted', index)) });
      return { index, status: response.status, body: (await response.json()) as { reason?: string; spec?: unknown } };
    }));
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(1);
    expect(answers.filter(({ status, body }) => status === 409 && body.reason === 'AlreadyExists')).toHaveLength(CLIENTS - 1);
    expect(await server.api('GET', `${KUBE}/wanted`)).toMatchObject({ spec: { promptFragment: String(made[0]?.index) } });
  });

  // `kubeBadInput.test.ts` has the same on SQLite.
  if (database === 'SQLite') return;
  it.skipIf(missing !== undefined)('that read one object and write it back with one more: every one of them is counted', async () => {
    await server.api('POST', KUBE, label('counter'));
    let conflicts = 0;
    const increment = async (client: number): Promise<void> => {
      // Half of them by each door.
      const path = client % 2 === 0 ? `${KUBE}/counter` : `${REST}/agentcontextlabels/counter`;
      for (;;) {
        const object = await server.api<ReturnType<typeof label>>('GET', path);
        object.spec.promptFragment = String(Number(object.spec.promptFragment) + 1);
        const response = await server.fetch(path, { method: 'PUT', ...json(object) });
        await response.text();
        if (response.status === 200) return;
        expect(response.status).toBe(409);
        conflicts += 1;
        await delay(Math.random() * LOST_WAIT_MS);
      }
    };
    let next = 0;
    await Promise.all(Array.from({ length: AT_A_TIME }, async () => {
      while (next < CLIENTS) await increment(next++);
    }));
    expect(await server.api('GET', `${KUBE}/counter`)).toMatchObject({ spec: { promptFragment: String(CLIENTS) }, metadata: { generation: CLIENTS + 1 } });
    expect(conflicts).toBeGreaterThan(0);
  });
});
