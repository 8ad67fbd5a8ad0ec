import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { isStatusError } from '#shared/api/status';
import { silentLogger } from '../../src-server/app/log';
import { issueAuthority, issueServerCertificate } from '../../src-server/app/tls/issueCertificates';
import { openPostgresStore } from '../../src-server/store/sql/postgres/openPostgresStore';
import { eventually } from '../harness/eventually';
import { postgresMissing, usePostgres } from '../harness/postgres';
import { tempDir } from '../harness/tempDir';
import { keyOf, widget } from './storeSuite';

const postgres = usePostgres();

describe.skipIf(postgresMissing !== undefined)('sslmode, as libpq means it', () => {
  const nowMs = Date.now();
  let files: { right: string; wrong: string };
  let identity: { cert: string; key: string };
  beforeAll(async () => {
    const folder = await tempDir();
    const [right, wrong] = [await issueAuthority({ commonName: 'right', nowMs }), await issueAuthority({ commonName: 'wrong', nowMs })];
    identity = await issueServerCertificate(right, { names: ['localhost'], nowMs });
    files = { right: join(folder.path, 'right.pem'), wrong: join(folder.path, 'wrong.pem') };
    await writeFile(files.right, right.cert);
    await writeFile(files.wrong, wrong.cert);
    return () => folder[Symbol.asyncDispose]();
  });

  /** `tls`, `plain`, or why it was refused. */
  async function connectWith(parameters: string, host = '127.0.0.1'): Promise<string> {
    const url = `${postgres().url().replace('127.0.0.1', host)}${parameters}`;
    const opened = await openPostgresStore({ url, log: silentLogger() }).catch((error: unknown) => error);
    if (isStatusError(opened)) return opened.message.slice(opened.message.indexOf('kradle: ') + 'kradle: '.length);
    if (!(opened instanceof Object && 'store' in opened)) throw new Error('neither opened nor refused', { cause: opened });
    const storage = opened as Awaited<ReturnType<typeof openPostgresStore>>;
    onTestFinished(() => storage.close());
    await storage.store.start();
    await storage.store.create(keyOf(`w${Math.random()}`), widget('w'));
    const sessions = await postgres().query<{ ssl: boolean }>("SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'kradle'");
    await storage.close();
    await eventually('nobody connected', async () => (await postgres().query("SELECT 1 FROM pg_stat_activity WHERE application_name = 'kradle'")).length === 0);
    const kinds = new Set(sessions.map(({ ssl }) => (ssl ? 'tls' : 'plain')));
    return [...kinds].join(' and ');
  }

  test('on a server without TLS', async () => {
    expect(await connectWith('')).toBe('plain');
    for (const mode of ['disable', 'allow', 'prefer']) expect(await connectWith(`?sslmode=${mode}`), mode).toBe('plain');
    for (const mode of ['require', 'verify-full']) expect(await connectWith(`?sslmode=${mode}`), mode).toMatch(/does not support SSL/);
  });

  test('on a server with TLS', async () => {
    await postgres().useTls(identity);
    expect(await connectWith('')).toBe('tls');
    for (const mode of ['disable', 'allow']) expect(await connectWith(`?sslmode=${mode}`), mode).toBe('plain');
    for (const mode of ['prefer', 'require']) expect(await connectWith(`?sslmode=${mode}`), mode).toBe('tls');
    expect(await connectWith(`?sslmode=require&sslrootcert=${files.wrong}`)).toMatch(/certificate/);
    expect(await connectWith(`?sslmode=verify-ca&sslrootcert=${files.right}`)).toBe('tls');
    expect(await connectWith(`?sslmode=verify-ca&sslrootcert=${files.wrong}`)).toMatch(/certificate/);
    expect(await connectWith(`?sslmode=verify-full&sslrootcert=${files.right}`, 'localhost')).toBe('tls');
    expect(await connectWith(`?sslmode=verify-full&sslrootcert=${files.right}`)).toMatch(/IP: 127\.0\.0\.1 is not in the cert/);
    expect(await connectWith('?sslmode=verify-full', 'localhost')).toMatch(/certificate/);
    expect(await connectWith('?sslmode=verify-full&sslrootcert=/nowhere.pem')).toMatch(/sslrootcert names \/nowhere\.pem, which cannot be read/);
  });

  test('on a server that takes nothing but TLS', async () => {
    await postgres().useTls(identity, { only: true });
    await eventually('the setting', async () => (await connectWith('?sslmode=disable')) !== 'plain');
    expect(await connectWith('?sslmode=disable')).toMatch(/no encryption/);
    for (const mode of ['allow', 'prefer', 'require']) expect(await connectWith(`?sslmode=${mode}`), mode).toBe('tls');
  });
});
