import { describe, expect, test } from 'vitest';
import { Broadcaster } from './broadcaster';

const forever = (): { signal: AbortSignal } => ({ signal: new AbortController().signal });

describe('Broadcaster', () => {
  test('a subscriber gets what it accepts of what is published after it came', async () => {
    const broadcaster = new Broadcaster<number>({ bufferItems: 10 });
    broadcaster.publish([1]);
    const even = broadcaster.subscribe((item) => item % 2 === 0);
    broadcaster.publish([2, 3]);
    broadcaster.publish([4]);
    expect(await even.take(forever())).toEqual([2, 4]);
    const waiting = even.take(forever());
    broadcaster.publish([6]);
    expect(await waiting).toEqual([6]);
  });

  test('who waits wakes once for a turn, behind those who wrote in it', async () => {
    const broadcaster = new Broadcaster<number>({ bufferItems: 10 });
    const subscription = broadcaster.subscribe(() => true);
    const order: string[] = [];
    const waiting = subscription.take(forever()).then((items) => order.push(`told ${items.join(' ')}`));
    await Promise.resolve();
    for (const item of [1, 2]) {
      broadcaster.publish([item]);
      await Promise.resolve();
      order.push(`wrote ${item}`);
    }
    await waiting;
    expect(order).toEqual(['wrote 1', 'wrote 2', 'told 1 2']);
  });

  test('one whose buffer runs over is ended with Expired and holds nothing any more; the others have everything', async () => {
    const broadcaster = new Broadcaster<number>({ bufferItems: 3 });
    const slow = broadcaster.subscribe(() => true);
    const quick = broadcaster.subscribe(() => true);
    const taken: number[] = [];
    for (let item = 0; item < 10; item += 1) {
      broadcaster.publish([item]);
      taken.push(...(await quick.take(forever())));
    }
    expect(taken).toHaveLength(10);
    expect(slow.pending).toBe(0);
    expect(broadcaster.size).toBe(1);
    await expect(slow.take(forever())).rejects.toMatchObject({ reason: 'Expired' });
  });

  test('a wait ends with the signal, with the time, and with the broadcaster', async () => {
    const broadcaster = new Broadcaster<number>({ bufferItems: 3 });
    const subscription = broadcaster.subscribe(() => true);
    const controller = new AbortController();
    const waiting = subscription.take({ signal: controller.signal });
    controller.abort();
    expect(await waiting).toEqual([]);
    expect(await subscription.take({ ...forever(), timeoutMs: 1 })).toEqual([]);
    const ended = subscription.take(forever());
    broadcaster.end(new Error('over'));
    await expect(ended).rejects.toThrow('over');
    await expect(subscription.take(forever())).rejects.toThrow('over');
  });

  test('a closed subscription costs nothing', () => {
    const broadcaster = new Broadcaster<number>({ bufferItems: 3 });
    const subscription = broadcaster.subscribe(() => true);
    subscription.close();
    broadcaster.publish([1]);
    expect([broadcaster.size, subscription.pending]).toEqual([0, 0]);
  });
});
