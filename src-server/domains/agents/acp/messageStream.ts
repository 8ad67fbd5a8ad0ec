import type { Readable } from 'node:stream';
import type { AnyMessage } from '@agentclientprotocol/sdk';
import { AgentFailure } from '../agentFailure';

export interface MessageLimits {
  /** Bytes of one line. An agent that sends more in one message floods. */
  readonly maxLineBytes: number;
  /** Lines that are not JSON before the first message: banners and warnings that a program prints to the wrong stream. */
  readonly noiseBeforeStart: number;
  /** The same over the whole life of the process. */
  readonly noiseInAll: number;
}

export const MESSAGE_LIMITS: MessageLimits = { maxLineBytes: 64 * 1024 * 1024, noiseBeforeStart: 40, noiseInAll: 5_000 };

export interface MessageHandlers {
  /** A `session/update`, verbatim, in the order of arrival and before anything that came after it. */
  readonly onUpdate: (params: unknown) => void;
  /** A line on standard output that is no message. */
  readonly onNoise: (line: string) => void;
  /** A JSON-RPC answer or request came: the program speaks the protocol. */
  readonly onSpeaks?: () => void;
}

/**
 * Reads newline-delimited JSON-RPC from an agent's standard output. Updates go straight to the handler: they are stored as they are,
 * so nothing validates or reorders them. Everything else is yielded. Reads only as fast as the consumer takes.
 *
 * Throws AgentFailure: AgentProtocolError for too much that is no message, AgentOutputFlood for a line without end.
 */
export async function* readMessages(stdout: Readable, handlers: MessageHandlers, limits: MessageLimits = MESSAGE_LIMITS): AsyncGenerator<AnyMessage> {
  let noise: string[] = [];
  let noiseCount = 0;
  let speaks = false;
  for await (const line of readLines(stdout, limits.maxLineBytes)) {
    if (line.trim() === '') continue;
    const message = parseMessage(line);
    if (message === undefined) {
      noiseCount += 1;
      handlers.onNoise(line);
      if (noise.length < 8) noise.push(line.slice(0, 300));
      if (noiseCount > (speaks ? limits.noiseInAll : limits.noiseBeforeStart)) throw notTheProtocol(noise);
      continue;
    }
    if (!speaks) {
      speaks = true;
      noise = [];
      handlers.onSpeaks?.();
    }
    if ('method' in message && message.method === 'session/update' && !('id' in message)) handlers.onUpdate(message.params);
    else yield message;
  }
  if (!speaks && noise.length > 0) throw notTheProtocol(noise);
}

function notTheProtocol(noise: readonly string[]): AgentFailure {
  return new AgentFailure(
    'AgentProtocolError',
    `The program does not speak the Agent Client Protocol on standard output. It printed:\n${noise.join('\n')}\nCheck the adapter's command: many agents need an argument for it (for example "opencode acp", "gemini --experimental-acp").`,
  );
}

function parseMessage(line: string): AnyMessage | undefined {
  if (!line.trimStart().startsWith('{')) return undefined;
  try {
    const value = JSON.parse(line) as Record<string, unknown>;
    // Some agents leave the version out; what counts is that it is a request, a notification or an answer.
    return typeof value.method === 'string' || 'result' in value || 'error' in value ? ({ jsonrpc: '2.0', ...value } as AnyMessage) : undefined;
  } catch {
    return undefined;
  }
}

/** Lines of a byte stream, decoded once whole: a character may be split between two chunks. */
async function* readLines(stream: Readable, maxLineBytes: number): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      parts.push(chunk.subarray(start, end));
      yield (parts.length === 1 ? chunk.subarray(start, end) : Buffer.concat(parts)).toString('utf8');
      parts = [];
      pendingBytes = 0;
      start = end + 1;
    }
    if (start < chunk.length) {
      parts.push(chunk.subarray(start));
      pendingBytes += chunk.length - start;
    }
    if (pendingBytes > maxLineBytes) {
      throw new AgentFailure('AgentOutputFlood', `The agent sent a single message of more than ${Math.floor(maxLineBytes / 1024 / 1024)} MiB. It was stopped.`);
    }
  }
  if (pendingBytes > 0) yield Buffer.concat(parts).toString('utf8');
}
