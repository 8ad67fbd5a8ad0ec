import type { EventSourceMessage } from 'eventsource-parser';
import { EventSourceParserStream } from 'eventsource-parser/stream';

/** A stream of Server-Sent Events, read one by one. */
export interface SseClient {
  /** The next message; throws when the stream is over. */
  next(): Promise<EventSourceMessage>;
  /** Reads on until a message is as wanted and answers all that were read, that one last. */
  until(wanted: (data: SseData) => boolean): Promise<{ id: string | undefined; data: SseData }[]>;
  /** Resolves when the server has ended the stream or is gone. */
  over(): Promise<void>;
  close(): void;
}

/** The messages of all our streams are objects with a type. */
export type SseData = Readonly<Record<string, unknown>> & { readonly type: string };

/** Reads a response as Server-Sent Events. `close` ends the request; it needs the controller whose signal the request was made with. */
export function readSse(response: Response, abort: AbortController): SseClient {
  if (response.body === null) throw new Error('the answer has no body');
  const reader = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream()).getReader();
  let last = 'nothing';
  const client: SseClient = {
    async next() {
      const { value, done } = await reader.read();
      if (done) throw new Error(`the stream is over; it said at last: ${last}`);
      last = value.data;
      return value;
    },
    async until(wanted) {
      const read = [];
      for (;;) {
        const { id, data: line } = await client.next();
        const data = JSON.parse(line) as SseData;
        read.push({ id, data });
        if (wanted(data)) return read;
      }
    },
    async over() {
      try {
        while (!(await reader.read()).done);
      } catch {
        // The server was killed: the connection broke.
      }
    },
    close: () => abort.abort(),
  };
  return client;
}
