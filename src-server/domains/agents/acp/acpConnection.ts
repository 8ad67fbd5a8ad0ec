import { setTimeout as sleep } from 'node:timers/promises';
import * as acp from '@agentclientprotocol/sdk';
import { AgentFailure } from '../agentFailure';
import type { AgentProcess } from '../process/agentProcess';
import { agentExited, answeredWithError, authRequired, AUTH_REQUIRED_CODE, initializeTimeout } from './acpFailures';
import { readMessages, type MessageHandlers } from './messageStream';
import { selectModel, type AcpSession } from './selectModel';

/** A permission request as the agent sent it. Nothing of it is validated away: people see what the agent said. */
export interface PermissionRequest {
  /** Unique within the connection. */
  readonly requestId: string;
  readonly toolCall: Readonly<Record<string, unknown>>;
  readonly options: readonly { readonly optionId: string; readonly name: string; readonly kind: string }[];
  /** Aborted when the agent takes the request back, or goes. */
  readonly signal: AbortSignal;
}

export type PermissionOutcome = { readonly outcome: 'selected'; readonly optionId: string } | { readonly outcome: 'cancelled' };

export interface AcpHandlers extends Pick<MessageHandlers, 'onUpdate' | 'onNoise'> {
  readonly onPermission: (request: PermissionRequest) => Promise<PermissionOutcome>;
}

export interface PromptResult {
  readonly stopReason: string;
  readonly usage?: unknown;
}

/** An agent that answered `initialize`. Every method rejects with AgentFailure. */
export interface AcpConnection {
  readonly initialized: acp.InitializeResponse;
  newSession(cwd: string): Promise<AcpSession>;
  /** What the agent replays is dropped: the run's events hold it already. */
  loadSession(sessionId: string, cwd: string): Promise<AcpSession>;
  /** Asks for a model in whichever way the agent offers; a notice for people when it cannot be had. */
  selectModel(session: AcpSession, model: string): Promise<string | undefined>;
  prompt(sessionId: string, text: string): Promise<PromptResult>;
  /** Asks the agent to end its turn; the prompt then answers with `cancelled`. */
  cancel(sessionId: string): Promise<void>;
  close(): void;
}

export interface ConnectOptions {
  readonly process: AgentProcess;
  readonly handlers: AcpHandlers;
  readonly initializeTimeoutMs: number;
  /** For messages: the command as a person would type it. */
  readonly commandLine: readonly string[];
}

/** After the process ended, its last words are still in the pipe; unless a process that it left behind holds the pipe open. */
const LAST_WORDS_MS = 2_000;

