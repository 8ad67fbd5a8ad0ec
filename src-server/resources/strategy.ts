import type { StatusCause } from '#shared/api/status';
import type { AnyKind, KradleObject, ObjectOf, SpecInputOf } from '#shared/kind/defineKind';
import type { ObjectMeta } from '#shared/kind/objectMeta';
import type { Actor } from './actor';
import type { ResourceClient } from './resourceClient';

export interface StrategyContext<TKind extends AnyKind = AnyKind> {
  readonly operation: 'create' | 'update';
  readonly actor: Actor;
  readonly org: string;
  /** The stored object, on update. */
  readonly current?: ObjectOf<TKind>;
  /** Acts for the system: reads whatever a rule needs. */
  readonly resources: ResourceClient;
  /** RFC 3339. */
  readonly now: string;
}

/**
 * An object before defaults and validation: any field may still be missing, or be of a wrong type that validation will name. What the
 * kind has no field for is left out, nulls too. The spec is the strategy's to change; what is in the metadata is replaced, not changed.
 */
export interface ObjectDraft<TKind extends AnyKind = AnyKind> {
  metadata: { [K in keyof ObjectMeta]: Readonly<ObjectMeta[K]> };
  spec: Partial<SpecInputOf<TKind>>;
}

/**
 * The rules of one kind that its schema cannot say, run inside the one write path in this order. All hooks may run several times
 * for one request (a conflict is retried) and on dry runs: they read, they never act.
 */
export interface Strategy<TKind extends AnyKind = AnyKind> {
  readonly kind: TKind;
  /** Names an object that comes without a name; undefined leaves it nameless, which is refused. `spec` is as the client sent it. */
  defaultName?(spec: unknown, ctx: Omit<StrategyContext<TKind>, 'operation' | 'current'>): string | undefined | Promise<string | undefined>;
  /** Brings a name that a client gave to the kind's own rules; the client is told when it becomes another. */
  normalizeName?(name: string): string;
  /** Fills in what the server decides: an author, a number, a default that another object knows. Runs when the spec changes. */
  prepare?(draft: ObjectDraft<TKind>, ctx: StrategyContext<TKind>): void | Promise<void>;
  /** Cross-field and cross-object rules; every cause is reported at once. The object is complete and of the right shape. */
  validate?(object: ObjectOf<TKind>, ctx: StrategyContext<TKind>): readonly StatusCause[] | Promise<readonly StatusCause[]>;
  /** Brings equal meanings to one form, so that equal objects compare equal. */
  canonicalize?(object: ObjectOf<TKind>, ctx: StrategyContext<TKind>): void;
  /** Throws a StatusError to refuse a deletion. */
  beforeDelete?(object: ObjectOf<TKind>, ctx: Omit<StrategyContext<TKind>, 'operation' | 'current'>): void | Promise<void>;
}

/** A strategy of some kind: what the composition root collects. */
export interface AnyStrategy {
  readonly kind: AnyKind;
  defaultName?(spec: unknown, ctx: Omit<StrategyContext, 'operation' | 'current'>): string | undefined | Promise<string | undefined>;
  normalizeName?(name: string): string;
  prepare?(draft: ObjectDraft, ctx: StrategyContext): void | Promise<void>;
  validate?(object: KradleObject, ctx: StrategyContext): readonly StatusCause[] | Promise<readonly StatusCause[]>;
  canonicalize?(object: KradleObject, ctx: StrategyContext): void;
  beforeDelete?(object: KradleObject, ctx: Omit<StrategyContext, 'operation' | 'current'>): void | Promise<void>;
}

/** Types the hooks by the kind. The write path hands each strategy only objects of its own kind, which is what makes the cast true. */
export function defineStrategy<TKind extends AnyKind>(strategy: Strategy<TKind>): AnyStrategy {
  return strategy;
}
