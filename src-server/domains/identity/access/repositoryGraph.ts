import type { AnyKind, KradleObject, Reference } from '#shared/kind/defineKind';
import { referencesOf } from '#shared/kind/references';
import { Repository } from '#shared/kinds/forge/repository';

/** A repository that an object names. */
export interface NamedRepository {
  readonly name: string;
  /** The object is part of it, rather than about it among others. */
  readonly belongs: boolean;
}

/** The repositories of an object: itself, those that its references name, and those of what it belongs to. */
export interface ObjectRepositories {
  readonly named: readonly NamedRepository[];
  /** Objects that would say more, and that are not there. */
  readonly unresolved: readonly { readonly kind: string; readonly name: string; readonly belongs: boolean }[];
}

/** What an object says itself: repositories, and objects that say more. */
export interface DirectNames {
  readonly named: readonly NamedRepository[];
  readonly via: readonly { readonly kind: string; readonly name: string; readonly belongs: boolean }[];
}

/** What an object that others belong to says; undefined when there is no such object. */
export type ParentLookup = (kind: string, name: string) => DirectNames | undefined;

/**
 * How kinds hang off repositories, read from their references. A kind is bound when it names a Repository, or an object of a bound kind that
 * it belongs to (an owner or required reference) or that is a record of work. Parents are the bound kinds that others hang off.
 */
export class RepositoryGraph {
  /** Kinds whose objects may be hidden with a repository. */
  readonly bound: ReadonlySet<string>;
  readonly parents: readonly AnyKind[];
  readonly #byName: ReadonlyMap<string, AnyKind>;
  readonly #parentNames: ReadonlySet<string>;

  constructor(kinds: readonly AnyKind[]) {
    this.#byName = new Map(kinds.map((kind) => [kind.names.kind, kind]));
    const bound = new Set<string>([Repository.names.kind]);
    const hangsOff = (kind: AnyKind, wanted: (target: string) => boolean) =>
      (kind.refs ?? []).some((reference) => isOfSpec(reference) && wanted(reference.kind) && (belongs(reference) || this.#byName.get(reference.kind)?.storage === 'aggregated'));
    for (let size = 0; size !== bound.size; ) {
      size = bound.size;
      for (const kind of kinds) {
        const names = (kind.refs ?? []).some((reference) => isOfSpec(reference) && reference.kind === Repository.names.kind);
        if (names || hangsOff(kind, (target) => bound.has(target))) bound.add(kind.names.kind);
      }
    }
    this.bound = bound;
    this.parents = kinds.filter(({ names: { kind } }) =>
      kind !== Repository.names.kind && bound.has(kind) && kinds.some((other) => (other.refs ?? []).some((reference) => isOfSpec(reference) && belongs(reference) && reference.kind === kind)));
    this.#parentNames = new Set(this.parents.map(({ names: { kind } }) => kind));
  }

  kind(name: string): AnyKind | undefined {
    return this.#byName.get(name);
  }

  /** `unbound`: those, too, that do not decide who sees the object: what somebody who writes them has to know. */
  direct(object: KradleObject, opts: { readonly unbound?: boolean } = {}): DirectNames {
    const kind = this.#byName.get(object.kind);
    if (kind === undefined || !this.bound.has(object.kind)) return NOTHING;
    if (object.kind === Repository.names.kind) return { named: [{ name: object.metadata.name, belongs: true }], via: [] };
    const named: NamedRepository[] = [];
    const via: { kind: string; name: string; belongs: boolean }[] = [];
    for (const { reference, kind: target, name } of referencesOf(kind, object)) {
      if (!isOfSpec(reference) || (reference.unbound === true && opts.unbound !== true)) continue;
      if (target === Repository.names.kind) named.push({ name, belongs: belongs(reference) });
      else if (this.#parentNames.has(target)) via.push({ kind: target, name, belongs: belongs(reference) });
    }
    return { named, via };
  }

  /** The repositories of an object that others belong to, all the way up; undefined when it, or what it belongs to, is not there. */
  above(parent: { readonly kind: string; readonly name: string }, parentOf: ParentLookup): readonly NamedRepository[] | undefined {
    return inheritedFrom(parent, parentOf);
  }

  of(object: KradleObject, parentOf: ParentLookup): ObjectRepositories {
    const { named, via } = this.direct(object);
    if (via.length === 0) return { named, unresolved: [] };
    const all = [...named];
    const unresolved: { kind: string; name: string; belongs: boolean }[] = [];
    for (const each of via) {
      const inherited = inheritedFrom(each, parentOf);
      if (inherited === undefined) unresolved.push(each);
      else all.push(...(each.belongs ? inherited : inherited.map(({ name }) => ({ name, belongs: false }))));
    }
    return { named: all, unresolved };
  }
}

const NOTHING: DirectNames = { named: [], via: [] };
/** Links from a thing to what it belongs to: kinds are not nested deeper, and who writes references in a circle gets no further. */
const MAX_DEPTH = 8;

function inheritedFrom({ kind, name }: { kind: string; name: string }, parentOf: ParentLookup, depth = 0): readonly NamedRepository[] | undefined {
  const parent = parentOf(kind, name);
  if (parent === undefined || depth > MAX_DEPTH) return undefined;
  const inherited = [...parent.named];
  for (const each of parent.via) {
    const above = each.belongs ? inheritedFrom(each, parentOf, depth + 1) : [];
    if (above === undefined) return undefined;
    inherited.push(...above);
  }
  return inherited;
}

function isOfSpec({ path }: Reference): boolean {
  return path.startsWith('spec.');
}

function belongs({ owner, required }: Reference): boolean {
  return owner === true || required === true;
}
