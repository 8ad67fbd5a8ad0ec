import { StreamableHTTPClientTransport, StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  ErrorCode, isInitializeRequest, isJSONRPCErrorResponse, isJSONRPCRequest, isJSONRPCResultResponse, type JSONRPCMessage, type JSONRPCRequest, type RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import { safeText } from './terminalText';
import type { Connection } from './connection';
import { CliError, EXIT } from './exitCode';

/** Id of our own `initialize`, which no client's is. */
const AGAIN = 'kradle-mcp-initialize-again';

export interface McpBridgeOptions {
  /** The client: standard input and output. */
  readonly local: Transport;
  /** Where the server is now; asked again after it was lost. */
  readonly connect: () => Connection;
  /** Organization for calls that name none; absent leaves it to the server. */
  readonly org: string | undefined;
  /** Tells the person what the client may not show. */
  readonly report: (error: CliError) => void;
}

/**
 * Hands every message on between a client and `/mcp` of a server, both ways and unread, so that both doors are one. When the server has
 * restarted, or has ended the session, the bridge finds it again, initializes as the client did, subscribes as it had, and sends the
 * message once more. Resolves when the client has left; answers what made the first connection fail, if it did.
 */
export async function bridgeMcp(options: McpBridgeOptions): Promise<CliError | undefined> {
  const { local } = options;
  const bridge = new Bridge(options);
  const left = new Promise<void>((resolve) => (local.onclose = resolve));
  // One after the other: what follows initialize must not overtake it. An answer may take long, but sending does not wait for it.
  let queue = Promise.resolve();
  local.onmessage = (message) => void (queue = queue.then(() => bridge.forward(message)));
  await local.start();
  await Promise.race([left, bridge.failed]);
  await queue;
  await bridge.end();
  return bridge.failure;
}

class Bridge {
  readonly failed: Promise<void>;
  failure: CliError | undefined;
  #fail: () => void = () => undefined;
  #remote: StreamableHTTPClientTransport | undefined;
  #initialize: JSONRPCRequest | undefined;
  readonly #subscribed = new Map<string, JSONRPCRequest>();
  /** Requests that the server has and has not answered. */
  readonly #pending = new Set<RequestId>();
  readonly #options: McpBridgeOptions;

  constructor(options: McpBridgeOptions) {
    this.#options = options;
    this.failed = new Promise((resolve) => (this.#fail = resolve));
  }

  async forward(message: JSONRPCMessage): Promise<void> {
    this.#note(message);
    try {
      await this.#send(message);
    } catch (error) {
      await this.#refuse(message, toCliError(error, this.#options.connect));
    }
  }

  async end(): Promise<void> {
    // The server ends the session by itself when it is gone already.
    await this.#remote?.terminateSession().catch(() => undefined);
    await this.#remote?.close();
  }

  async #send(message: JSONRPCMessage): Promise<void> {
    if (this.#remote === undefined) {
      this.#remote = await this.#open();
      if (this.#initialize !== undefined && message !== this.#initialize) await this.#begin(this.#remote, this.#initialize);
    }
    try {
      await this.#remote.send(message);
    } catch (error) {
      if (!isLost(error) || message === this.#initialize) throw error;
      await this.#abandon(this.#remote, message);
      const remote = await this.#open();
      if (this.#initialize !== undefined) await this.#begin(remote, this.#initialize);
      this.#remote = remote;
      await remote.send(message);
    }
  }

  /** The session is lost, and with it the answers to what it was asked; all but `retried`, which is asked again. */
  async #abandon(remote: StreamableHTTPClientTransport, retried?: JSONRPCMessage): Promise<void> {
    if (this.#remote !== remote) return;
    this.#remote = undefined;
    await remote.close();
    const lost = [...this.#pending].filter((id) => retried === undefined || !isJSONRPCRequest(retried) || retried.id !== id);
    for (const id of lost) {
      this.#pending.delete(id);
      await this.#options.local.send({ jsonrpc: '2.0', id, error: { code: ErrorCode.ConnectionClosed, message: 'The Kradle server stopped before it answered; what was asked may have been done.' } });
    }
  }

  async #open(): Promise<StreamableHTTPClientTransport> {
    const { url, token } = this.#options.connect();
    const address = new URL(`${url}/mcp`);
    if (this.#options.org !== undefined) address.searchParams.set('org', this.#options.org);
    const remote = new StreamableHTTPClientTransport(address, { requestInit: { headers: token === undefined ? {} : { Authorization: `Bearer ${token}` } } });
    remote.onmessage = (message) => void this.#deliver(message, remote);
    // One failure of a stream is nothing yet: the transport opens it again.
    remote.onerror = ({ message }) => {
      if (message.startsWith('Maximum reconnection attempts')) void this.#abandon(remote);
    };
    await remote.start();
    return remote;
  }

  /** Does what the client did at its beginning, unheard by it. */
  async #begin(remote: StreamableHTTPClientTransport, initialize: JSONRPCRequest): Promise<void> {
    const deliver = remote.onmessage;
    const answered = new Promise<void>((resolve, reject) => {
      remote.onmessage = (message) => {
        if (isJSONRPCErrorResponse(message)) reject(new CliError(safeText(message.error.message)));
        else if (isJSONRPCResultResponse(message)) {
          remote.setProtocolVersion(String(message.result.protocolVersion));
          resolve();
        }
      };
    });
    await remote.send({ ...initialize, id: AGAIN });
    await answered;
    await remote.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    remote.onmessage = deliver;
    let number = 0;
    for (const request of this.#subscribed.values()) await remote.send({ ...request, id: `${AGAIN}-${(number += 1)}` });
  }

  async #deliver(message: JSONRPCMessage, remote: StreamableHTTPClientTransport): Promise<void> {
    const answers = isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message);
    if (answers && String(message.id).startsWith(AGAIN)) return;
    if (answers && message.id !== undefined) this.#pending.delete(message.id);
    if (isJSONRPCResultResponse(message) && message.id === this.#initialize?.id) remote.setProtocolVersion(String(message.result.protocolVersion));
    await this.#options.local.send(message);
  }

  /** Remembers what a new session will need. */
  #note(message: JSONRPCMessage): void {
    if ('method' in message && message.method === 'notifications/cancelled') this.#pending.delete(message.params?.requestId as RequestId);
    if (!isJSONRPCRequest(message)) return;
    this.#pending.add(message.id);
    if (isInitializeRequest(message)) this.#initialize = message;
    const uri = message.params?.uri;
    if (message.method === 'resources/subscribe' && typeof uri === 'string') this.#subscribed.set(uri, message);
    if (message.method === 'resources/unsubscribe' && typeof uri === 'string') this.#subscribed.delete(uri);
  }

  /** Says it in MCP's log, which clients show, to whoever asked, and to the person. */
  async #refuse(message: JSONRPCMessage, error: CliError): Promise<void> {
    const { local, report } = this.#options;
    const text = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
    report(error);
    await local.send({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'error', logger: 'kradle', data: text } });
    if (isJSONRPCRequest(message) && this.#pending.delete(message.id)) await local.send({ jsonrpc: '2.0', id: message.id, error: { code: ErrorCode.ConnectionClosed, message: text } });
    if (message !== this.#initialize) return;
    this.failure = error;
    this.#fail();
  }
}

/** Whether a new session may help: the server knows this one no more, or is another process now. */
function isLost(error: unknown): boolean {
  return error instanceof StreamableHTTPError ? error.code === 404 : error instanceof TypeError;
}

function toCliError(error: unknown, connect: () => Connection): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof StreamableHTTPError) {
    const message = safeText(messageOf(error));
    return error.code === 401
      ? new CliError(message, { exitCode: EXIT.unreachable, hint: 'Check --token, KRADLE_TOKEN, or the file admin-token of the data folder.', cause: error })
      : new CliError(message, { cause: error });
  }
  return new CliError(`${urlOf(connect)} does not answer.`, { exitCode: EXIT.unreachable, hint: 'Start the server with "kradle serve", or check the address (--server, KRADLE_SERVER).', cause: error });
}

/** The server's own words, which the transport quotes behind its. */
function messageOf(error: StreamableHTTPError): string {
  const body = /\{.*\}$/s.exec(error.message)?.[0];
  try {
    const { error: refusal } = JSON.parse(body ?? '') as { error?: { message?: string } };
    return refusal?.message ?? error.message;
  } catch {
    // A proxy's answer, not ours.
    return error.message;
  }
}

function urlOf(connect: () => Connection): string {
  try {
    return connect().url;
  } catch {
    // It stopped, and took its address along.
    return 'The Kradle server';
  }
}
