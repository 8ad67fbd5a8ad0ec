import { describe, expect, it } from 'vitest';
import type { RunEvent } from '#shared/api/agents';
import { createStyle } from './terminal';
import { createTranscriptText } from './transcriptText';

/** The transcript of events as one text. */
function transcript(...events: [type: string, data: unknown][]): string {
  const text = createTranscriptText(createStyle(false));
  return events.map(([type, data], index): RunEvent => ({ seq: index + 1, id: String(index), at: '2026-11-21T00:00:00Z', type, data })).map((event) => text.write(event)).join('');
}

const message = (text: string) => ({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });

describe('createTranscriptText', () => {
  it('joins the chunks of a message and starts a line for what comes next', () => {
    const text = transcript(['update', message('Hel')], ['update', message('lo.')], ['turn.ended', { stopReason: 'end_turn' }]);
    expect(text).toBe('\nHello.\n\nTurn ended: end_turn\n');
  });

  it('shows the plan with what is done', () => {
    const entries = [{ content: 'Read', status: 'completed' }, { content: 'Fix', status: 'in_progress' }, { content: 'Run', status: 'pending' }];
    expect(transcript(['update', { sessionUpdate: 'plan', entries }])).toBe('\nPlan\n  ✓ Read\n  ● Fix\n  ○ Run\n');
  });

  it('announces a tool call once and shows its diff when it ends', () => {
    const text = transcript(
      ['update', { sessionUpdate: 'tool_call', toolCallId: 't', title: 'Edit add.js', kind: 'edit', status: 'pending' }],
      ['update', { sessionUpdate: 'tool_call_update', toolCallId: 't', status: 'in_progress' }],
      ['update', { sessionUpdate: 'tool_call_update', toolCallId: 't', status: 'completed', content: [{ type: 'diff', path: 'add.js', oldText: 'a - b', newText: 'a + b' }] }],
      ['update', { sessionUpdate: 'tool_call_update', toolCallId: 't', status: 'completed' }],
    );
    expect(text).toBe('\n● Edit add.js edit\n    add.js +1 -1\n    - a - b\n    + a + b\n');
  });

  it('says that a tool call failed', () => {
    const text = transcript(
      ['update', { sessionUpdate: 'tool_call', toolCallId: 't', title: 'npm test', kind: 'execute' }],
      ['update', { sessionUpdate: 'tool_call_update', toolCallId: 't', status: 'failed', content: [{ type: 'content', content: { type: 'text', text: '1 failing' } }] }],
    );
    expect(text).toContain('✗ npm test execute\n    1 failing\n');
  });

  it('shows the end of a long output', () => {
    const output = Array.from({ length: 50 }, (_, index) => `line ${index}`).join('\n');
    const text = transcript(['update', { sessionUpdate: 'tool_call', toolCallId: 't', title: 'x', status: 'completed', content: [{ type: 'content', content: { type: 'text', text: output } }] }]);
    expect(text).toContain('… 30 lines before\n    line 30\n');
    expect(text).toContain('line 49');
  });

  it('tells phases with their reason, questions and answers', () => {
    const text = transcript(
      ['run.phase', { phase: 'Failed', reason: 'AgentEmptyTurn', message: 'The agent said nothing.' }],
      ['permission.requested', { approval: 'run-1-a1', toolCall: { title: 'Run npm test' } }],
      ['permission.resolved', { approval: 'run-1-a1', outcome: 'selected', optionId: 'allow', by: 'admin' }],
    );
    expect(text).toBe('Failed  AgentEmptyTurn: The agent said nothing.\n\n? Permission asked: Run npm test  run-1-a1\n  answered: allow by admin\n');
  });

  it('lets an agent write nothing but text', () => {
    expect(transcript(['update', message('\u001b[2J\u001b[1;1HFAKE')], ['run.phase', { phase: 'Failed\u001b[31m' }])).toBe('\nFAKE\nFailed\n');
  });

  it.each([['unknown', {}], ['update', { sessionUpdate: 'from_the_future' }], ['update', null], ['update', { sessionUpdate: 'tool_call' }], ['run.phase', 'text'], ['__proto__', {}]])(
    'survives %s %j',
    (type, data) => {
      expect(() => transcript([type, data])).not.toThrow();
    },
  );
});
