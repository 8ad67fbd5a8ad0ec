import { kindCategories } from '#shared/kind/crd';
import type { AnyKind, Column } from '#shared/kind/defineKind';
import { pluralOf } from '#shared/kind/names';
import { API_GROUP, API_VERSION_NAME, LEGACY_API_GROUPS } from '#shared/kind/objectMeta';
import type { KindRegistry } from '#shared/kind/registry';

/** A resource of the Kubernetes door: a kind under one of the names that the door serves it by. */
export interface KubeResource {
  readonly kind: AnyKind;
  readonly group: string;
  /** `group/version`, as answers under this resource say it. */
  readonly apiVersion: string;
  /** The kind's name as answers under this resource say it: in an alias group an older kind name stays what was asked for. */
  readonly kindName: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: true;
  /** Columns of its tables, where they are not the kind's own. */
  readonly columns?: readonly Column[];
  /** Told to who reads objects of it. */
  readonly readWarning?: string;
}

/** What the Kubernetes door serves, derived from the registry. */
export interface KubeResources {
  /** The present group first, then the older ones. */
  readonly groups: readonly string[];
  /** Resources of a group in the order of their plurals; empty for a group that is not served. */
  inGroup(group: string): readonly KubeResource[];
  find(group: string, plural: string): KubeResource | undefined;
}

/**
 * Every kind once in the present group; in each older group every kind under its present name and once more for each older kind
 * name. Short names and categories belong to the present group alone: kubectl takes an ambiguous one for the first group it finds.
 * Throws when two kinds would answer to one plural.
 */
export function createKubeResources(registry: KindRegistry): KubeResources {
  const groups = [API_GROUP, ...LEGACY_API_GROUPS];
  const byGroup = new Map(groups.map((group) => [group, byPluralIn(group, registry)]));
  const sorted = new Map([...byGroup].map(([group, resources]) => [group, [...resources.values()].sort((a, b) => (a.plural < b.plural ? -1 : 1))]));
  return {
    groups,
    inGroup: (group) => sorted.get(group) ?? [],
    find: (group, plural) => byGroup.get(group)?.get(plural),
  };
}

function byPluralIn(group: string, registry: KindRegistry): Map<string, KubeResource> {
  const resources = new Map<string, KubeResource>();
  const entries = registry.all.flatMap((kind) => [presentResource(kind, group), ...(group === API_GROUP ? [] : (kind.aliases ?? []).map((alias) => aliasResource(kind, { group, alias })))]);
  for (const resource of entries) {
    const taken = resources.get(resource.plural);
    if (taken !== undefined) throw new Error(`${taken.kindName} and ${resource.kindName} are both served as ${resource.plural}.${group}`);
    resources.set(resource.plural, resource);
  }
  return resources;
}

function presentResource(kind: AnyKind, group: string): KubeResource {
  const { names } = kind;
  const isPresentGroup = group === API_GROUP;
  return {
    kind,
    group,
    apiVersion: `${group}/${API_VERSION_NAME}`,
    kindName: names.kind,
    plural: names.plural,
    singular: names.singular,
    shortNames: isPresentGroup ? (names.shortNames ?? []) : [],
    categories: isPresentGroup ? kindCategories(kind) : [],
    namespaced: true,
  };
}

function aliasResource(kind: AnyKind, { group, alias }: { group: string; alias: string }): KubeResource {
  return {
    kind,
    group,
    apiVersion: `${group}/${API_VERSION_NAME}`,
    kindName: alias,
    plural: pluralOf(alias),
    singular: alias.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced: true,
  };
}
