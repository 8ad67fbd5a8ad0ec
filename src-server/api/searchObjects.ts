import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { KindRegistry } from '#shared/kind/registry';
import type { ResourceClient } from '../resources/resourceClient';
import { textTest } from '../resources/selection';
import { scanObjects } from './scanObjects';

/** People type and look: what took longer than this comes too late. */
const BUDGET_MS = 500;

export interface FoundObject {
  readonly name: string;
  /** What people call it: its title, display name or summary. */
  readonly label?: string;
}

export interface FoundKind {
  readonly kind: string;
  readonly plural: string;
  readonly title: string;
  readonly items: FoundObject[];
  /** There may be more of this kind. */
  readonly more: boolean;
}

/** Objects of an organization whose name or text has `q` in it: of the kinds that people write, and of records that say what they are searched by. */
export async function searchObjects(registry: KindRegistry, resources: ResourceClient, opts: { org: string; q: string; limit: number; signal: AbortSignal }): Promise<FoundKind[]> {
  const kinds = registry.all.filter((kind) => kind.authored !== false || kind.search !== undefined);
  const tests = new Map(kinds.map((kind) => [kind, textTest(kind, opts.q)]));
  const scans = await scanObjects<FoundObject>(resources, {
    org: opts.org,
    kinds,
    limit: opts.limit,
    budgetMs: BUDGET_MS,
    signal: opts.signal,
    test: (kind: AnyKind, object: KradleObject) => (tests.get(kind)?.(object) === true ? { name: object.metadata.name, ...labelOf(object.spec) } : undefined),
  });
  return scans
    .filter(({ found }) => found.length > 0)
    .map(({ kind: { names }, found, continue: next }) => ({ kind: names.kind, plural: names.plural, title: names.title, items: found, more: next !== undefined }));
}

/** Longest label that is answered. */
const MAX_LABEL = 200;

function labelOf(spec: Readonly<Record<string, unknown>>): { label?: string } {
  for (const key of ['title', 'displayName', 'summary']) {
    const value = spec[key];
    if (typeof value === 'string' && value !== '') return { label: value.slice(0, MAX_LABEL) };
  }
  return {};
}
