import { describe, expect, it } from 'vitest';
import { ResumableEvents } from './resumableEvents';

const message = (method: string, padding = '') => ({ jsonrpc: '2.0' as const, method, params: { padding } });

async function replay(events: ResumableEvents, after: string): Promise<string[]> {
  const methods: string[] = [];
  await events.replayEventsAfter(after, { send: async (_id, each) => void methods.push('method' in each ? each.method : '') });
  return methods;
}

describe('resumable events', () => {
  it('replays what came after, of the same stream alone', async () => {
    const events = new ResumableEvents();
    const first = await events.storeEvent('a', message('one'));
    await events.storeEvent('b', message('other'));
    await events.storeEvent('a', message('two'));
    await events.storeEvent('a', message('three'));
    expect(await events.getStreamIdForEventId(first)).toBe('a');
    expect(await replay(events, first)).toEqual(['two', 'three']);
  });

  it('forgets the oldest when there are too many or they are too large, and refuses to resume there', async () => {
    const many = new ResumableEvents();
    const early = await many.storeEvent('a', message('early'));
    for (let index = 0; index < 512; index += 1) await many.storeEvent('a', message('more'));
    expect(await many.getStreamIdForEventId(early)).toBeUndefined();
    await expect(replay(many, early)).rejects.toThrow('no longer kept');

    const large = new ResumableEvents();
    const first = await large.storeEvent('a', message('small'));
    const huge = await large.storeEvent('a', message('huge', 'x'.repeat(3 * 1024 * 1024)));
    expect(await large.getStreamIdForEventId(first)).toBeUndefined();
    expect(await large.getStreamIdForEventId(huge)).toBe('a');
  });

  it('does not send on the empty message that opens a stream', async () => {
    const events = new ResumableEvents();
    const opened = await events.storeEvent('a', {} as never);
    await events.storeEvent('a', {} as never);
    await events.storeEvent('a', message('one'));
    expect(await replay(events, opened)).toEqual(['one']);
  });
});
