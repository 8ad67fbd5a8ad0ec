import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { TestServer } from '../harness/startServer';

/** Messages of a stream of Server-Sent Events, as the administrator, until it ends or the reader stops. */
export async function* readSse(server: TestServer, path: string): AsyncGenerator<{ event?: string | undefined; data: string }> {
  const connection = new AbortController();
  const response = await server.fetch(path, { headers: { Accept: 'text/event-stream' }, signal: connection.signal });
  if (!response.ok || response.body === null) throw new Error(`GET ${path} answered ${response.status}`);
  try {
    yield* response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  } finally {
    connection.abort();
  }
}