/** Speaks ACP v1 with a started agent and initializes it. Offers neither file system nor terminals: version 2 of the protocol has neither. */
export async function connectAcp(options: ConnectOptions): Promise<AcpConnection> {
  const { process: agent, handlers, commandLine } = options;
  const known: { authMethods: readonly acp.AuthMethod[] } = { authMethods: [] };
  let replaying = false;
  const { promise: unreadable, reject: failReading } = rejection();
  const messages = readMessages(agent.stdout, {
    onNoise: handlers.onNoise,
    onUpdate: (params) => {
      if (!replaying) handlers.onUpdate((params as { update?: unknown } | undefined)?.update);
    },
  });
  const connection = acp
    .client({ name: 'kradle' })
    .onRequest(acp.methods.client.session.requestPermission, readPermission, async ({ params, requestId, signal }) => ({
      outcome: await handlers.onPermission({ ...params, requestId: String(requestId), signal }),
    }))
    .connect({ readable: readableOf(messages, failReading), writable: writableOf(agent) });
  const gone = agent.exited.then(async (exit): Promise<never> => {
    await Promise.race([connection.closed, unreadable.catch(() => undefined), sleep(LAST_WORDS_MS, undefined, { ref: false })]);
    throw agentExited(commandLine, exit, agent.stderrTail());
  });
  gone.catch(() => undefined);

  /** Settles like the request, unless the agent's process or its output fails first: then that is the reason. */
  const ask = async <T>(request: Promise<T>): Promise<T> => {
    try {
      return await Promise.race([request, gone, unreadable]);
    } catch (error) {
      if (error instanceof AgentFailure) throw error;
      if (error instanceof acp.RequestError && !connection.signal.aborted) {
        throw error.code === AUTH_REQUIRED_CODE ? authRequired(commandLine, known.authMethods) : answeredWithError(error);
      }
      // The connection closed under the request: wait for what closed it.
      return Promise.race([gone, unreadable, closedWithoutExit(agent)]);
    }
  };

  const timeout = rejection();
  const timer = setTimeout(() => timeout.reject(initializeTimeout(commandLine, options.initializeTimeoutMs, agent.stderrTail())), options.initializeTimeoutMs);
  const answer = await ask(
    Promise.race([
      timeout.promise,
      connection.agent.request(acp.methods.agent.initialize, {
        protocolVersion: acp.PROTOCOL_VERSION,
        clientInfo: { name: 'kradle', title: 'Kradle', version: '1' },
        // Agents that can stream what a command prints do so only for clients that say they show it.
        clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false, _meta: { terminal_output: true } },
      }),
    ]),
  ).finally(() => clearTimeout(timer));
  known.authMethods = answer.authMethods ?? [];

  return {
    initialized: answer,
    newSession: (cwd) => ask(connection.agent.request<AcpSession>(acp.methods.agent.session.new as string, { cwd, mcpServers: [] })),
    async loadSession(sessionId, cwd) {
      replaying = true;
      try {
        const loaded = await ask(connection.agent.request<Partial<AcpSession> | null>(acp.methods.agent.session.load as string, { sessionId, cwd, mcpServers: [] }));
        return { ...loaded, sessionId };
      } finally {
        replaying = false;
      }
    },
    selectModel: (session, model) => ask(selectModel(connection.agent, session, model)),
    prompt: (sessionId, text) => ask(connection.agent.request<PromptResult>(acp.methods.agent.session.prompt as string, { sessionId, prompt: [{ type: 'text', text }] })),
    cancel: (sessionId) => connection.agent.notify(acp.methods.agent.session.cancel, { sessionId }),
    close: () => connection.close(),
  };
}

/** One message at a time, as the connection asks for it. */
function readableOf(messages: AsyncGenerator<acp.AnyMessage>, onFailure: (error: unknown) => void): ReadableStream<acp.AnyMessage> {
  return new ReadableStream({
    async pull(controller) {
      try {
        const next = await messages.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      } catch (error) {
        onFailure(error);
        controller.error(error);
      }
    },
  });
}

function writableOf(agent: AgentProcess): WritableStream<acp.AnyMessage> {
  return new WritableStream({
    async write(message) {
      if (agent.stdin.destroyed || agent.stdin.write(`${JSON.stringify(message)}\n`)) return;
      await new Promise<void>((resolve) => {
        agent.stdin.once('drain', resolve);
        agent.stdin.once('close', resolve);
      });
    },
  });
}

/** Closing its output without ending is as final as ending, for someone who waits for an answer. */
async function closedWithoutExit(agent: AgentProcess): Promise<never> {
  await sleep(LAST_WORDS_MS, undefined, { ref: false });
  throw new AgentFailure('AgentProtocolError', `The agent closed its output before it finished, but its process still runs.${agent.stderrTail() === '' ? '' : ` Its last words: ${agent.stderrTail().trim().slice(-500)}`}`, { retryable: true });
}

function rejection(): { promise: Promise<never>; reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<never>((_resolve, rejectPromise) => {
    reject = rejectPromise;
  });
  promise.catch(() => undefined);
  return { promise, reject };
}

function readPermission(value: unknown): Pick<PermissionRequest, 'toolCall' | 'options'> {
  const params = (value ?? {}) as { toolCall?: unknown; options?: unknown };
  const options = Array.isArray(params.options) ? (params.options as Partial<PermissionRequest['options'][number]>[]) : [];
  return {
    toolCall: typeof params.toolCall === 'object' && params.toolCall !== null ? (params.toolCall as Record<string, unknown>) : {},
    options: options.flatMap(({ optionId, name, kind }) => (typeof optionId === 'string' ? [{ optionId, name: name ?? optionId, kind: kind ?? '' }] : [])),
  };
}
