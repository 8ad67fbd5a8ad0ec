import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { StatusError } from '#shared/api/status';

/** A key of the installation, by what may be told of it. */
export interface RingKey {
  /** Follows from the key and tells nothing of it: 16 hexadecimal digits. */
  readonly id: string;
  /** When another took its place, RFC 3339; absent for the present one. */
  readonly replacedAt?: string;
}

/**
 * The keys that everything of this installation is signed and encrypted with: the present one for what is new, earlier ones for what was
 * made with them. Never used themselves; every purpose has a key derived from them.
 */
export interface KeyRing {
  readonly current: RingKey;
  /** The present one first, then from young to old. */
  readonly all: readonly RingKey[];
  byId(id: string): RingKey | undefined;
  /**
   * 32 bytes for one purpose (HKDF-SHA-256), of the present key unless an id says otherwise. The same for ever for the same key and purpose.
   *
   * @throws InternalError for a key that this data folder does not have.
   */
  derive(purpose: string, keyId?: string): Buffer;
}

/** The ring of a data folder, kept in `secret.key`. */
export interface KeyFile extends KeyRing {
  /** Makes a new present key. It is safe on the disk when this returns. */
  rotate(now: string): RingKey;
  /** Forgets earlier keys. The present one stays whatever is asked. */
  forget(ids: readonly string[]): void;
  /** Reads the file again: another process may have changed it. */
  reload(): void;
}

interface StoredKey extends RingKey {
  readonly bytes: Buffer;
}

const KEY_BYTES = 32;

/** The ring of these keys of 32 bytes, the present one first. */
export function keyRingOf(keys: readonly Buffer[]): KeyRing {
  return new Ring(keys.map((bytes) => ({ id: idOf(bytes), bytes })));
}

/**
 * Opens the file with the keys, or makes it with a first one. A line a key, as base64, the present one first, behind every other the
 * time at which it was replaced: one file, so that a rotation is one rename. 0600.
 *
 * @throws Invalid when the file holds something else: to go on with a new key would leave everything unreadable.
 */
export function openKeyFile(path: string): KeyFile {
  if (!existsSync(path) || readFileSync(path, 'utf8').trim() === '') write(path, [newKey()]);
  // It may have come back from a backup, readable for everybody.
  chmodSync(path, 0o600);
  return new FileRing(path);
}

class Ring implements KeyRing {
  protected keys: readonly StoredKey[];
  readonly #derived = new Map<string, Buffer>();

  constructor(keys: readonly StoredKey[]) {
    this.keys = keys;
  }

  get current(): RingKey {
    return toRingKey(this.#present());
  }

  get all(): readonly RingKey[] {
    return this.keys.map(toRingKey);
  }

  byId(id: string): RingKey | undefined {
    const found = this.keys.find((key) => key.id === id);
    return found === undefined ? undefined : toRingKey(found);
  }

  derive(purpose: string, keyId?: string): Buffer {
    const key = keyId === undefined ? this.#present() : this.keys.find(({ id }) => id === keyId);
    if (key === undefined) throw new StatusError('InternalError', `The key ${keyId ?? ''} is not in secret.key of this data folder`, { code: 'KEY_MISSING' });
    const place = `${key.id} ${purpose}`;
    const known = this.#derived.get(place);
    if (known !== undefined) return known;
    const derived = Buffer.from(hkdfSync('sha256', key.bytes, Buffer.alloc(0), `kradle ${purpose}`, KEY_BYTES));
    this.#derived.set(place, derived);
    return derived;
  }

  #present(): StoredKey {
    const [present] = this.keys;
    if (present === undefined) throw new Error('a key ring has at least one key');
    return present;
  }
}

class FileRing extends Ring implements KeyFile {
  readonly #path: string;

  constructor(path: string) {
    super(read(path));
    this.#path = path;
  }

  rotate(now: string): RingKey {
    const [present, ...earlier] = read(this.#path);
    const keys = [newKey(), ...(present === undefined ? [] : [{ ...present, replacedAt: now }]), ...earlier];
    write(this.#path, keys);
    this.keys = keys;
    return this.current;
  }

  forget(ids: readonly string[]): void {
    const stored = read(this.#path);
    const keys = stored.filter((key, index) => index === 0 || !ids.includes(key.id));
    if (keys.length < stored.length) write(this.#path, keys);
    this.keys = keys;
  }

  reload(): void {
    this.keys = read(this.#path);
  }
}

function newKey(): StoredKey {
  const bytes = randomBytes(KEY_BYTES);
  return { id: idOf(bytes), bytes };
}

function idOf(bytes: Buffer): string {
  return createHash('sha256').update('kradle key id').update(bytes).digest('hex').slice(0, 16);
}

function toRingKey({ id, replacedAt }: StoredKey): RingKey {
  return { id, ...(replacedAt === undefined ? {} : { replacedAt }) };
}

function read(path: string): StoredKey[] {
  const lines = readFileSync(path, 'utf8').split('\n').map((line) => line.trim()).filter(Boolean);
  const keys = lines.map((line): StoredKey => {
    const [text = '', replacedAt] = line.split(/\s+/);
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length !== KEY_BYTES) throw new StatusError('Invalid', `${path} does not hold the keys of this installation: each line is ${KEY_BYTES} bytes as base64. Put the right file back, from a backup made --with-keys`);
    return { id: idOf(bytes), bytes, ...(replacedAt === undefined ? {} : { replacedAt }) };
  });
  if (keys.length === 0) throw new StatusError('Invalid', `${path} is empty. Put the right file back, from a backup made --with-keys`);
  return keys;
}

/** On the disk before it returns: what is encrypted with a key that a power loss took is lost. */
function write(path: string, keys: readonly StoredKey[]): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const content = keys.map(({ bytes, replacedAt }) => `${bytes.toString('base64')}${replacedAt === undefined ? '' : ` ${replacedAt}`}\n`).join('');
  try {
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolderOf(path);
}

/** Windows cannot open folders, and needs it not. */
function syncFolderOf(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
