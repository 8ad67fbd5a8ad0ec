import { describe, expect, it } from 'vitest';
import type { RunEvent } from '#shared/api/agents';
import { applyRunEvents, foldRunEvents } from '#shared/runs/foldRunEvents';
import { searchItems } from './transcriptSearch';
import { parseEventHash, rowOfSeq, TranscriptRows } from './transcriptRows';

const long = `${'word '.repeat(300)}\n\n`.repeat(10);
const view = foldRunEvents([
  event(2, 'prompt', { text: 'Fix the test' }),
  event(4, 'update', { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: long } }),
  event(7, 'update', { sessionUpdate: 'tool_call', toolCallId: 't', title: 'Run tests', kind: 'execute', rawInput: { command: 'npm test' } }),
  event(9, 'stderr', { text: '\u001b[31mWarning:\u001b[0m low disk' }),
]);

describe('TranscriptRows', () => {
  it('gives a long message several rows and everything else one', () => {
    const rows = new TranscriptRows().of(view.items);
    expect(rows.filter((row) => row.item.type === 'message' && row.index === 1).length).toBeGreaterThan(2);
    expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
    expect(rows.filter((row) => row.index === 1).map((row) => row.text).join('')).toBe(long);
  });

  it('keeps the rows of items that did not change', () => {
    const maker = new TranscriptRows();
    const before = maker.of(view.items);
    const after = maker.of(applyRunEvents(view, [event(10, 'update', { sessionUpdate: 'tool_call_update', toolCallId: 't', status: 'completed' })]).items);
    expect(after[0]).toBe(before[0]);
    expect(after.find((row) => row.item.type === 'tool')).not.toBe(before.find((row) => row.item.type === 'tool'));
  });

  it('finds the row of an event, also of one that changed an earlier item', () => {
    const rows = new TranscriptRows().of(view.items);
    expect(rows[rowOfSeq(rows, 7)]?.item.type).toBe('tool');
    expect(rows[rowOfSeq(rows, 8)]?.item.type).toBe('tool');
    expect(rows[rowOfSeq(rows, 5)]).toMatchObject({ index: 1, isFirst: true });
    expect(rowOfSeq(rows, 1)).toBe(-1);
  });
});

describe('parseEventHash', () => {
  it('reads event links only', () => {
    expect(parseEventHash('#e123')).toBe(123);
    expect(parseEventHash('e5')).toBe(5);
    expect(parseEventHash('#diff-a')).toBeUndefined();
    expect(parseEventHash('')).toBeUndefined();
  });
});

describe('searchItems', () => {
  it('looks into messages, tool input and output without escapes', () => {
    expect(searchItems(view.items, 'fix THE')).toEqual([0]);
    expect(searchItems(view.items, 'npm test')).toEqual([2]);
    expect(searchItems(view.items, 'warning: low')).toEqual([3]);
    expect(searchItems(view.items, ' ')).toEqual([]);
  });
});

function event(seq: number, type: string, data: unknown): RunEvent {
  return { seq, id: `1.${seq}`, at: '2026-11-21T06:00:00Z', type, data };
}
