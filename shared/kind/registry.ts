import type { AnyKind } from './defineKind';

/** Finds kinds by whatever people and older documents call them. */
export interface KindRegistry {
  readonly all: readonly AnyKind[];
  /** By kind name, plural, singular, short name or older name; case does not matter. Undefined when there is none. */
  find(name: string): AnyKind | undefined;
  byPlural(plural: string): AnyKind | undefined;
}

/** Throws at start when two kinds answer to one name. */
export function createKindRegistry(all: readonly AnyKind[]): KindRegistry {
  const byName = new Map<string, AnyKind>();
  for (const kind of all) {
    const { names } = kind;
    for (const name of new Set([names.kind, names.plural, names.singular, ...(names.shortNames ?? []), ...(kind.aliases ?? [])].map((each) => each.toLowerCase()))) {
      const taken = byName.get(name);
      if (taken !== undefined) throw new Error(`kinds ${taken.names.kind} and ${names.kind} both answer to "${name}"`);
      byName.set(name, kind);
    }
  }
  const byPlural = new Map(all.map((kind) => [kind.names.plural, kind]));
  return {
    all,
    find: (name) => byName.get(name.toLowerCase()),
    byPlural: (plural) => byPlural.get(plural),
  };
}
