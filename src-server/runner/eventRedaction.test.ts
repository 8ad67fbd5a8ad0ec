import { describe, expect, it } from 'vitest';
import { createRedactor } from '../domains/agents/redaction/redactor';
import { EventRedaction, type OutgoingEvent } from './eventRedaction';

const SECRET = 'planted-value-123';
const message = (text: string, messageId = 'm1'): OutgoingEvent => ({ type: 'update', data: { sessionUpdate: 'agent_message_chunk', messageId, content: { type: 'text', text } } });
const textOf = ({ data }: OutgoingEvent): string => (data as { content: { text: string } }).content.text;

function run(events: readonly OutgoingEvent[]): OutgoingEvent[] {
  const redaction = new EventRedaction(createRedactor([Buffer.from(SECRET)]));
  return [...events.flatMap((event) => redaction.accept(event)), ...redaction.end()];
}

describe('EventRedaction', () => {
  it('finds a value that a message brings in pieces', () => {
    const out = run([message('it is plan'), message('ted-va'), message('lue-123, '), message('done')]);
    expect(out.map(textOf).join('')).toBe('it is ***, done');
  });

  it('tells what it held back before the event that comes after it', () => {
    const tool: OutgoingEvent = { type: 'update', data: { sessionUpdate: 'tool_call', toolCallId: 't', title: `echo ${SECRET}` } };
    const out = run([message('see pla'), tool, message('later', 'm2')]);
    expect(out.map(({ data }) => (data as { sessionUpdate: string }).sessionUpdate)).toEqual(['agent_message_chunk', 'agent_message_chunk', 'tool_call', 'agent_message_chunk']);
    expect(out.slice(0, 2).map(textOf).join('')).toBe('see pla');
    expect(out[2]?.data).toMatchObject({ title: 'echo ***' });
  });

  it('keeps two messages apart', () => {
    expect(run([message('planted-', 'a'), message('value-123', 'b')]).map(textOf)).toEqual(['planted-', 'value-123']);
  });

  it('finds a value across pieces of output, of each stream by itself', () => {
    const output = (type: 'stdout' | 'stderr', text: string): OutgoingEvent => ({ type, data: { text } });
    const out = run([output('stdout', 'a planted-'), output('stderr', 'b planted-'), output('stdout', 'value-123\n'), output('stderr', 'value-12')]);
    const whole = (type: string) => out.filter((event) => event.type === type).map(({ data }) => (data as { text: string }).text).join('');
    expect([whole('stdout'), whole('stderr')]).toEqual(['a ***\n', 'b planted-value-12']);
  });

  it('finds a value across pieces of a terminal, and tells the rest when it ends', () => {
    const piece = (data: string): OutgoingEvent => ({ type: 'update', data: { sessionUpdate: 'tool_call_update', toolCallId: 't', _meta: { terminal_output: { data } } } });
    const exit: OutgoingEvent = { type: 'update', data: { sessionUpdate: 'tool_call_update', toolCallId: 't', _meta: { terminal_exit: { exit_code: 0 } } } };
    const out = run([piece('$ planted-val'), piece('ue-123 p'), exit]);
    const texts = out.map(({ data }) => (data as { _meta: { terminal_output?: { data: string } } })._meta.terminal_output?.data);
    expect(texts.filter((text) => text !== undefined).join('')).toBe('$ *** p');
    expect(texts.at(-1)).toBeUndefined();
  });

  it('lets everything pass as it is where nothing was granted', () => {
    const event = message(SECRET);
    expect(new EventRedaction(createRedactor([])).accept(event)).toEqual([event]);
  });
});
