import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request of a browser and its answer. */
export interface BrowserExchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Address of the client. */
  readonly address: string;
}

/** What is kept for a while in a browser: signed, so that nobody makes it up, readable for whoever holds the browser. */
export type KeptPurpose = 'sign-in' | 'device';

/** The browser of a person: its session, and what it keeps for us. */
export interface Browser {
  /** Signs it in, in the place of whoever was. `method` says how. */
  open(exchange: BrowserExchange, session: { readonly account: string; readonly method: string }): Promise<void>;
  /** Signs it out; its session is good no more. */
  close(exchange: BrowserExchange): Promise<void>;
  keep(exchange: BrowserExchange, kept: { readonly purpose: KeptPurpose; readonly claims: object; readonly lifetimeMs: number }): void;
  /** What it kept; undefined when that is not ours, too old, or not there. */
  recall(exchange: BrowserExchange, purpose: KeptPurpose): Readonly<Record<string, unknown>> | undefined;
  forget(exchange: BrowserExchange, purpose: KeptPurpose): void;
}
