import { pino } from 'pino';
import { expect, it } from 'vitest';
import { Compactor, type CompactionTarget } from './compactor';

/** A database that has history to delete, and answers one of its questions only when it is let. */
function slowTarget(held: keyof CompactionTarget): { target: CompactionTarget; asked: string[]; answer: (error?: Error) => void; reached: Promise<void> } {
  const asked: string[] = [];
  let answer: (error?: Error) => void = () => undefined;
  const released = new Promise<void>((resolve, reject) => (answer = (error) => (error === undefined ? resolve() : reject(error))));
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const step = async <TAnswer>(name: keyof CompactionTarget, result: TAnswer): Promise<TAnswer> => {
    asked.push(name);
    if (name !== held) return result;
    reach();
    await released;
    return result;
  };
  const target: CompactionTarget = {
    revisions: () => step('revisions', { head: 10_000n, floor: 0n }),
    stampAfter: (revision) => step('stampAfter', { revision: revision + 1n, at: 0 }),
    raiseFloor: () => step('raiseFloor', undefined),
    trimLog: () => step('trimLog', 0),
    tidy: () => step('tidy', false),
  };
  return { target, asked, answer, reached };
}

function compactorOf(target: CompactionTarget): { compactor: Compactor; logged: string[] } {
  const logged: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
  return { compactor: new Compactor(target, { log, clock: () => 3_600_000, elapsed: () => 0 }), logged };
}

it.each(['revisions', 'stampAfter', 'raiseFloor', 'trimLog'] as const)('is stopped when the step that runs is done (%s), and takes no other', async (held) => {
  const { target, asked, answer, reached } = slowTarget(held);
  const { compactor, logged } = compactorOf(target);
  compactor.start();
  await reached;
  let isStopped = false;
  const stopped = compactor.stop().then(() => (isStopped = true));
  await new Promise(setImmediate);
  expect(isStopped).toBe(false);
  const before = asked.filter((name) => name === held).length;
  answer();
  await stopped;
  expect(asked.filter((name) => name === held)).toHaveLength(before);
  expect(logged).toEqual([]);
});

it('says that a round failed, but not when the database goes with the store', async () => {
  const failing = slowTarget('revisions');
  const { compactor, logged } = compactorOf(failing.target);
  compactor.start();
  await failing.reached;
  failing.answer(new Error('gone'));
  await expect.poll(() => logged.join('')).toContain('compaction failed');
  await compactor.stop();

  const closing = slowTarget('revisions');
  const other = compactorOf(closing.target);
  other.compactor.start();
  await closing.reached;
  const stopped = other.compactor.stop();
  closing.answer(new Error('gone'));
  await stopped;
  expect(other.logged).toEqual([]);
});
