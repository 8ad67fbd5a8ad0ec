import { createHmac, timingSafeEqual } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '#shared/kind/canonicalJson';
import { digest, timestamp } from '#shared/kind/fields';
import type { Clock } from '../../app/clock';
import type { KeyRing } from '../../app/keyRing';
import type { Logger } from '../../app/log';

/** A record that a log had, signed. */
export const signedHead = z.object({ sequence: z.number().int().min(1), digest, at: timestamp, keyId: z.string(), signature: z.string() });
const headsFile = z.object({ heads: z.array(signedHead).max(100) });

export type SignedHead = z.output<typeof signedHead>;

/** What an installation knows of the ends of its logs beside the database: whoever changes one without the other is found out. */
export interface AuditHeads {
  /**
   * The heads of a log, the last one last. There are more than one only where the log did not go on from the one before.
   *
   * @throws SyntaxError or a zod error for a file that is none.
   */
  read(log: string): Promise<readonly SignedHead[]>;
  /** The logs that heads are kept of. */
  list(): Promise<readonly string[]>;
  /** Whether the signature is one of this installation's: `unknown-key` when it was made with a key that is no longer here. */
  check(log: string, head: SignedHead): 'good' | 'forged' | 'unknown-key';
  sign(log: string, head: Pick<SignedHead, 'sequence' | 'digest'>): SignedHead;
  /** Keeps this as the log's last head; soon, not at once. `continues`: asked of the head that is kept, before it is replaced for the first time. */
  move(log: string, head: Pick<SignedHead, 'sequence' | 'digest'>, continues: (kept: SignedHead) => Promise<boolean>): void;
  /** Forgets a log that is deleted. */
  forget(log: string): Promise<void>;
  /** Writes what is still to be written. */
  flush(): Promise<void>;
}

export type AuditSigner = Pick<KeyRing, 'current' | 'byId' | 'derive'>;

/** How long a head may be kept back, in ms: a log that is written all the time has its head written once in a while. */
const WRITE_EVERY_MS = 1_000;
const PURPOSE = 'audit heads';

/** Keeps the heads in a folder, a file a log. */
export function createAuditHeads(opts: { folder: string; keys: AuditSigner; clock: Clock; log: Logger }): AuditHeads {
  const { folder, keys, clock, log: logger } = opts;
  interface Pending {
    readonly head: Pick<SignedHead, 'sequence' | 'digest'>;
    readonly continues: (kept: SignedHead) => Promise<boolean>;
  }
  const pending = new Map<string, Pending>();
  /** Heads that stay in the file of a log in front of the last one, once they were looked at. */
  const disowned = new Map<string, readonly SignedHead[]>();
  let writing: Promise<void> = Promise.resolve();
  let cancel: (() => void) | undefined;

  const fileOf = (log: string): string => join(folder, `${log.replace(':', '_')}.json`);

  async function read(log: string): Promise<readonly SignedHead[]> {
    let text: string;
    try {
      text = await readFile(fileOf(log), 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
    return headsFile.parse(JSON.parse(text)).heads;
  }

  function sign(log: string, { sequence, digest: ofRecord }: Pick<SignedHead, 'sequence' | 'digest'>): SignedHead {
    const unsigned = { sequence, digest: ofRecord, at: new Date(clock.now()).toISOString(), keyId: keys.current.id };
    return { ...unsigned, signature: signatureOf(keys.derive(PURPOSE, unsigned.keyId), log, unsigned) };
  }

  async function write(log: string, { head, continues }: Pending): Promise<void> {
    let before = disowned.get(log);
    if (before === undefined) {
      const kept = await read(log);
      const last = kept.at(-1);
      const goesOn = last === undefined || (await continues(last));
      if (!goesOn) logger.error({ log, sequence: last.sequence }, 'the audit log does not go on from its signed head; "kradle audit verify" says how');
      before = goesOn ? kept.slice(0, -1) : kept;
      disowned.set(log, before);
    }
    const path = fileOf(log);
    const temporary = `${path}.${process.pid}.tmp`;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(temporary, `${JSON.stringify({ heads: [...before, sign(log, head)] })}\n`, { mode: 0o600 });
    await rename(temporary, path);
  }

  async function writeAll(): Promise<void> {
    // Each log once: what comes after its turn waits for its own time, or this would go on for as long as somebody writes.
    for (const log of [...pending.keys()]) {
      const each = pending.get(log);
      if (each === undefined) continue;
      pending.delete(log);
      // An older head is still a true one: the log is not held up by this.
      await write(log, each).catch((error: unknown) => logger.warn({ err: error, log }, 'the signed head of an audit log could not be written'));
    }
  }

  return {
    read,
    sign,
    async list() {
      const files = await readdir(folder).catch(() => []);
      return files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length).replace('_', ':'));
    },
    check(log, head) {
      if (keys.byId(head.keyId) === undefined) return 'unknown-key';
      const expected = Buffer.from(signatureOf(keys.derive(PURPOSE, head.keyId), log, head));
      const given = Buffer.from(head.signature);
      return expected.length === given.length && timingSafeEqual(expected, given) ? 'good' : 'forged';
    },
    move(log, head, continues) {
      pending.set(log, { head, continues });
      cancel ??= clock.after(WRITE_EVERY_MS, () => {
        cancel = undefined;
        writing = writing.then(writeAll);
      });
    },
    async forget(log) {
      pending.delete(log);
      await writing;
      // Not before: a write that was under way has looked at the file once more.
      disowned.delete(log);
      await rm(fileOf(log), { force: true });
    },
    async flush() {
      cancel?.();
      cancel = undefined;
      writing = writing.then(writeAll);
      await writing;
    },
  };
}

function signatureOf(key: Buffer, log: string, { sequence, digest: ofRecord, at, keyId }: Omit<SignedHead, 'signature'>): string {
  return createHmac('sha256', key).update(canonicalJson({ log, sequence, digest: ofRecord, at, keyId })).digest('base64url');
}
