import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { tempDir } from '../../../test/harness/tempDir';
import { createTlsIdentity, tlsNames } from './tlsIdentity';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const NAMES = ['localhost', '127.0.0.1', '::1', 'box.example'];

function identity(folder: string, opts: { names?: readonly string[]; at?: () => number } = {}) {
  return createTlsIdentity({ folder, names: opts.names ?? NAMES, now: opts.at ?? (() => START), log: pino({ level: 'silent' }) });
}

it('makes an authority and a certificate for all names, readable for the owner alone', async () => {
  await using dir = await tempDir();
  const folder = join(dir.path, 'tls');
  const { cert } = await identity(folder)();
  const [server, authority] = [new X509Certificate(cert), new X509Certificate(readFileSync(join(folder, 'ca.pem')))];
  expect(server.verify(authority.publicKey) && server.checkIssued(authority) && authority.ca && !server.ca).toBe(true);
  expect(server.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  expect([server.checkHost('box.example'), server.checkHost('localhost'), server.checkIP('::1'), server.checkIP('127.0.0.1')]).not.toContain(undefined);
  expect(server.checkHost('other.example')).toBeUndefined();
  expect(Date.parse(authority.validTo) - START).toBeGreaterThan(3_640 * DAY_MS);
  expect(Date.parse(server.validTo) - START).toBeLessThan(398 * DAY_MS);
  expect(readdirSync(folder).sort()).toEqual(['ca.key', 'ca.pem', 'server.key', 'server.pem']);
  for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

it('answers the same until it is near its end, also after a restart', async () => {
  await using dir = await tempDir();
  let now = START;
  const find = identity(dir.path, { at: () => now });
  const [first, again] = await Promise.all([find(), find()]);
  expect(again).toBe(first);
  now = START + 200 * DAY_MS;
  expect(await find()).toBe(first);
  expect(await identity(dir.path, { at: () => now })()).toEqual(first);
  now = START + 300 * DAY_MS;
  const renewed = await find();
  expect(renewed.cert).not.toBe(first.cert);
  expect(await identity(dir.path, { at: () => now })()).toEqual(renewed);
  expect(new X509Certificate(renewed.cert).verify(new X509Certificate(readFileSync(join(dir.path, 'ca.pem'))).publicKey)).toBe(true);
});

it('signs again under the same authority when the names changed or the clock was ahead', async () => {
  await using dir = await tempDir();
  const first = await identity(dir.path)();
  const authority = readFileSync(join(dir.path, 'ca.pem'), 'utf8');
  for (const changed of [identity(dir.path, { names: [...NAMES, 'new.example'] }), identity(dir.path, { names: NAMES.slice(0, 3) }), identity(dir.path, { at: () => START - DAY_MS })]) {
    expect((await changed()).cert).not.toBe(first.cert);
    expect(readFileSync(join(dir.path, 'ca.pem'), 'utf8')).toBe(authority);
  }
});

it('makes a new authority before the old one ends', async () => {
  await using dir = await tempDir();
  const first = await identity(dir.path)();
  const authority = readFileSync(join(dir.path, 'ca.pem'), 'utf8');
  const { cert } = await identity(dir.path, { at: () => START + 3_300 * DAY_MS })();
  expect(cert).not.toBe(first.cert);
  expect(readFileSync(join(dir.path, 'ca.pem'), 'utf8')).not.toBe(authority);
});

it.each(['ca.key', 'ca.pem', 'server.key', 'server.pem'])('gets over a %s that is cut short or gone', async (file) => {
  await using dir = await tempDir();
  await identity(dir.path)();
  writeFileSync(join(dir.path, file), readFileSync(join(dir.path, file), 'utf8').slice(0, 60));
  const { cert } = await identity(dir.path)();
  expect(new X509Certificate(cert).verify(new X509Certificate(readFileSync(join(dir.path, 'ca.pem'))).publicKey)).toBe(true);
});

it('takes rights away that a backup gave', async () => {
  await using dir = await tempDir();
  await identity(dir.path)();
  chmodSync(join(dir.path, 'ca.key'), 0o644);
  await identity(dir.path)();
  expect(statSync(join(dir.path, 'ca.key')).mode & 0o777).toBe(0o600);
});

it('tries again after a while when the authority could not be stored', async () => {
  await using dir = await tempDir();
  // A file where the folder should be: nobody, not even root, can write under it.
  const folder = join(dir.path, 'tls');
  writeFileSync(folder, '');
  let now = START;
  const find = identity(folder, { at: () => now });
  const failure = find();
  await expect(failure).rejects.toThrow();
  rmSync(folder);
  expect(find()).toBe(failure);
  now += 10_000;
  expect((await find()).cert).toContain('CERTIFICATE');
});

it('serves a renewed certificate that cannot be stored', async () => {
  await using dir = await tempDir();
  await identity(dir.path)();
  // A folder in its place takes no file, whoever writes.
  const [stored, place] = [readFileSync(join(dir.path, 'ca.pem')), join(dir.path, 'server.pem')];
  rmSync(place);
  mkdirSync(join(place, 'taken'), { recursive: true });
  rmSync(join(dir.path, 'server.key'));
  const { cert } = await identity(dir.path)();
  expect(new X509Certificate(cert).verify(new X509Certificate(stored).publicKey)).toBe(true);
});

it('names what the configuration knows the server by, and nothing that is no name', () => {
  const names = tlsNames({ host: '0.0.0.0', publicUrl: 'https://Kradle.example:8443/x', allowedHosts: ['forge.lan', '[fd00::1]', '*.wild', 'bad_name', ''] });
  expect(names).toEqual(expect.arrayContaining(['localhost', '127.0.0.1', '::1', 'kradle.example', 'forge.lan', 'fd00::1']));
  for (const wrong of ['0.0.0.0', '*.wild', 'bad_name', '']) expect(names).not.toContain(wrong);
  expect(tlsNames({ host: '127.0.0.1', publicUrl: undefined, allowedHosts: [] }).filter((name) => name === '127.0.0.1')).toHaveLength(1);
});
