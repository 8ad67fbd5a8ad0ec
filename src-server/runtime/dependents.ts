import type { AnyKind } from '#shared/kind/defineKind';
import { keyOf, requestOf, type ReconcileRequest } from './controller';

/** Objects by what they depend on, for a controller's watch: built as they are reconciled, which all of them are at the start. */
export class Dependents {
  readonly #byKey = new Map<string, Set<string>>();

  /** `dependent` is to be looked at when the object `name` of this kind, in its organization, changes. */
  add(dependent: ReconcileRequest, on: { kind: string; name: string }): void {
    const key = `${on.kind}/${keyOf({ org: dependent.org, name: on.name })}`;
    const known = this.#byKey.get(key);
    if (known === undefined) this.#byKey.set(key, new Set([keyOf(dependent)]));
    else known.add(keyOf(dependent));
  }

  /** Who depends on an object. */
  of(kind: AnyKind, ref: ReconcileRequest): ReconcileRequest[] {
    return [...(this.#byKey.get(`${kind.names.kind}/${keyOf(ref)}`) ?? [])].map(requestOf);
  }
}
