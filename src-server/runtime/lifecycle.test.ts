import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/harness/fakeClock';
import { silentLogger } from '../app/log';
import type { Runnable } from './controller';
import { createLifecycle } from './lifecycle';

function recorder() {
  const events: string[] = [];
  const part = (name: string, behaviour: Partial<Pick<Runnable, 'start' | 'stop'>> = {}): Runnable => ({
    name,
    async start() {
      await behaviour.start?.();
      events.push(`+${name}`);
    },
    async stop() {
      events.push(`-${name}`);
      await behaviour.stop?.();
    },
  });
  return { events, part };
}

const shared = { graceMs: 1_000, log: silentLogger() };

describe('lifecycle', () => {
  it('starts group by group and stops in reverse, once', async () => {
    const { events, part } = recorder();
    const lifecycle = createLifecycle({ ...shared, clock: createFakeClock(), groups: [[part('store')], [part('http'), part('controllers')]] });
    await lifecycle.start();
    await Promise.all([lifecycle.stop(), lifecycle.stop()]);
    expect(events).toEqual(['+store', '+http', '+controllers', '-http', '-controllers', '-store']);
  });

  it('stops what is up when a part does not start, and names the part', async () => {
    const { events, part } = recorder();
    const cause = new Error('port taken');
    const lifecycle = createLifecycle({
      ...shared, clock: createFakeClock(), groups: [[part('store')], [part('http', { start: () => Promise.reject(cause) }), part('controllers')], [part('late')]],
    });
    await expect(lifecycle.start()).rejects.toMatchObject({ message: '"http" did not start', cause });
    expect(events).toEqual(['+store', '+controllers', '-controllers', '-store']);
  });

  it('goes on stopping when a part fails or takes too long, and says both', async () => {
    const { events, part } = recorder();
    const clock = createFakeClock();
    const lifecycle = createLifecycle({
      ...shared, clock,
      groups: [[part('store')], [part('hangs', { stop: () => new Promise(() => undefined) }), part('fails', { stop: () => Promise.reject(new Error('no')) })]],
    });
    await lifecycle.start();
    const stopped = lifecycle.stop();
    await Promise.resolve();
    clock.advance(1_000);
    const error: unknown = await stopped.catch((thrown: unknown) => thrown);
    expect((error as AggregateError).errors.map((each: Error) => each.message).sort()).toEqual(['"hangs" did not stop in time', 'no']);
    expect(events.at(-1)).toBe('-store');
  });
});
