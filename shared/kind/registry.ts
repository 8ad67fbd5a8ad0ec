import { namesOfForeign, type ForeignKind } from './foreignKind';
import type { AnyKind } from './defineKind';

/** Finds kinds by whatever people and older documents call them. */
export interface KindRegistry {
  readonly all: readonly AnyKind[];
  /** By any of {@link namesOf}; case does not matter. Undefined when there is none. */
  find(name: string): AnyKind | undefined;
  byPlural(plural: string): AnyKind | undefined;
  /** Kinds of other makers, which a cluster keeps. */
  readonly foreign: readonly ForeignKind[];
  /** Foreign kinds that answer to a name; two of them may share one, as different groups do. */
  findForeign(name: string): readonly ForeignKind[];
}

/** Throws at start when two kinds answer to one name; a foreign kind gives way to one of our own. */
export function createKindRegistry(all: readonly AnyKind[], foreign: readonly ForeignKind[] = []): KindRegistry {
  const byName = new Map<string, AnyKind>();
  for (const kind of all) {
    const { names } = kind;
    for (const name of namesOf({ ...names, aliases: kind.aliases })) {
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
    foreign,
    findForeign: (name) => foreign.filter((kind) => namesOfForeign(kind).has(name.toLowerCase())),
  };
}

/** What a kind answers to, in lower case: its names, its short names with and without a plural "s", and its older names. */
export function namesOf(kind: { kind: string; plural: string; singular: string; shortNames?: readonly string[] | undefined; aliases?: readonly string[] | undefined }): Set<string> {
  const short = (kind.shortNames ?? []).flatMap((name) => [name, `${name}s`]);
  return new Set([kind.kind, kind.plural, kind.singular, ...short, ...(kind.aliases ?? [])].map((name) => name.toLowerCase()));
}
