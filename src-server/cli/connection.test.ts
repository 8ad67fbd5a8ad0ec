import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findConnection } from './connection';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'kradle-connection-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

function localServer(url = 'http://127.0.0.1:3080'): void {
  writeFileSync(join(dataDir, 'server.json'), JSON.stringify({ url, pid: 1 }));
  writeFileSync(join(dataDir, 'admin-token'), 'local-token\n');
}

describe('findConnection', () => {
  it('finds the server of the data folder with its token', () => {
    localServer();
    expect(findConnection({ dataDir })).toEqual({ url: 'http://127.0.0.1:3080', token: 'local-token', source: 'data folder' });
  });

  it('says how to start one when none runs', () => {
    expect(() => findConnection({ dataDir })).toThrow(expect.objectContaining({ exitCode: 3, hint: expect.stringContaining('kradle serve') as string }));
  });

  it('prefers the server that was named', () => {
    localServer();
    expect(findConnection({ dataDir, server: 'https://kradle.example/', token: 'mine' })).toMatchObject({ url: 'https://kradle.example', token: 'mine' });
  });

  it('never sends this machine\'s token to another server', () => {
    localServer();
    expect(findConnection({ dataDir, server: 'https://kradle.example' }).token).toBeUndefined();
    expect(findConnection({ dataDir, server: 'http://127.0.0.1:3081' }).token).toBeUndefined();
    expect(findConnection({ dataDir, server: '127.0.0.1:3080/' }).token).toBe('local-token');
  });

  it('refuses an address that is none', () => {
    expect(() => findConnection({ dataDir, server: 'http://' })).toThrow(expect.objectContaining({ exitCode: 2 }));
  });

  it('treats a half-written server file as no server', () => {
    writeFileSync(join(dataDir, 'server.json'), '{"url":');
    expect(() => findConnection({ dataDir })).toThrow(expect.objectContaining({ exitCode: 3 }));
  });
});
