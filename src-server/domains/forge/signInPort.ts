import type { Actor } from '../../resources/actor';
import type { AuditTrails } from '../../resources/auditTrail';

/** What the forge takes from those who know people and requests. Called at use. */
export interface SignInPort {
  /** The actor of an account; undefined when it is gone or may not sign in. */
  findAccount(name: string): Promise<Actor | undefined>;
  /** Calls `end` when the actor may sign in no more; the answer takes it back. */
  follow(actor: Actor, end: () => void): () => void;
  readonly trails: AuditTrails;
  readonly seal: TicketSeal;
  /** Address that people and git reach the server by over HTTP, without a slash at the end. */
  baseUrl(): string;
}

/** Signs what a client brings back (`api/tokens.ts`). */
export interface TicketSeal {
  seal(purpose: string, claims: object, expiresAt: number): string;
  unseal(purpose: string, text: string): Readonly<Record<string, unknown>> | undefined;
}
