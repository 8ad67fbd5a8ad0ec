import type { KradleObject } from '#shared/kind/defineKind';
import { decodeShared } from './objectCodec';
import type { StoreEvent } from './store';

/** `C`reated, `U`pdated, `D`eleted. */
export type ChangeType = 'C' | 'U' | 'D';

/** One committed change. The table has no `value`: see `VALUE_AFTER_CHANGE` in `sql/statements.ts`. */
export interface LogRow {
  readonly revision: bigint;
  readonly key: string;
  readonly type: ChangeType;
  /** The object after the change; null for a delete. */
  readonly value: string | null;
  /** The object before the change; null for a create. */
  readonly prev_value: string | null;
}

/** A change that many subscribers share: decoded when the first one looks, at most once, and frozen. */
export class LogEntry {
  readonly revision: bigint;
  readonly key: string;
  readonly #row: LogRow;
  #after: KradleObject | undefined;
  #before: KradleObject | undefined;

  /** `answer`: what the write was answered with, where this process made it; frozen. */
  constructor(row: LogRow, answer?: KradleObject) {
    this.revision = row.revision;
    this.key = row.key;
    this.#row = row;
    if (row.type === 'D') this.#before = answer;
    else this.#after = answer;
  }

  /** Memory that the entry holds on to, in characters of JSON. */
  get size(): number {
    return (this.#row.value?.length ?? 0) + (this.#row.prev_value?.length ?? 0);
  }

  /**
   * What a watcher is told, or undefined when the change does not concern it. With a predicate, an object that leaves the selection
   * is reported as deleted, in its last matching state, and one that enters it as added: as kube-apiserver does.
   */
  toEvent(matches: ((object: KradleObject) => boolean) | undefined): StoreEvent | undefined {
    const after = this.#objectAfter();
    const isIn = after !== undefined && (matches?.(after) ?? true);
    // Without a predicate only the type counts, and the previous object need not be decoded.
    const wasIn = this.#row.type === 'U' && matches === undefined ? true : this.#wasIn(matches);
    const resourceVersion = this.revision.toString();
    if (isIn) return { type: wasIn ? 'MODIFIED' : 'ADDED', resourceVersion, object: after };
    return wasIn ? { type: 'DELETED', resourceVersion, object: this.#objectBefore() } : undefined;
  }

  #wasIn(matches: ((object: KradleObject) => boolean) | undefined): boolean {
    const before = this.#objectBefore();
    return before !== undefined && (matches?.(before) ?? true);
  }

  #objectAfter(): KradleObject | undefined {
    if (this.#row.value === null) return undefined;
    return (this.#after ??= decodeShared(this.#row.value, this.revision));
  }

  /** Under this change's revision, because that is where a watcher that hears of it as a delete now stands. */
  #objectBefore(): KradleObject | undefined {
    if (this.#row.prev_value === null) return undefined;
    return (this.#before ??= decodeShared(this.#row.prev_value, this.revision));
  }
}
