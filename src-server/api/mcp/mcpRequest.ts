import type { AuthInfo } from '@modelcontextprotocol/sdk/server/auth/types.js';
import { StatusError } from '#shared/api/status';
import type { Logger } from '../../app/log';
import type { Actor } from '../../resources/actor';
import type { ResourceClient } from '../../resources/resourceClient';

/** Who a message comes from, as the HTTP request that carried it says. */
export interface McpCaller {
  readonly actor: Actor;
  /** `http://127.0.0.1:3080`, as this client reached the server. */
  readonly origin: string;
  readonly correlationId: string;
  readonly log: Logger;
  /** Organization that `?org=` of the address names. */
  readonly org?: string;
}

/** How far a long tool is. */
export interface Progress {
  readonly message: string;
  /** Grows with every update. */
  readonly progress: number;
  readonly total?: number;
}

/** What a tool, prompt or resource gets to work with: everything as the actor. */
export interface McpRequest {
  readonly resources: ResourceClient;
  /** Aborted when the client cancels, or its session ends. */
  readonly signal: AbortSignal;
  /** The organization that an argument names, else the one of the session. */
  org(named?: string): Promise<string>;
  /** Calls a procedure of the router, as the other doors do. Throws StatusErrors. */
  call<T>(procedure: string, input: object): Promise<T>;
  /** Tells a client that asked to know. */
  progress(update: Progress): Promise<void>;
}

/** Sends the caller along with a message: the SDK hands handlers what it calls authentication. */
export function toAuthInfo(caller: McpCaller): AuthInfo {
  return { token: '', clientId: caller.actor.name, scopes: [], extra: { caller } };
}

/** The caller that {@link toAuthInfo} sent along. */
export function callerOf(authInfo: AuthInfo | undefined): McpCaller {
  const caller = authInfo?.extra?.caller as McpCaller | undefined;
  if (caller === undefined) throw new StatusError('Unauthorized', 'The message came without its sender.');
  return caller;
}

/** Whether two requests are one actor's: a session serves nobody else. */
export function isSameActor(a: Actor, b: Actor): boolean {
  return a.kind === b.kind && a.name === b.name && a.run?.org === b.run?.org && a.run?.name === b.run?.name && a.run?.attempt === b.run?.attempt;
}
