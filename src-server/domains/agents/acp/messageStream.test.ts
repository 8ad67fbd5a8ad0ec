import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMessages, type MessageLimits } from './messageStream';

const LIMITS: MessageLimits = { maxLineBytes: 1000, noiseBeforeStart: 3, noiseInAll: 5 };
const update = (value: unknown) => ({ jsonrpc: '2.0', method: 'session/update', params: { sessionId: 's', update: value } });

async function read(chunks: readonly (string | Buffer)[], limits = LIMITS) {
  const updates: unknown[] = [];
  const noise: string[] = [];
  const messages: unknown[] = [];
  const order: string[] = [];
  const source = Readable.from(chunks.map((chunk) => Buffer.from(chunk)), { objectMode: true });
  for await (const message of readMessages(source, { onUpdate: (params) => { updates.push(params); order.push('update'); }, onNoise: (line) => noise.push(line) }, limits)) {
    messages.push(message);
    order.push('message');
  }
  return { updates, noise, messages, order };
}

describe('readMessages', () => {
  it('hands updates over verbatim and in order, and yields the rest', async () => {
    const odd = { sessionUpdate: 'of next year', nested: { deep: [1, null] } };
    const { updates, messages, order } = await read([`${JSON.stringify(update(odd))}\n${JSON.stringify({ jsonrpc: '2.0', id: 1, result: {} })}\n`, `${JSON.stringify(update('second'))}\n`]);
    expect(updates).toEqual([{ sessionId: 's', update: odd }, { sessionId: 's', update: 'second' }]);
    expect(messages).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }]);
    expect(order).toEqual(['update', 'message', 'update']);
  });

  it('reads the same however the bytes are cut, characters of several bytes included', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 60 }), async (texts, sizes) => {
        const bytes = Buffer.from(texts.map((text) => `${JSON.stringify(update(text))}\n`).join(''));
        const chunks: Buffer[] = [];
        for (let at = 0, index = 0; at < bytes.length; index += 1) {
          const size = sizes[index % sizes.length] ?? 1;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect((await read(chunks)).updates).toEqual(texts.map((text) => ({ sessionId: 's', update: text })));
      }),
    );
  });

  it('forgives a few lines that are no messages, and no more', async () => {
    const message = `${JSON.stringify(update(1))}\n`;
    const { noise, updates } = await read(['Welcome!\n\n{"not": "a message"}\n', message, 'debug\n', message]);
    expect(noise).toEqual(['Welcome!', '{"not": "a message"}', 'debug']);
    expect(updates).toHaveLength(2);
    await expect(read(['one\ntwo\nthree\nfour\n'])).rejects.toMatchObject({ reason: 'AgentProtocolError', message: expect.stringContaining('one\ntwo\nthree\nfour') as string });
    await expect(read([message, ...Array.from({ length: 6 }, () => 'noise\n')])).rejects.toMatchObject({ reason: 'AgentProtocolError' });
    await expect(read(['usage: agent [options]\n'])).rejects.toMatchObject({ reason: 'AgentProtocolError' });
  });

  it('stops at a line without end', async () => {
    await expect(read(Array.from({ length: 20 }, () => 'x'.repeat(100)))).rejects.toMatchObject({ reason: 'AgentOutputFlood' });
  });
});
