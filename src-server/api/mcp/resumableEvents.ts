import type { EventStore } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';

/** What a session keeps for a client that lost its connection. */
const MAX_EVENTS = 512;
const MAX_BYTES = 2 * 1024 * 1024;

interface KeptEvent {
  readonly number: number;
  readonly streamId: string;
  readonly message: JSONRPCMessage;
  readonly sizeBytes: number;
}

/**
 * The latest messages of one session's streams, in memory: a client that reconnects with `Last-Event-ID` gets what it missed of that
 * stream. One that comes back too late for what it missed is told so, instead of getting a part.
 */
export class ResumableEvents implements EventStore {
  #events: KeptEvent[] = [];
  #sizeBytes = 0;
  #last = 0;

  async storeEvent(streamId: string, message: JSONRPCMessage): Promise<string> {
    const event = { number: (this.#last += 1), streamId, message, sizeBytes: JSON.stringify(message).length };
    this.#events.push(event);
    this.#sizeBytes += event.sizeBytes;
    while (this.#events.length > 1 && (this.#events.length > MAX_EVENTS || this.#sizeBytes > MAX_BYTES)) this.#sizeBytes -= this.#events.shift()?.sizeBytes ?? 0;
    return `${streamId}_${event.number}`;
  }

  /** Undefined for an event that is unknown or no longer kept: the transport refuses it. */
  async getStreamIdForEventId(eventId: string): Promise<string | undefined> {
    return this.#find(eventId)?.streamId;
  }

  async replayEventsAfter(lastEventId: string, { send }: { send: (eventId: string, message: JSONRPCMessage) => Promise<void> }): Promise<string> {
    const last = this.#find(lastEventId);
    if (last === undefined) throw new Error('The event is no longer kept.');
    for (const { number, streamId, message } of this.#events) {
      // An empty message only opened a stream.
      if (streamId === last.streamId && number > last.number && 'jsonrpc' in message) await send(`${streamId}_${number}`, message);
    }
    return last.streamId;
  }

  #find(eventId: string): KeptEvent | undefined {
    return this.#events.find(({ streamId, number }) => `${streamId}_${number}` === eventId);
  }
}
