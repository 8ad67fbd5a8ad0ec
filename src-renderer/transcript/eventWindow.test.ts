import { describe, expect, it } from 'vitest';
import type { RunEvent } from '#shared/api/agents';
import { foldRunEvents } from '#shared/runs/foldRunEvents';
import { appendEvents, EMPTY_EVENT_WINDOW, prependEvents, trimEvents } from './eventWindow';

const story = [
  update(1, { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'I will ' } }),
  update(2, { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'look.' } }),
  update(3, { sessionUpdate: 'tool_call', toolCallId: 't1', title: 'Read a.ts', kind: 'read' }),
  update(4, { sessionUpdate: 'tool_call_update', toolCallId: 't1', status: 'completed' }),
  update(5, { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'Done.' } }),
];

describe('the event window', () => {
  it('shows the same whether it was loaded from the end or from the start', () => {
    let window = appendEvents({ ...EMPTY_EVENT_WINDOW, hasEarlier: true }, story.slice(3));
    window = prependEvents(window, story.slice(1, 3), true);
    window = prependEvents(window, story.slice(0, 2), false);
    expect(window.view).toEqual(foldRunEvents(story));
    expect(window.hasEarlier).toBe(false);
  });

  it('takes a resend for what it is', () => {
    const window = appendEvents(EMPTY_EVENT_WINDOW, story);
    expect(appendEvents(window, story.slice(2))).toBe(window);
    expect(prependEvents(window, story, false).view.items).toEqual(window.view.items);
  });

  it('lets the oldest go when there are too many, and says that there are earlier ones', () => {
    const many = Array.from({ length: 130_000 }, (_, index) => update(index + 1, { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'x' } }));
    const full = appendEvents(EMPTY_EVENT_WINDOW, many);
    const trimmed = trimEvents(full);
    expect(trimmed.events).toHaveLength(60_000);
    expect(trimmed.events.at(-1)?.seq).toBe(130_000);
    expect(trimmed.hasEarlier).toBe(true);
    expect(trimEvents(trimmed)).toBe(trimmed);
  });
});

function update(seq: number, data: Record<string, unknown>): RunEvent {
  return { seq, id: `1.${seq}`, at: '2026-11-21T06:00:00Z', type: 'update', data };
}
