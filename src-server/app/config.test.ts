import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isStatusError } from '#shared/api/status';
import { loadConfig } from './config';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'kradle-config-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

describe('configuration', () => {
  it('takes flags before the environment, the environment before the file, the file before defaults', async () => {
    writeFileSync(join(dataDir, 'config.yaml'), 'port: 4001\nlogLevel: warn\nmaxConcurrentRuns: 9\n');
    const { config, sources } = await loadConfig({ flags: { dataDir, port: 4003 }, env: { KRADLE_PORT: '4002', KRADLE_LOG_LEVEL: 'debug' } });
    expect(config).toMatchObject({ port: 4003, logLevel: 'debug', maxConcurrentRuns: 9, host: '127.0.0.1' });
    expect(sources).toMatchObject({ port: 'flag', logLevel: 'environment', maxConcurrentRuns: 'file', host: 'default' });
  });

  it('names every wrong setting, and where it came from, at once', async () => {
    writeFileSync(join(dataDir, 'config.yaml'), 'prot: 1\n');
    let failure: unknown;
    try {
      await loadConfig({ flags: { dataDir }, env: { KRADLE_PORT: '99999', KRADLE_LOG_LEVEL: 'loud' } });
    } catch (error) {
      failure = error;
    }
    expect(isStatusError(failure, 'Invalid')).toBe(true);
    if (isStatusError(failure)) expect(failure.details.causes?.map((cause) => cause.field)).toEqual(['KRADLE_PORT', 'KRADLE_LOG_LEVEL', 'prot']);
  });

  it('says where a broken file breaks', async () => {
    writeFileSync(join(dataDir, 'config.yaml'), 'port: [1\n');
    await expect(loadConfig({ flags: { dataDir }, env: {} })).rejects.toThrow(/config\.yaml is not YAML/);
  });

  it('reads a list of hosts from one variable', async () => {
    expect((await loadConfig({ flags: { dataDir }, env: { KRADLE_ALLOWED_HOSTS: 'a.example, b.example' } })).config.allowedHosts).toEqual(['a.example', 'b.example']);
  });

  it('takes the address of a Postgres, and of nothing else, without repeating what is wrong', async () => {
    const databaseUrl = 'postgres://una:secret@db.example/kradle?sslmode=require';
    expect((await loadConfig({ flags: { dataDir }, env: { KRADLE_DATABASE_URL: databaseUrl } })).config.databaseUrl).toBe(databaseUrl);
    expect((await loadConfig({ flags: { dataDir }, env: {} })).config.databaseUrl).toBeUndefined();
    const refused = loadConfig({ flags: { dataDir }, env: { KRADLE_DATABASE_URL: 'mysql://una:secret@db.example/kradle' } });
    await expect(refused).rejects.toMatchObject({ reason: 'Invalid', details: { causes: [{ field: 'KRADLE_DATABASE_URL', message: expect.stringContaining('must begin with postgres://') }] } });
    await expect(refused).rejects.not.toThrow('secret');
  });
});
