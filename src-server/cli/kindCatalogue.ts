import { closest } from '#shared/kind/closest';
import type { Column } from '#shared/kind/defineKind';
import { namesOf } from '#shared/kind/registry';
import type { ApiClient } from './apiClient';
import { CliError, EXIT } from './exitCode';

/** A kind as the server describes it; the CLI names no kind itself, so one added on the server works here at once. */
export interface KindInfo {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly title: string;
  readonly context: string;
  readonly purpose: string;
  readonly placement: 'platform' | 'org';
  readonly columns: readonly Column[];
  readonly authored: boolean;
  readonly aliases: readonly string[];
  readonly shortNames?: readonly string[];
  readonly schema: Readonly<Record<string, unknown>>;
}

export interface KindCatalogue {
  readonly all: readonly KindInfo[];
  /** By kind, plural, singular, short or older name; case does not matter. Throws a usage error that names the near ones. */
  find(name: string): KindInfo;
}

export async function loadKindCatalogue(api: ApiClient): Promise<KindCatalogue> {
  const { items } = await api.get<{ items: KindInfo[] }>('/api/kinds');
  return createKindCatalogue(items);
}

export function createKindCatalogue(all: readonly KindInfo[]): KindCatalogue {
  const byName = new Map(all.flatMap((kind) => [...namesOf(kind)].map((name) => [name, kind] as const)));
  return {
    all,
    find(name) {
      const kind = byName.get(name.toLowerCase());
      if (kind !== undefined) return kind;
      const near = byName.get(closest(name.toLowerCase(), [...byName.keys()]) ?? '')?.kind;
      const suggestion = near === undefined ? '' : ` Did you mean ${near}?`;
      throw new CliError(`There is no kind "${name}".${suggestion}`, { exitCode: EXIT.usage, hint: 'List them with "kradle kinds".' });
    },
  };
}
