import type { Actor } from './actor';

/** The way a request came in. */
export type Door = 'trpc' | 'rest' | 'kubernetes' | 'mcp' | 'git' | 'ssh' | 'http';

/** Something that an actor did, or was refused, or saw that not everybody may see. */
export interface AuditedAct {
  /** The verb as the authorizer knows it: `create`, `merge`, `push`. */
  readonly verb: string;
  /** Name of the kind that it was done to. */
  readonly kind: string;
  readonly org: string;
  readonly name?: string;
  readonly uid?: string;
  /** The version that came of it. */
  readonly resourceVersion?: string;
  readonly outcome: 'allowed' | 'denied';
  /** The rule that decided, as the authorizer names it. */
  readonly rule?: string;
  /** For a refusal: why, in the words that the actor was told. */
  readonly reason?: string;
  /** `sha256:…` of what was written, as canonical JSON. */
  readonly digest?: string;
  /** What else is known. Never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The trail that one request leaves. Every actor that comes through a door carries one; what it does is noted where it is decided and
 * written, so no door can forget it.
 */
export interface AuditTrail {
  readonly door: Door;
  readonly correlationId: string;
  /** Address of the client. */
  readonly sourceAddress?: string;
  /** Resolves when the record is safe on the disk; the answer to the request waits for it. */
  note(actor: Actor, act: AuditedAct): Promise<void>;
}
