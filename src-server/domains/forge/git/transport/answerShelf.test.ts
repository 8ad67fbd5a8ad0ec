import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../../../../test/harness/eventually';
import { AnswerShelf, type AnswerShelfOptions } from './answerShelf';
import type { GitProcess } from '../git';
import type { AnswerReader } from './sharedAnswer';

const KIBIBYTE = 1024;

interface FakeGit {
  readonly child: GitProcess;
  write(bytes: Buffer): void;
  end(code: number): void;
  readonly isKilled: boolean;
  /** Bytes that wait in its pipe. */
  readonly unread: number;
}

/** A git whose output the test decides, with a pipe that holds little. */
function fakeGit(): FakeGit {
  const stdout = new PassThrough({ highWaterMark: 16 * KIBIBYTE });
  let isKilled = false;
  let settle: (code: number | undefined) => void = () => undefined;
  const code = new Promise<number | undefined>((resolve) => {
    settle = resolve;
  });
  const ended = Promise.all([code, new Promise((resolve) => stdout.once('close', resolve))]).then(([value]) => value);
  return {
    child: { pid: 1, stdin: new PassThrough(), stdout, stderr: new PassThrough(), stderrTail: () => 'said git', kill: () => {
      isKilled = true;
      settle(undefined);
      stdout.destroy();
    }, ended },
    write: (bytes) => void stdout.write(bytes),
    end: (value) => {
      settle(value);
      stdout.end();
    },
    get isKilled() {
      return isKilled;
    },
    get unread() {
      return stdout.readableLength + stdout.writableLength;
    },
  };
}

function shelfOf(options: Partial<AnswerShelfOptions> = {}): AnswerShelf {
  const shelf = new AnswerShelf({ now: Date.now, ...options });
  onTestFinished(() => shelf.close());
  return shelf;
}

async function readAll(reader: AnswerReader): Promise<string> {
  const hash = createHash('sha256');
  for (let batch = await reader.next(); batch !== undefined; batch = await reader.next()) for (const chunk of batch) hash.update(chunk);
  return hash.digest('hex');
}

const block = (index: number): Buffer => Buffer.alloc(64 * KIBIBYTE, index % 251);
const digestOf = (count: number): string => createHash('sha256').update(Buffer.concat(Array.from({ length: count }, (_, index) => block(index)))).digest('hex');
const never = (): GitProcess => {
  throw new Error('another git was started');
};

describe('answers on the shelf', () => {
  it('gives one git to all who come while it runs, and to those who come after', async () => {
    const shelf = shelfOf();
    const git = fakeGit();
    const early = [shelf.read('a', () => git.child), shelf.read('a', never)];
    git.write(block(0));
    expect((await early[0]?.next())?.length).toBeGreaterThan(0);
    const middle = shelf.read('a', never);
    const rest = early.slice(1).map(readAll);
    for (let index = 1; index < 8; index += 1) git.write(block(index));
    git.end(0);
    expect(await Promise.all([...rest, readAll(middle)])).toEqual([digestOf(8), digestOf(8)]);
    const late = shelf.read('a', never);
    expect(late.sizeBytes).toBe(8 * 64 * KIBIBYTE);
    expect(await readAll(late)).toBe(digestOf(8));
    expect(shelf.stats).toEqual({ shared: 3, keptBytes: 8 * 64 * KIBIBYTE });
  });

  it('goes on when the first leaves, and ends git when all have left', async () => {
    const shelf = shelfOf();
    const git = fakeGit();
    const [first, second] = [shelf.read('a', () => git.child), shelf.read('a', never)];
    git.write(block(0));
    first.leave();
    expect(await first.next()).toBeUndefined();
    expect(git.isKilled).toBe(false);
    second.leave();
    expect(git.isKilled).toBe(true);
    const again = fakeGit();
    const third = shelf.read('a', () => again.child);
    again.write(block(0));
    again.end(0);
    expect(await readAll(third)).toBe(digestOf(1));
  });

  it('keeps nothing of a git that failed, and says how it failed', async () => {
    const shelf = shelfOf();
    const git = fakeGit();
    const reader = shelf.read('a', () => git.child);
    git.end(128);
    expect(await reader.next()).toBeUndefined();
    expect(await reader.outcome()).toEqual({ code: 128, stderr: 'said git' });
    const again = fakeGit();
    shelf.read('a', () => again.child);
    expect(shelf.stats.shared).toBe(0);
  });

  it('lets git wait for its readers: a slow client does not fill the memory', async () => {
    const shelf = shelfOf();
    const git = fakeGit();
    const reader = shelf.read('a', () => git.child);
    for (let index = 0; index < 64; index += 1) git.write(block(index));
    git.end(0);
    await eventually('git to wait', () => git.unread > 0 && shelf.stats.keptBytes > 1024 * KIBIBYTE);
    expect(shelf.stats.keptBytes).toBeLessThan(2 * 1024 * KIBIBYTE);
    expect(await readAll(reader)).toBe(digestOf(64));
  });

  it('shares no more than fits: those who read already get all of it, and who comes later another git', async () => {
    const shelf = shelfOf({ maxAnswerBytes: 256 * KIBIBYTE });
    const git = fakeGit();
    const readers = [shelf.read('a', () => git.child), shelf.read('a', never)];
    const read = readers.map(readAll);
    for (let index = 0; index < 64; index += 1) git.write(block(index));
    git.end(0);
    expect(await Promise.all(read)).toEqual([digestOf(64), digestOf(64)]);
    expect(shelf.stats.keptBytes).toBe(0);
    const again = fakeGit();
    shelf.read('a', () => again.child);
    expect(shelf.stats.shared).toBe(1);
  });

  it('drops what was used longest ago, and what is old', async () => {
    let now = 0;
    const shelf = shelfOf({ maxBytes: 192 * KIBIBYTE, maxAgeMs: 1000, now: () => now });
    const make = async (key: string): Promise<void> => {
      const git = fakeGit();
      const reader = shelf.read(key, () => git.child);
      for (let index = 0; index < 2; index += 1) git.write(block(index));
      git.end(0);
      await readAll(reader);
    };
    await make('a');
    await make('b');
    expect(shelf.stats.keptBytes).toBe(128 * KIBIBYTE);
    expect(await readAll(shelf.read('b', never))).toBe(digestOf(2));
    now = 1001;
    await make('b');
    expect(shelf.stats.shared).toBe(1);
  });
});
