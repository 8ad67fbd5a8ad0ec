import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { Logger } from '../app/log';

/** What a reconciler is told: which object, never what happened to it. */
export interface ReconcileRequest {
  readonly org: string;
  readonly name: string;
}

/** Absent: done until something changes. */
export interface ReconcileResult {
  readonly requeueAfterMs?: number;
}

/**
 * Keeps objects of one kind true. Level-triggered: reads the world, moves it one step, may be killed at any point and run again.
 * One key never runs twice at once; a thrown error is retried with back-off (1 s doubling to 60 s).
 */
export interface Controller {
  readonly name: string;
  readonly kind: AnyKind;
  /** Other kinds whose changes enqueue keys of this one. */
  readonly watches?: readonly { readonly kind: AnyKind; readonly map: (object: KradleObject) => readonly ReconcileRequest[] }[];
  /** Keys that may be reconciled at the same time; default 2. */
  readonly concurrency?: number;
  reconcile(request: ReconcileRequest, ctx: { readonly signal: AbortSignal; readonly log: Logger }): Promise<ReconcileResult | void>;
}

/** Something with a start and a stop, run in order by the lifecycle. */
export interface Runnable {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}
