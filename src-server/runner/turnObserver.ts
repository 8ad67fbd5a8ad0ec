import { fieldsOf, numberOf, stringOf } from '#shared/runs/readEvent';
import type { RunUsage } from '../domains/agents/runnerProtocol';

/** The last message may be long; the rest of the diagnosis is in the transcript. */
const MAX_MESSAGE_LENGTH = 65_536;

/** What a turn amounted to, gathered from the updates as they pass: the events themselves are stored, not kept. */
export class TurnObserver {
  lastActivityAt = new Date().toISOString();
  usage: RunUsage = {};
  costUsd: number | undefined;
  messages = 0;
  toolCalls = 0;
  #message = '';
  #closing = '';
  #messageId: string | undefined;
  #inMessage = false;

  /** The agent said or did something. */
  active(): void {
    this.lastActivityAt = new Date().toISOString();
  }

  /** Looks at an ACP SessionUpdate. */
  observe(update: unknown): void {
    this.active();
    const fields = fieldsOf(update);
    switch (fields.sessionUpdate) {
      case 'agent_message_chunk':
        this.#appendMessage(stringOf(fieldsOf(fields.content).text) ?? '', stringOf(fields.messageId));
        return;
      case 'tool_call':
        this.toolCalls += 1;
        this.#inMessage = false;
        return;
      case 'usage_update':
        this.#readUsage(fields);
        return;
      case 'agent_thought_chunk':
      case 'plan':
        this.#inMessage = false;
    }
  }

  /** Totals that the agent gives with the end of its turn. */
  addTurnUsage(usage: unknown): void {
    const { inputTokens, outputTokens, totalTokens } = fieldsOf(usage);
    this.usage = { ...this.usage, ...counts({ inputTokens, outputTokens, totalTokens }) };
  }

  /** Output of a plain command stands in for messages. */
  addOutput(text: string): void {
    this.active();
    if (text.trim() !== '') this.messages += 1;
    this.#message = (this.#message + text).slice(-MAX_MESSAGE_LENGTH);
    this.#closing = this.#message;
  }

  /** The last message that the agent wrote; empty when it wrote none. */
  get closingMessage(): string {
    return (this.#message.trim() || this.#closing.trim()).slice(0, MAX_MESSAGE_LENGTH);
  }

  #appendMessage(text: string, messageId: string | undefined): void {
    if (!this.#inMessage || messageId !== this.#messageId) {
      if (this.#message.trim() !== '') this.#closing = this.#message;
      this.#message = '';
      this.#messageId = messageId;
      this.#inMessage = true;
    }
    if (text.trim() !== '' && this.#message.trim() === '') this.messages += 1;
    if (this.#message.length < MAX_MESSAGE_LENGTH) this.#message += text;
  }

  #readUsage(fields: Readonly<Record<string, unknown>>): void {
    this.usage = { ...this.usage, ...counts({ contextUsed: fields.used, contextSize: fields.size }) };
    const cost = fieldsOf(fields.cost);
    const amount = numberOf(cost.amount);
    if (amount !== undefined && amount >= 0 && (cost.currency === undefined || cost.currency === 'USD')) this.costUsd = amount;
  }
}

function counts(values: Readonly<Record<string, unknown>>): Record<string, number> {
  const entries = Object.entries(values).flatMap(([name, value]) => {
    const number = numberOf(value);
    return number === undefined || number < 0 ? [] : [[name, Math.round(number)] as const];
  });
  return Object.fromEntries(entries);
}
