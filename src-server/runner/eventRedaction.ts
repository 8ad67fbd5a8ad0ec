import type { RunEventType } from '#shared/api/agents';
import { fieldsOf, stringOf } from '#shared/runs/readEvent';
import type { RedactionStream, Redactor } from '../domains/agents/redaction/redactor';

export interface OutgoingEvent {
  readonly type: RunEventType;
  readonly data: unknown;
}

interface OpenText {
  readonly stream: RedactionStream;
  /** The same event with another text. */
  readonly withText: (text: string) => OutgoingEvent;
}

/** Messages and thoughts come in pieces that people read as one text. */
const CHUNKS: ReadonlySet<string> = new Set(['user_message_chunk', 'agent_message_chunk', 'agent_thought_chunk']);

/**
 * Takes granted values out of events before anything keeps them. Where a text comes in pieces, what may be the beginning of a value waits
 * for the next piece.
 */
export class EventRedaction {
  readonly #redactor: Redactor;
  /** Output that goes on whatever else happens: of the program, of a tool's terminal. */
  readonly #outputs = new Map<string, OpenText>();
  /** The message or thought that the agent is at. */
  #message: (OpenText & { readonly key: string }) | undefined;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /** What is to be told in place of the event, in order; nothing while all of it waits. */
  accept(event: OutgoingEvent): OutgoingEvent[] {
    if (this.#redactor.isEmpty) return [event];
    if (event.type === 'stdout' || event.type === 'stderr') return this.#output(event.type, event, stringOf(fieldsOf(event.data).text));
    const update = fieldsOf(event.data);
    const chunk = event.type === 'update' && CHUNKS.has(String(update.sessionUpdate)) ? stringOf(fieldsOf(update.content).text) : undefined;
    if (chunk !== undefined) return this.#chunk(event, chunk);
    const before = this.#endMessage();
    const streamed = event.type === 'update' ? stringOf(fieldsOf(fieldsOf(update._meta).terminal_output).data) : undefined;
    const key = `terminal/${String(update.toolCallId)}`;
    if (streamed !== undefined) return [...before, ...this.#output(key, event, streamed)];
    return [...before, ...(fieldsOf(update._meta).terminal_exit === undefined ? [] : this.#endOutput(key)), this.#whole(event)];
  }

  /** What still waits: nothing follows. */
  end(): OutgoingEvent[] {
    return [...this.#endMessage(), ...[...this.#outputs.keys()].flatMap((key) => this.#endOutput(key))];
  }

  #whole(event: OutgoingEvent): OutgoingEvent {
    return { type: event.type, data: this.#redactor.data(event.data) };
  }

  #chunk(event: OutgoingEvent, text: string): OutgoingEvent[] {
    const data = fieldsOf(event.data);
    const key = `${String(data.sessionUpdate)}/${stringOf(data.messageId) ?? ''}`;
    const before = this.#message?.key === key ? [] : this.#endMessage();
    const stream = this.#message?.stream ?? this.#redactor.stream();
    this.#message = { key, stream, withText: (safe) => this.#whole({ type: event.type, data: { ...data, content: { ...fieldsOf(data.content), text: safe } } }) };
    return [...before, ...told(this.#message, stream.push(text))];
  }

  #output(key: string, event: OutgoingEvent, text: string | undefined): OutgoingEvent[] {
    if (text === undefined) return [this.#whole(event)];
    const stream = this.#outputs.get(key)?.stream ?? this.#redactor.stream();
    const data = fieldsOf(event.data);
    const open: OpenText = key.startsWith('terminal/')
      ? { stream, withText: (safe) => this.#whole({ type: event.type, data: { ...data, _meta: { ...fieldsOf(data._meta), terminal_output: { ...fieldsOf(fieldsOf(data._meta).terminal_output), data: safe } } } }) }
      : { stream, withText: (safe) => ({ type: event.type, data: { ...data, text: safe } }) };
    this.#outputs.set(key, open);
    return told(open, stream.push(text));
  }

  #endMessage(): OutgoingEvent[] {
    const message = this.#message;
    this.#message = undefined;
    return message === undefined ? [] : told(message, message.stream.end());
  }

  #endOutput(key: string): OutgoingEvent[] {
    const open = this.#outputs.get(key);
    this.#outputs.delete(key);
    return open === undefined ? [] : told(open, open.stream.end());
  }
}

function told(open: OpenText, text: string): OutgoingEvent[] {
  return text === '' ? [] : [open.withText(text)];
}
