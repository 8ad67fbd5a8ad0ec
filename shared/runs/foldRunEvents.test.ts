import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../api/agents';
import { applyRunEvents, EMPTY_RUN_VIEW, foldRunEvents } from './foldRunEvents';
import type { RunItem } from './runView';

const at = '2026-01-01T00:00:00.000Z';
function events(...list: { type: string; data: unknown; attempt?: number }[]): RunEvent[] {
  return list.map(({ type, data, attempt = 1 }, index) => ({ seq: index + 1, id: `${attempt}.${index + 1}`, at, type, data }));
}
const update = (data: Record<string, unknown>, attempt?: number) => ({ type: 'update', data, ...(attempt === undefined ? {} : { attempt }) });
const chunk = (text: string, extra: Record<string, unknown> = {}) => update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text }, ...extra });

describe('foldRunEvents', () => {
  it('joins consecutive chunks of a message and starts a new one after anything else', () => {
    const view = foldRunEvents(events(chunk('Hel'), chunk('lo'), update({ sessionUpdate: 'tool_call', toolCallId: 't1', title: 'Read', kind: 'read' }), chunk('Done')));
    expect(view.items.map((item) => (item.type === 'message' ? item.text : item.type))).toEqual(['Hello', 'tool', 'Done']);
  });

  it('keeps messages apart that the agent gave different ids', () => {
    const view = foldRunEvents(events(chunk('one', { messageId: 'a' }), chunk(' more', { messageId: 'a' }), chunk('two', { messageId: 'b' })));
    expect(view.items.map((item) => item.type === 'message' && item.text)).toEqual(['one more', 'two']);
  });

  it('upserts tool calls by id, keeps what an update leaves out and replaces lists', () => {
    const view = foldRunEvents(
      events(
        update({ sessionUpdate: 'tool_call', toolCallId: 't1', title: 'Edit', kind: 'edit', status: 'pending', rawInput: { path: 'a' }, content: [{ type: 'content', content: { type: 'text', text: 'x' } }] }),
        update({ sessionUpdate: 'tool_call_update', toolCallId: 't1', status: 'in_progress', title: null }),
        update({ sessionUpdate: 'tool_call_update', toolCallId: 't1', status: 'completed', content: [{ type: 'diff', path: 'a', oldText: null, newText: 'b' }] }),
      ),
    );
    expect(view.items).toHaveLength(1);
    expect(view.items[0]).toMatchObject({ title: 'Edit', kind: 'edit', status: 'completed', rawInput: { path: 'a' }, content: [{ type: 'diff', path: 'a', newText: 'b' }], endedAt: at });
    expect(view.items[0]).not.toHaveProperty('content.0.oldText');
  });

  it('makes a new item for a call id that a later attempt uses again, and lets updates continue an older call', () => {
    const view = foldRunEvents(
      events(
        update({ sessionUpdate: 'tool_call', toolCallId: 'c1', title: 'first' }),
        update({ sessionUpdate: 'tool_call_update', toolCallId: 'c1', status: 'completed' }, 2),
        update({ sessionUpdate: 'tool_call', toolCallId: 'c1', title: 'second' }, 2),
        update({ sessionUpdate: 'tool_call_update', toolCallId: 'c1', status: 'failed' }, 2),
      ),
    );
    expect(view.items.map((item) => item.type === 'tool' && [item.title, item.status])).toEqual([['first', 'completed'], ['second', 'failed']]);
  });

  it('streams terminal output into its tool call and keeps the last part', () => {
    const limits = { messageLength: 100, outputLength: 20, items: 10 };
    const view = foldRunEvents(
      events(
        update({ sessionUpdate: 'tool_call', toolCallId: 't', title: 'npm test', kind: 'execute' }),
        update({ sessionUpdate: 'tool_call_update', toolCallId: 't', _meta: { terminal_output: { data: 'line one\n' } } }),
        update({ sessionUpdate: 'tool_call_update', toolCallId: 't', _meta: { terminal_output: { data: 'line two\nline three' }, terminal_exit: { exit_code: 1 } } }),
      ),
      limits,
    );
    expect(view.items[0]).toMatchObject({ output: 'line three', outputTruncated: true, exitCode: 1 });
  });

  it('opens a permission, closes it once, and ignores a repeat', () => {
    const requested = { type: 'permission.requested', data: { approval: 'run-a-1', requestId: '1', toolCall: { title: 'rm' }, options: [{ optionId: 'y', name: 'Yes', kind: 'allow_once' }] } };
    const open = foldRunEvents(events(requested, { ...requested }));
    expect(open.openPermissions).toEqual([0]);
    const closed = applyRunEvents(open, [
      { seq: 3, id: '1.3', at, type: 'permission.resolved', data: { approval: 'run-a-1', outcome: 'selected', optionId: 'y', by: 'admin' } },
      { seq: 4, id: '1.4', at, type: 'permission.resolved', data: { approval: 'run-a-1', outcome: 'cancelled' } },
    ]);
    expect(closed.openPermissions).toEqual([]);
    expect(closed.items).toHaveLength(1);
    expect(closed.items[0]).toMatchObject({ outcome: 'selected', optionId: 'y', by: 'admin' });
  });

  it('reads plan, usage, phase and agent', () => {
    const view = foldRunEvents(
      events(
        { type: 'agent.initialized', data: { agentInfo: { name: 'demo', version: '1' }, protocolVersion: 1 } },
        update({ sessionUpdate: 'plan', entries: [{ content: 'Look', priority: 'high', status: 'completed' }] }),
        update({ sessionUpdate: 'usage_update', used: 10, size: 100, cost: { amount: 0.5, currency: 'USD' } }),
        { type: 'turn.ended', data: { stopReason: 'end_turn', usage: { inputTokens: 7, outputTokens: 3, totalTokens: 10 } } },
        { type: 'run.phase', data: { phase: 'Completed' } },
      ),
    );
    expect(view).toMatchObject({
      agent: { name: 'demo', version: '1', protocolVersion: 1 },
      plan: [{ content: 'Look', priority: 'high', status: 'completed' }],
      usage: { contextUsed: 10, contextSize: 100, costUsd: 0.5, inputTokens: 7, outputTokens: 3, totalTokens: 10 },
      phase: { phase: 'Completed' },
    });
  });

  it('keeps the identity of what a batch does not touch, and of the whole view when nothing is new', () => {
    const first = foldRunEvents(events(chunk('a'), update({ sessionUpdate: 'tool_call', toolCallId: 't', title: 'x' }), chunk('b')));
    const next = applyRunEvents(first, [{ seq: 4, id: '1.4', at, type: 'update', data: { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'c' } } }]);
    expect(next.items[0]).toBe(first.items[0]);
    expect(next.items[1]).toBe(first.items[1]);
    expect(next.items[2]).not.toBe(first.items[2]);
    expect(first.items[2]).toMatchObject({ text: 'b' });
    expect(next.plan).toBe(first.plan);
    expect(applyRunEvents(next, [{ seq: 4, id: '1.4', at, type: 'stdout', data: { text: 'again' } }])).toBe(next);
  });

  it('answers the same however the events are cut into batches, and never throws on odd data', () => {
    const anyEvent = fc.record({
      type: fc.constantFrom('update', 'stdout', 'stderr', 'permission.requested', 'permission.resolved', 'run.phase', 'turn.ended', 'unknown', 'toString'),
      data: fc.oneof(
        fc.record({ sessionUpdate: fc.constantFrom('agent_message_chunk', 'agent_thought_chunk'), content: fc.record({ type: fc.constant('text'), text: fc.string() }) }),
        fc.record({ sessionUpdate: fc.constantFrom('tool_call', 'tool_call_update'), toolCallId: fc.constantFrom('a', 'b'), status: fc.constantFrom('pending', 'completed', 7), content: fc.anything() }, { requiredKeys: ['sessionUpdate', 'toolCallId'] }),
        fc.record({ approval: fc.constantFrom('x', 'y'), text: fc.string(), options: fc.anything() }, { requiredKeys: [] }),
        fc.anything(),
      ),
      attempt: fc.integer({ min: 1, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), fc.integer({ min: 1, max: 7 }), (list, size) => {
        const all = events(...list);
        let view = EMPTY_RUN_VIEW;
        for (let index = 0; index < all.length; index += size) view = applyRunEvents(view, all.slice(index, index + size));
        expect(view).toEqual(foldRunEvents(all));
      }),
    );
  });

  it('folds 50,000 chunks in batches of a frame within a second of processor time', () => {
    const texts: RunEvent[] = Array.from({ length: 50_000 }, (_, index) => ({
      seq: index + 1,
      id: `1.${index + 1}`,
      at,
      type: 'update',
      data: index % 10 === 0 ? { sessionUpdate: 'tool_call', toolCallId: `t${index}`, title: 'x' } : { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'word ' } },
    }));
    // Processor time: what else the machine does is not the fold's.
    const started = process.cpuUsage();
    let view = EMPTY_RUN_VIEW;
    for (let index = 0; index < texts.length; index += 84) view = applyRunEvents(view, texts.slice(index, index + 84));
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(1000);
    expect(view.items.filter((item: RunItem) => item.type === 'tool')).toHaveLength(5000);
  });
});
