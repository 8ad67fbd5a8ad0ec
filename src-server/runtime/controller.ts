import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { Logger } from '../app/log';

/** What a reconciler is told: which object, never what happened to it. */
export interface ReconcileRequest {
  readonly org: string;
  readonly name: string;
}

/** Of one reference: `org/name`. */
export function keyOf({ org, name }: ReconcileRequest): string {
  return `${org}/${name}`;
}

/** The inverse of {@link keyOf}: neither an organization nor an object has a slash in its name. */
export function requestOf(key: string): ReconcileRequest {
  const slash = key.indexOf('/');
  return { org: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** Another kind whose changes enqueue keys. */
export type ControllerWatch = {
  readonly kind: AnyKind;
  /** Whom an object points at. Those that it pointed at before are enqueued, too. */
  readonly map: (object: KradleObject) => readonly ReconcileRequest[];
} | {
  readonly kind: AnyKind;
  /** Who points at an object, asked whenever that changes: its name is enough, and nothing is kept of it. */
  readonly dependents: (ref: ReconcileRequest) => readonly ReconcileRequest[];
};

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
  readonly watches?: readonly ControllerWatch[];
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
