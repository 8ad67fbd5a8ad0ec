import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { orgNamespace } from '#shared/kind/names';
import { referencesOf } from '#shared/kind/references';
import type { KindRegistry } from '#shared/kind/registry';
import type { ResourceClient } from '../resources/resourceClient';
import { scanObjects } from './scanObjects';

const BUDGET_MS = 1_000;

/** An object that names the one in question, and the fields in which it does. */
export interface User {
  readonly name: string;
  readonly paths: string[];
}

/** The users of one kind. */
export interface KindOfUsers {
  readonly kind: string;
  readonly plural: string;
  readonly items: User[];
  /** There may be more of this kind. */
  readonly continue?: string;
}

export interface UsedByOptions {
  readonly org: string;
  readonly kind: AnyKind;
  readonly name: string;
  /** Only users of this kind. */
  readonly by?: AnyKind;
  readonly limit: number;
  readonly continue?: string;
  readonly signal: AbortSignal;
}

/**
 * The objects of the organization that name an object, by kind: through a reference that is a name of the declared kind, and through
 * one that says `{ kind, name }`, which may be any kind. Kinds that the actor may not list are not in it. A kind in which nothing was
 * found is in it only when it was not looked through to its end.
 */
export async function findUsers(registry: KindRegistry, resources: ResourceClient, opts: UsedByOptions): Promise<KindOfUsers[]> {
  const { org, kind, name, by } = opts;
  const isIt = (named: { kind: string; name: string; org?: string; namespace?: string }): boolean =>
    named.name === name
    && (named.org === undefined || named.org === org)
    && (named.namespace === undefined || kind.placement === 'platform' || named.namespace === orgNamespace(org))
    && registry.find(named.kind) === kind;
  const scans = await scanObjects<User>(resources, {
    org,
    kinds: by === undefined ? registry.all.filter((each) => (each.refs ?? []).length > 0) : [by],
    limit: opts.limit,
    budgetMs: BUDGET_MS,
    signal: opts.signal,
    ...(opts.continue === undefined ? {} : { continue: opts.continue }),
    test: (user: AnyKind, object: KradleObject) => {
      const paths = referencesOf(user, object).filter(isIt).map(({ path }) => path);
      return paths.length === 0 ? undefined : { name: object.metadata.name, paths };
    },
  });
  return scans
    .filter((scan) => scan.found.length > 0 || scan.continue !== undefined)
    .map(({ kind: { names }, found, continue: more }) => ({ kind: names.kind, plural: names.plural, items: found, ...(more === undefined ? {} : { continue: more }) }));
}
