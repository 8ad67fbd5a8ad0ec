import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

export interface SseMessage {
  /** What a client sends back as `Last-Event-ID`. */
  readonly id?: string;
  /** Name that `addEventListener` takes; absent is `message`. */
  readonly event?: string;
  /** Sent as one line of JSON. */
  readonly data: unknown;
}

/** Begins a stream of Server-Sent Events. No proxy may buffer it. */
export function startSse(res: ServerResponse): void {
  res.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-cache', Connection: 'keep-alive', 'X-Accel-Buffering': 'no' });
  res.flushHeaders();
}

/** A comment this often tells clients and proxies that a silent stream is alive; fetch gives up after five minutes without a byte. */
const KEEP_ALIVE_MS = 15_000;

/** Keeps a stream alive while it is silent; the answer ends that. */
export function keepAlive(res: ServerResponse): () => void {
  const timer = setInterval(() => res.write(': alive\n\n'), KEEP_ALIVE_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Sends a message and waits while the client is slower than we are. */
export async function sendSse(res: ServerResponse, ...messages: readonly SseMessage[]): Promise<void> {
  const text = messages.map(({ id, event, data }) => `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`).join('');
  if (res.destroyed || res.write(text)) return;
  await Promise.race([once(res, 'drain'), once(res, 'close')]);
}
