import { randomBytes } from 'node:crypto';
import { StatusError } from '#shared/api/status';

/** OWASP, "Password Storage Cheat Sheet": Argon2id with 19 MiB, 2 passes, one lane. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const PARAMETERS = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=1$`;
/** Hashes at a time: they share the thread pool with the file system. */
const MAX_CONCURRENT = 2;
/** Who comes when so many wait already is asked to come again. */
const MAX_WAITING = 64;

/** Slow hashes of passwords, computed off the event loop, a few at a time. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Takes as long for an absent hash as for one that does not fit. */
  verify(hash: string | undefined, password: string): Promise<boolean>;
  /** Made with other parameters than those of today. */
  isOutdated(hash: string): boolean;
}

export function createPasswords(): Passwords {
  let active = 0;
  const waiting: (() => void)[] = [];
  let decoy: Promise<string> | undefined;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (active >= MAX_CONCURRENT) {
      if (waiting.length >= MAX_WAITING) throw new StatusError('TooManyRequests', 'Too many people sign in at this moment. Try again in a few seconds.', { retryAfterSeconds: 5 });
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else active += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) active -= 1;
      else next();
    }
  }

  const hash = (password: string) => inTurn(async () => {
    const { hash: argon2 } = await import('@node-rs/argon2');
    return argon2(password, { algorithm: 2, memoryCost: MEMORY_KIB, timeCost: PASSES, parallelism: 1 });
  });

  return {
    hash,
    async verify(stored, password) {
      decoy ??= hash(randomBytes(32).toString('base64'));
      const against = stored ?? (await decoy);
      const fits = await inTurn(async () => (await import('@node-rs/argon2')).verify(against, password));
      return fits && stored !== undefined;
    },
    isOutdated: (stored) => !stored.startsWith(PARAMETERS),
  };
}
