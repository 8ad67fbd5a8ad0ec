import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isStatusError } from '#shared/api/status';
import type { KradleObject } from '#shared/kind/defineKind';
import { createMemoryStore } from '../../src-server/store/memoryStore';
import type { ListPage, ListQuery, ObjectKey, Store, StoreEvent } from '../../src-server/store/store';
import type { OpenStore } from './storeSuite';

/** One step of a random story. `at` points back into the story: 0 is the latest revision, 1 the one before, and so on. */
export type Step =
  | { readonly do: 'create' | 'update'; readonly key: ObjectKey; readonly colour: string; readonly size: number; readonly at: number | undefined }
  | { readonly do: 'delete'; readonly key: ObjectKey; readonly at: number | undefined }
  /** `at`: the state as it was then. */
  | { readonly do: 'list'; readonly query: ListQuery; readonly at?: number }
  /** Goes on with an unfinished list, possibly long after it began. */
  | { readonly do: 'nextPage'; readonly list: number }
  | { readonly do: 'compact'; readonly at: number }
  /** Everything from a past revision to the head. */
  | { readonly do: 'watch'; readonly at: number; readonly query: ListQuery };

const isRed = (object: KradleObject): boolean => object.spec.colour === 'red';

const key = fc.record({ plural: fc.constantFrom('widgets', 'gears'), namespace: fc.constantFrom('n', 'n-1'), name: fc.constantFrom('a', 'b', 'b-c', 'd') });
const past = fc.nat({ max: 30 });
const maybePast = fc.option(fc.nat({ max: 3 }), { nil: undefined, freq: 1 });
const content = { key, colour: fc.constantFrom('red', 'blue'), size: fc.nat({ max: 1 }), at: maybePast };
const query: fc.Arbitrary<ListQuery> = fc.record(
  {
    plural: fc.constantFrom('widgets', 'gears'),
    namespace: fc.constantFrom('n', 'n-1'),
    name: fc.constantFrom('a', 'b'),
    limit: fc.integer({ min: 0, max: 3 }),
    matches: fc.constant(isRed),
  },
  { requiredKeys: [] },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('create' as const), ...content }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('update' as const), ...content }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), key, at: maybePast }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('list' as const), query }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('list' as const), query: fc.record({ limit: fc.integer({ min: 1, max: 2 }) }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('list' as const), query, at: past }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('nextPage' as const), list: fc.nat({ max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('compact' as const), at: past }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('watch' as const), at: past, query }) },
);

/** Long enough for pages, compactions and watches to meet. */
export const storySteps: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 20, maxLength: 80 });

/** Random stories told to a store and to the oracle, which must answer alike, step by step. */
export function storeProperties(open: OpenStore): void {
  describe('as the oracle', () => {
    test('any story of writes, pages, watches and compactions is answered as the memory store answers it', { timeout: 60_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(storySteps, async (steps) => {
          const subject = await open();
          try {
            // Another numbering on the oracle's side, so that nothing can agree by counting alike.
            const told = new Story(createMemoryStore({ revisionStep: () => 3n }));
            const seen = new Story(subject.store);
            for (const next of steps) expect({ step: next, answer: await seen.tell(next) }).toEqual({ step: next, answer: await told.tell(next) });
          } finally {
            await subject.close();
          }
        }),
        { numRuns: 40 },
      );
    });
  });
}

/** A store with its own revisions; answers name them by their place in the story. */
export class Story {
  readonly #store: Store;
  /** Revision by place: 0, then that of each write. */
  readonly #revisions = ['0'];
  readonly #lists: { readonly query: ListQuery; readonly token: string; readonly counted: boolean }[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  async tell(next: Step): Promise<unknown> {
    try {
      return await this.#do(next);
    } catch (error) {
      if (isStatusError(error)) return error.reason;
      throw error;
    }
  }

  async #do(next: Step): Promise<unknown> {
    switch (next.do) {
      case 'create':
        return this.#written(await this.#store.create(next.key, objectOf(next)));
      case 'update':
        return this.#written(await this.#store.update(next.key, objectOf(next), { expectedResourceVersion: this.#ago(next.at) }));
      case 'delete':
        return this.#written(await this.#store.delete(next.key, { expectedResourceVersion: this.#ago(next.at) }));
      case 'list':
        return this.#page(next.query, await this.#store.list({ ...next.query, atResourceVersion: this.#ago(next.at) }), next.at === undefined);
      case 'nextPage': {
        const list = this.#lists[next.list % Math.max(1, this.#lists.length)];
        return list && this.#page(list.query, await this.#store.list({ ...list.query, continue: list.token }), list.counted);
      }
      case 'compact':
        await this.#store.compact(this.#ago(next.at));
        return this.#placeOf((await this.#store.revisions()).floor);
      case 'watch':
        return this.#watch(next.query, this.#ago(next.at));
    }
  }

  async #watch(selection: ListQuery, resourceVersion: string): Promise<unknown> {
    const controller = new AbortController();
    const events: StoreEvent[] = [];
    // The first bookmark says that the history is complete.
    for await (const event of this.#store.watch({ ...selection, resourceVersion, bookmarkEveryMs: 60_000, signal: controller.signal })) {
      events.push(event);
      if (event.type === 'BOOKMARK') break;
    }
    return events.map((event) => ({ ...event, resourceVersion: this.#placeOf(event.resourceVersion), object: event.object && this.#named(event.object) }));
  }

  #written(object: KradleObject): unknown {
    const { resourceVersion } = object.metadata;
    if (!this.#revisions.includes(resourceVersion)) this.#revisions.push(resourceVersion);
    return this.#named(object);
  }

  #page(selection: ListQuery, page: ListPage, counted: boolean): unknown {
    if (page.continue !== undefined) this.#lists.push({ query: selection, token: page.continue, counted });
    const { items, remainingItemCount } = page;
    return {
      items: items.map((item) => this.#named(item)),
      at: this.#placeOf(page.resourceVersion),
      more: page.continue !== undefined,
      // A store that does not know may leave it out; here all do know, unless it is a state of the past, or there is a predicate or a partial key.
      ...(counted && selection.name === undefined && (selection.namespace === undefined || selection.plural !== undefined) ? { remainingItemCount } : {}),
    };
  }

  #named(object: KradleObject): unknown {
    return { ...object, metadata: { ...object.metadata, resourceVersion: this.#placeOf(object.metadata.resourceVersion) } };
  }

  #ago(places: number): string;
  #ago(places: number | undefined): string | undefined;
  #ago(places: number | undefined): string | undefined {
    return places === undefined ? undefined : this.#revisions[Math.max(0, this.#revisions.length - 1 - places)];
  }

  #placeOf(revision: string): number {
    return this.#revisions.indexOf(revision);
  }
}

function objectOf(content: { key: ObjectKey; colour: string; size: number }): KradleObject {
  const { name, namespace } = content.key;
  const metadata = { name, namespace, uid: name, resourceVersion: '', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' };
  return { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'Widget', metadata, spec: { colour: content.colour, size: content.size } };
}
