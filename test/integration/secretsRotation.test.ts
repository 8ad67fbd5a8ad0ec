import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RotationState, SecretView } from '#shared/api/secrets';
import { eventually } from '../harness/eventually';
import { createRunFixture, ORG, type RunFixture } from '../harness/runFixture';

const SECRETS = `/api/orgs/${ORG}/secrets`;
const COUNT = 60;

let fixture: RunFixture;
beforeAll(async () => {
  fixture = await createRunFixture();
  await fixture.repository('shop');
  for (let index = 0; index < COUNT; index += 1) await fixture.server.api('POST', SECRETS, { name: `s${index}`, data: { VALUE: `value-number-${index}` } });
  await fixture.agent('reader', { prompt: [{ sayEnv: { name: 'VALUE', encoding: 'utf8' } }] });
});
afterAll(() => fixture[Symbol.asyncDispose]());

const state = (): Promise<RotationState> => fixture.server.api('GET', '/api/system/keys');
const keyFile = async (): Promise<string[]> => (await readFile(join(fixture.server.dataDir, 'secret.key'), 'utf8')).trim().split('\n');

/** Whether a run gets the value: only who can decrypt it has something to redact. */
async function isReadable(secret: string): Promise<void> {
  const grant = `reader-${secret}`;
  await fixture.server.api('POST', `/api/orgs/${ORG}/secret-grants`, { name: grant, secretName: secret, grantedTo: 'reader' });
  const { status } = await fixture.ended(await fixture.dispatch('shop', 'reader'));
  expect(status).toMatchObject({ phase: 'Completed', summary: '***' });
  await fixture.server.api('DELETE', `/api/orgs/${ORG}/resources/agentsecretgrants/${grant}`);
}

describe('a rotation of the keys', () => {
  it('wraps everything anew while the server serves, and signs nobody out', async () => {
    const before = await state();
    expect(before).toMatchObject({ pending: 0, unreadable: 0, keys: [{ values: COUNT }] });
    const { stdout, code } = await fixture.server.cli(['secrets', 'rotate']);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`${COUNT} of ${COUNT} values`)]);
    const after = await state();
    expect(after.currentKey).not.toBe(before.currentKey);
    expect(after.keys).toEqual([{ id: after.currentKey, values: COUNT }, { id: before.currentKey, values: 0, replacedAt: expect.any(String) }]);
    expect(await keyFile()).toHaveLength(2);
    await isReadable('s0');
  });

  it('goes on where it was when the server is killed, again and again', async () => {
    for (let round = 0; round < 4; round += 1) {
      await fixture.server.api('POST', '/api/system/keys/rotate', {});
      await fixture.server.kill9();
      await fixture.server.restart();
    }
    const done = await eventually('everything is under the present key', async () => {
      const now = await state();
      return now.pending === 0 ? now : undefined;
    });
    expect(done).toMatchObject({ unreadable: 0, keys: expect.arrayContaining([{ id: done.currentKey, values: COUNT }]) });
    expect(done.keys).toHaveLength(6);
    for (const secret of ['s0', `s${COUNT - 1}`]) await isReadable(secret);
  });

  it('works on a server that is stopped', async () => {
    const before = await state();
    await fixture.server.stop();
    const { stdout, code, stderr } = await fixture.server.cli(['secrets', 'rotate', '--json']);
    expect([code, stderr]).toEqual([0, '']);
    await fixture.server.restart();
    expect(JSON.parse(stdout)).toMatchObject({ pending: 0, unreadable: 0 });
    expect((await state()).currentKey).not.toBe(before.currentKey);
    await isReadable('s1');
  });

  it('is for administrators of the installation', async () => {
    const answer = await fixture.server.fetch('/api/system/keys/rotate', { method: 'POST', headers: { Authorization: `Bearer ${fixture.token('run-none')}`, 'Content-Type': 'application/json' }, body: '{}' });
    expect(answer.ok).toBe(false);
  });
});

describe('a database that somebody changed', () => {
  it('names the secret that cannot be decrypted, and fails neither server nor other secrets', async () => {
    await fixture.server.stop();
    swapValues(join(fixture.server.dataDir, 'kradle.db'), 's2', 's3');
    await fixture.server.restart();
    await fixture.server.api('POST', `/api/orgs/${ORG}/secret-grants`, { name: 'swapped', secretName: 's2', grantedTo: 'reader' });
    const { status } = await fixture.ended(await fixture.dispatch('shop', 'reader'));
    expect(status).toMatchObject({ phase: 'Failed', reason: 'SecretUnavailable', message: expect.stringContaining('"VALUE" of Secret "s2" cannot be decrypted') });
    await fixture.server.api('DELETE', `/api/orgs/${ORG}/resources/agentsecretgrants/swapped`);
    expect((await fixture.server.api<SecretView>('GET', `${SECRETS}/s2`)).keys).toEqual(['VALUE']);
    await isReadable('s4');
    await fixture.server.api('PUT', `${SECRETS}/s2`, { data: { VALUE: 'written again' } });
    await isReadable('s2');
  });

  it('says which key is missing when the file was replaced', async () => {
    await fixture.server.stop();
    const file = join(fixture.server.dataDir, 'secret.key');
    const kept = await readFile(file);
    await writeFile(file, `${Buffer.alloc(32, 5).toString('base64')}\n`);
    await fixture.server.restart();
    expect(await state()).toMatchObject({ pending: 0, unreadable: expect.any(Number) });
    await fixture.server.api('POST', `/api/orgs/${ORG}/secret-grants`, { name: 'lost', secretName: 's5', grantedTo: 'reader' });
    const { status } = await fixture.ended(await fixture.dispatch('shop', 'reader'));
    expect(status).toMatchObject({ phase: 'Failed', reason: 'SecretUnavailable', message: expect.stringMatching(/"VALUE" of Secret "s5" is encrypted under key [0-9a-f]{16}/) });
    await fixture.server.api('DELETE', `/api/orgs/${ORG}/resources/agentsecretgrants/lost`);
    await fixture.server.stop();
    await writeFile(file, kept);
    await fixture.server.restart();
    await isReadable('s5');
  });
});

/** Puts the encrypted value of each in the place of the other's, as who can write the database could. */
function swapValues(path: string, one: string, other: string): void {
  const db = new Database(path);
  try {
    const rows = db.prepare("SELECT key, value FROM object WHERE key LIKE '%secretvalues%'").all() as { key: string; value: string }[];
    const read = (secret: string) => {
      const found = rows.map(({ key, value }) => ({ key, object: JSON.parse(value) as { spec: { secret: string; values: Record<string, string>; wrappedKey: string } } })).find(({ object }) => object.spec.secret === secret);
      if (found === undefined) throw new Error(`no values of ${secret}`);
      return found;
    };
    const [a, b] = [read(one), read(other)];
    [a.object.spec.values, b.object.spec.values] = [b.object.spec.values, a.object.spec.values];
    [a.object.spec.wrappedKey, b.object.spec.wrappedKey] = [b.object.spec.wrappedKey, a.object.spec.wrappedKey];
    for (const { key, object } of [a, b]) db.prepare('UPDATE object SET value = ? WHERE key = ?').run(JSON.stringify(object), key);
  } finally {
    db.close();
  }
}
