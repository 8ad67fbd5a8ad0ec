import { hkdfSync } from 'node:crypto';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '../../test/harness/tempDir';
import { describe, expect, it } from 'vitest';
import { keyRingOf, openKeyFile } from './keyRing';

const NOW = '2026-01-02T03:04:05.000Z';

describe('openKeyFile', () => {
  it('makes a first key that is the owner\'s alone, and reads it again', async () => {
    await using folder = await tempDir('kradle-keys-');
    const path = join(folder.path, 'secret.key');
    const ring = openKeyFile(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(openKeyFile(path).current).toEqual(ring.current);
    expect(openKeyFile(path).derive('session')).toEqual(ring.derive('session'));
  });

  it('keeps what was derived from a file of earlier versions, which has one key', async () => {
    await using folder = await tempDir('kradle-keys-');
    const path = join(folder.path, 'secret.key');
    const key = Buffer.alloc(32, 7);
    writeFileSync(path, `${key.toString('base64')}\n`);
    expect(openKeyFile(path).derive('session')).toEqual(Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), 'kradle session', 32)));
  });

  it('derives from earlier keys after a rotation, in this process and the next', async () => {
    await using folder = await tempDir('kradle-keys-');
    const path = join(folder.path, 'secret.key');
    const ring = openKeyFile(path);
    const first = ring.current.id;
    const derived = ring.derive('secrets');
    const second = ring.rotate(NOW);
    expect(ring.derive('secrets')).not.toEqual(derived);
    for (const each of [ring, openKeyFile(path)]) {
      expect(each.all).toEqual([{ id: second.id }, { id: first, replacedAt: NOW }]);
      expect(each.derive('secrets', first)).toEqual(derived);
    }
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder.path)).toEqual(['secret.key']);
  });

  it('sees after a reload what another process has rotated', async () => {
    await using folder = await tempDir('kradle-keys-');
    const path = join(folder.path, 'secret.key');
    const [ring, other] = [openKeyFile(path), openKeyFile(path)];
    const { id } = other.rotate(NOW);
    expect(ring.byId(id)).toBeUndefined();
    ring.reload();
    expect(ring.current.id).toBe(id);
  });

  it('forgets earlier keys and never the present one', async () => {
    await using folder = await tempDir('kradle-keys-');
    const path = join(folder.path, 'secret.key');
    const ring = openKeyFile(path);
    const first = ring.current.id;
    const second = ring.rotate(NOW).id;
    ring.forget([first, second]);
    expect(openKeyFile(path).all).toEqual([{ id: second }]);
    expect(() => ring.derive('secrets', first)).toThrow('is not in secret.key');
  });

  it('refuses a file that holds something else, and leaves it as it is', async () => {
    await using folder = await tempDir('kradle-keys-');
    const path = join(folder.path, 'secret.key');
    writeFileSync(path, 'c2hvcnQ=\n');
    expect(() => openKeyFile(path)).toThrow('does not hold the keys');
    expect(readFileSync(path, 'utf8')).toBe('c2hvcnQ=\n');
  });
});

describe('keyRingOf', () => {
  it('names keys by an id that is the same everywhere and another for another key', () => {
    const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const ring = keyRingOf([one, two]);
    expect(ring.current.id).toMatch(/^[0-9a-f]{16}$/);
    expect(keyRingOf([two]).current.id).toBe(ring.all[1]?.id);
    expect(ring.derive('a', ring.all[1]?.id)).toEqual(keyRingOf([two]).derive('a'));
  });
});
