import { closest } from '#shared/kind/closest';
import type { Column } from '#shared/kind/defineKind';
import { clusterModeMessage, namesOfForeign, type ForeignKind } from '#shared/kind/foreignKind';
import { namesOf } from '#shared/kind/registry';
import type { ApiClient } from './apiClient';
import { CliError, EXIT } from './exitCode';

/** A kind as the server describes it; the CLI names no kind itself, so one added on the server works here at once. */
export interface KindInfo {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly title: string;
  readonly apiVersion: string;
  readonly context: string;
  readonly purpose: string;
  readonly placement: 'platform' | 'org';
  readonly storage: 'config' | 'aggregated';
  readonly columns: readonly Column[];
  readonly authored: boolean;
  readonly aliases: readonly string[];
  readonly shortNames?: readonly string[];
}

/** The same with what only the server's complete answer has. */
export interface DescribedKind extends KindInfo {
  readonly schema: Readonly<Record<string, unknown>>;
}

export interface KindCatalogue {
  readonly all: readonly KindInfo[];
  /** Kinds of other makers, which a cluster keeps. */
  readonly foreign: readonly ForeignKind[];
  /**
   * By kind, plural, singular, short or older name; case does not matter. Throws a usage error that names the near ones, and for a
   * foreign kind one that says where it belongs.
   */
  find(name: string): KindInfo;
  /** Foreign kinds that answer to a name. */
  findForeign(name: string): readonly ForeignKind[];
}

export async function loadKindCatalogue(api: ApiClient): Promise<KindCatalogue> {
  // Nearly every command asks: names and columns are all that it needs.
  return createKindCatalogue(await api.get<KindList>('/api/kinds', { view: 'summary' }));
}

/** What `GET /api/kinds` answers. */
export interface KindList {
  readonly items: readonly KindInfo[];
  /** Servers before 0.2 do not say. */
  readonly foreign?: readonly ForeignKind[];
}

export function createKindCatalogue({ items, foreign = [] }: KindList): KindCatalogue {
  const byName = new Map(items.flatMap((kind) => [...namesOf(kind)].map((name) => [name, kind] as const)));
  const findForeign = (name: string): readonly ForeignKind[] => (byName.has(name.toLowerCase()) ? [] : foreign.filter((kind) => namesOfForeign(kind).has(name.toLowerCase())));
  return {
    all: items,
    foreign,
    findForeign,
    find(name) {
      const kind = byName.get(name.toLowerCase());
      if (kind !== undefined) return kind;
      const elsewhere = findForeign(name);
      if (elsewhere.length > 0) throw new CliError(clusterModeMessage(elsewhere), { hint: 'List what this server keeps with "kradle kinds".' });
      const near = byName.get(closest(name.toLowerCase(), [...byName.keys()]) ?? '')?.kind;
      const suggestion = near === undefined ? '' : ` Did you mean ${near}?`;
      throw new CliError(`There is no kind "${name}".${suggestion}`, { exitCode: EXIT.usage, hint: 'List them with "kradle kinds".' });
    },
  };
}
