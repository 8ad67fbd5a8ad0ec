import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineKind, type AnyKind } from '#shared/kind/defineKind';
import { objectName, organizationRef } from '#shared/kind/fields';
import { createKindRegistry } from '#shared/kind/registry';
import { createTestResources, type TestResources } from '../../test/harness/testResources';
import { Box, Shelf, throwAwayKinds } from '../../test/harness/throwAwayKinds';
import type { Actor } from '../resources/actor';
import type { ResourceClient } from '../resources/resourceClient';
import { scanObjects } from './scanObjects';
import { searchObjects } from './searchObjects';
import { findUsers } from './usedBy';

/** Points at an object of any kind. */
const Pin = defineKind({
  names: { kind: 'Pin', plural: 'pins', singular: 'pin', title: 'Pins' },
  context: 'console', storage: 'config', placement: 'org', purpose: 'Points at something',
  spec: () => z.object({ organizationRef, title: z.string().max(300).optional(), target: z.object({ kind: z.string().optional(), name: objectName }) }),
  status: () => z.object({}),
  columns: [],
  refs: [{ path: 'spec.target', kind: 'Shelf' }],
  search: ['spec.title'],
});

const registry = createKindRegistry([...throwAwayKinds, Pin]);
const una: Actor = { kind: 'user', name: 'una', orgs: ['acme'] };
const signal = new AbortController().signal;
let world: TestResources;
let mine: ResourceClient;
beforeEach(async () => {
  world = await createTestResources({ kinds: [Pin] });
  mine = world.resources.as(una);
});

const shelf = (name: string, org = 'acme') => world.resources.create(Shelf, org, { metadata: { name }, spec: { organizationRef: org } });
const box = (name: string, spec: { shelf: string; friends?: string[] }, org = 'acme') => world.resources.create(Box, org, { metadata: { name }, spec: { organizationRef: org, ...spec } });
const pin = (name: string, target: { kind?: string; name: string }, title?: string) => world.resources.create(Pin, 'acme', { metadata: { name }, spec: { organizationRef: 'acme', target, ...(title === undefined ? {} : { title }) } });
const users = (kind: AnyKind, name: string, opts: { by?: AnyKind; limit?: number; continue?: string; as?: ResourceClient } = {}) => findUsers(registry, opts.as ?? mine, { org: 'acme', kind, name, limit: 20, signal, ...opts });

describe('used by', () => {
  it('finds who says a name, and who says a kind and a name', async () => {
    for (const name of ['oak', 'pine']) await shelf(name);
    await box('b', { shelf: 'oak', friends: ['oak', 'b', 'b'] });
    await pin('implied', { name: 'oak' });
    await pin('said', { kind: 'Shelf', name: 'oak' });
    await pin('by-older-name', { kind: 'Rack', name: 'oak' });
    await pin('other-kind', { kind: 'Box', name: 'oak' });
    await pin('other-name', { name: 'pine' });
    expect(await users(Shelf, 'oak')).toEqual([
      { kind: 'Box', plural: 'boxes', items: [{ name: 'b', paths: ['spec.shelf'] }] },
      { kind: 'Pin', plural: 'pins', items: ['by-older-name', 'implied', 'said'].map((name) => ({ name, paths: ['spec.target'] })) },
    ]);
    expect(await users(Box, 'oak')).toEqual([
      { kind: 'Box', plural: 'boxes', items: [{ name: 'b', paths: ['spec.friends[0]'] }] },
      { kind: 'Pin', plural: 'pins', items: [{ name: 'other-kind', paths: ['spec.target'] }] },
    ]);
    expect((await users(Box, 'b'))[0]?.items).toEqual([{ name: 'b', paths: ['spec.friends[1]', 'spec.friends[2]'] }]);
    expect(await users(Shelf, 'nobody')).toEqual([]);
  });

  it('knows the organization of its own alone', async () => {
    await shelf('oak');
    await shelf('oak', 'other');
    await box('theirs', { shelf: 'oak' }, 'other');
    expect(await users(Shelf, 'oak')).toEqual([]);
    await expect(findUsers(registry, mine, { org: 'other', kind: Shelf, name: 'oak', limit: 5, signal })).rejects.toMatchObject({ reason: 'NotFound' });
  });

  it('is paged by kind: each user once', async () => {
    await shelf('oak');
    const names = Array.from({ length: 7 }, (_, index) => `b-${index}`);
    for (const name of names) await box(name, { shelf: 'oak' });
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const [page] = await users(Shelf, 'oak', { by: Box, limit: 3, ...(token === undefined ? {} : { continue: token }) });
      seen.push(...(page?.items ?? []).map(({ name }) => name));
      token = page?.continue;
    } while (token !== undefined);
    expect(seen).toEqual(names);
    await expect(users(Shelf, 'oak', { by: Box, continue: 'WyJ4' })).rejects.toMatchObject({ reason: 'BadRequest', details: { causes: [{ field: 'continue' }] } });
  });
});

describe('a search', () => {
  const search = (q: string, limit = 6) => searchObjects(registry, mine, { org: 'acme', q, limit, signal });

  it('looks in names and what kinds are searched by, and says what people call what it finds', async () => {
    await shelf('oak-1');
    await shelf('oak-2', 'other');
    await pin('p', { name: 'oak-1' }, 'The OAK one');
    await pin('q', { name: 'oak-1' });
    expect(await search('oak')).toEqual([
      { kind: 'Shelf', plural: 'shelves', title: 'Shelves', items: [{ name: 'oak-1' }], more: false },
      { kind: 'Pin', plural: 'pins', title: 'Pins', items: [{ name: 'p', label: 'The OAK one' }], more: false },
    ]);
    expect(await search('nothing')).toEqual([]);
  });

  it('shows some of each kind', async () => {
    for (let index = 0; index < 5; index += 1) await shelf(`same-${index}`);
    await pin('same', { name: 'same-0' });
    const [shelves, pins] = await search('same', 2);
    expect(shelves).toMatchObject({ items: [{ name: 'same-0' }, { name: 'same-1' }], more: true });
    expect(pins).toMatchObject({ items: [{ name: 'same' }], more: false });
  });
});

describe('a scan', () => {
  it('reads every kind a little before it reads one further, and stops when its time is over', async () => {
    await shelf('oak');
    for (let index = 0; index < 501; index += 1) await box(`b-${index}`, { shelf: 'oak' });
    await pin('last', { name: 'oak' });
    const asked: string[] = [];
    const counting: ResourceClient = { ...mine, list: (kind, opts) => (asked.push(kind.names.kind), mine.list(kind, opts)) };
    const scan = (budgetMs: number) => scanObjects(counting, { org: 'acme', kinds: [Box, Shelf, Pin], test: (_kind, object) => (object.metadata.name === 'last' ? true : undefined), limit: 1, budgetMs, signal });
    const [boxes, , pins] = await scan(0);
    expect(asked).toEqual(['Box', 'Shelf', 'Pin']);
    expect([boxes?.found, typeof boxes?.continue, pins?.found]).toEqual([[], 'string', [true]]);
    asked.length = 0;
    expect((await scan(60_000))[0]).toEqual({ kind: Box, found: [] });
    expect(asked).toEqual(['Box', 'Shelf', 'Pin', 'Box']);
  });

  it('reads nothing for a client that is gone', async () => {
    expect(await scanObjects({ ...mine, list: () => Promise.reject(new Error('read')) }, { org: 'acme', kinds: [Shelf], test: () => true, limit: 1, budgetMs: 1000, signal: AbortSignal.abort() })).toMatchObject([{ found: [] }]);
  });
});
