import { describe, expect, it } from 'vitest';
import { TurnObserver } from './turnObserver';

const chunk = (text: string, messageId?: string) => ({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text }, ...(messageId === undefined ? {} : { messageId }) });

describe('TurnObserver', () => {
  it('knows the last message, whatever came between its parts and before it', () => {
    const observer = new TurnObserver();
    for (const update of [chunk('First '), chunk('part.'), { sessionUpdate: 'tool_call', toolCallId: 't' }, chunk('Second'), chunk(' part.'), { sessionUpdate: 'usage_update', used: 5, size: 10, cost: { amount: 0.1, currency: 'USD' } }, chunk(' End.')]) observer.observe(update);
    expect(observer).toMatchObject({ closingMessage: 'Second part. End.', messages: 2, toolCalls: 1, usage: { contextUsed: 5, contextSize: 10 }, costUsd: 0.1 });
  });

  it('tells messages apart by their ids, and keeps the last that says something', () => {
    const observer = new TurnObserver();
    for (const update of [chunk('one', 'a'), chunk('two', 'b'), { sessionUpdate: 'tool_call' }, chunk('  \n', 'c')]) observer.observe(update);
    expect(observer).toMatchObject({ closingMessage: 'two', messages: 2 });
  });

  it('counts nothing for an empty turn, and survives odd updates', () => {
    const observer = new TurnObserver();
    for (const update of [undefined, 7, { sessionUpdate: 'agent_thought_chunk' }, chunk(' '), { sessionUpdate: 'usage_update', used: -1, cost: { amount: 'much' } }]) observer.observe(update);
    observer.addTurnUsage({ inputTokens: 3.4, outputTokens: 'x' });
    expect(observer).toMatchObject({ closingMessage: '', messages: 0, toolCalls: 0, usage: { inputTokens: 3 }, costUsd: undefined });
  });

  it('ignores costs in other currencies', () => {
    const observer = new TurnObserver();
    observer.observe({ sessionUpdate: 'usage_update', cost: { amount: 3, currency: 'EUR' } });
    expect(observer.costUsd).toBeUndefined();
  });
});
