import { describe, expect, it } from 'vitest';
import { shrinkEvent } from './shrinkEvent';

const event = (data: unknown) => ({ id: '1.1', at: '2026-01-01T00:00:00.000Z', type: 'update' as const, data });

describe('shrinkEvent', () => {
  it('leaves an event that fits as it is', () => {
    const data = { text: 'ä'.repeat(400_000) };
    expect(JSON.parse(shrinkEvent(event(data)))).toEqual(event(data));
  });

  it('cuts only long texts of one that does not, and says so', () => {
    const line = shrinkEvent(event({ sessionUpdate: 'tool_call', toolCallId: 't', content: [{ text: '漢'.repeat(1_000_000) }, { text: 'short' }] }));
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(1_000_000);
    expect(JSON.parse(line)).toMatchObject({ id: '1.1', type: 'update', data: { toolCallId: 't', content: [{ text: expect.stringContaining('900000 more characters were cut') as string }, { text: 'short' }] } });
  });

  it('puts a word in the place of one that cannot be cut', () => {
    expect(JSON.parse(shrinkEvent(event(Array.from({ length: 200_000 }, (_, index) => index))))).toMatchObject({ id: '1.1', type: 'runner.notice', data: { message: expect.stringContaining('left out') as string } });
  });

  it('leaves out one that is nested so deep that writing it would overflow the stack', () => {
    const depth = 100_000;
    const data = JSON.parse(`${'{"a":['.repeat(depth)}${']}'.repeat(depth)}`) as unknown;
    expect(JSON.parse(shrinkEvent(event(data)))).toMatchObject({ id: '1.1', type: 'runner.notice', data: { message: expect.stringContaining('nested deeper') as string } });
  });
});
