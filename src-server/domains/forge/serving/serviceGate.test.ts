import { describe, expect, it } from 'vitest';
import { createServiceGate, type GateVisit } from './serviceGate';

interface Visitor {
  readonly done: Promise<void>;
  leave(): void;
  isIn(): boolean;
}

function visitor(gate: ReturnType<typeof createServiceGate>, visit: Partial<GateVisit> = {}): Visitor {
  let leave = (): void => undefined;
  const work = new Promise<void>((resolve) => (leave = resolve));
  let inside = false;
  const done = gate.run({ repository: 'r', account: 'a', ...visit }, () => {
    inside = true;
    return work;
  });
  done.catch(() => undefined);
  return { done, leave, isIn: () => inside };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the gate of git services', () => {
  it('lets in as many as it may, the next when one leaves, in the order of arrival', async () => {
    const gate = createServiceGate({ atOnce: 2, perRepository: 2, perAccount: 2 });
    const visitors = [1, 2, 3, 4].map(() => visitor(gate));
    await turn();
    expect(visitors.map((each) => each.isIn())).toEqual([true, true, false, false]);
    visitors[1]?.leave();
    await turn();
    expect(visitors.map((each) => each.isIn())).toEqual([true, true, true, false]);
    expect([gate.working, gate.waiting]).toEqual([2, 1]);
    for (const each of visitors) each.leave();
    await Promise.all(visitors.map((each) => each.done));
    expect([gate.working, gate.waiting]).toEqual([0, 0]);
  });

  it('keeps places for others when one repository or one account takes all it may', async () => {
    const gate = createServiceGate({ atOnce: 3, perRepository: 1, perAccount: 2 });
    const first = visitor(gate, { repository: 'one', account: 'ada' });
    const waiting = visitor(gate, { repository: 'one', account: 'bob' });
    const second = visitor(gate, { repository: 'two', account: 'ada' });
    const third = visitor(gate, { repository: 'three', account: 'ada' });
    const passing = visitor(gate, { repository: 'four', account: 'eve' });
    await turn();
    expect([first, waiting, second, third, passing].map((each) => each.isIn())).toEqual([true, false, true, false, true]);
  });

  it('refuses at once when too many wait, and says when to come again', async () => {
    const gate = createServiceGate({ atOnce: 1, maxWaiting: 1 });
    visitor(gate);
    visitor(gate);
    await expect(visitor(gate).done).rejects.toMatchObject({ reason: 'ServiceUnavailable', details: { code: 'GIT_BUSY', retryAfterSeconds: 10 } });
    expect(gate.refused).toBe(1);
  });

  it('refuses who has waited too long, and forgets who has gone', async () => {
    const gate = createServiceGate({ atOnce: 1, maxWaitMs: 20 });
    const inside = visitor(gate);
    const gone = new AbortController();
    const leaver = visitor(gate, { signal: gone.signal });
    gone.abort(new Error('gone'));
    await expect(leaver.done).rejects.toThrow('gone');
    await expect(visitor(gate).done).rejects.toMatchObject({ details: { code: 'GIT_BUSY' } });
    expect(gate.waiting).toBe(0);
    inside.leave();
    await inside.done;
  });

  it('gives the place back when the work fails', async () => {
    const gate = createServiceGate({ atOnce: 1 });
    await expect(gate.run({ repository: 'r', account: 'a' }, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(gate.working).toBe(0);
  });
});
