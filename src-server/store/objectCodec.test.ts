import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KradleObject } from '#shared/kind/defineKind';
import { decodeShared, encodeObject, MAX_OBJECT_BYTES, toStoredForm } from './objectCodec';

const leaf = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constantFrom(null, undefined, -0, Number.NaN, Number.POSITIVE_INFINITY));
const name = fc.oneof({ weight: 5, arbitrary: fc.string() }, { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', '1') });
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('tree'), { maxLength: 4 }), fc.array(fc.tuple(name, tie('tree')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries))),
}));

function objectOf(parts: { labels: unknown; spec: unknown; status: unknown }): KradleObject {
  const { labels, spec, status } = parts;
  const metadata = { name: 'a', labels, namespace: undefined, uid: 'u', resourceVersion: '7', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' };
  return { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'Widget', metadata, spec, status } as unknown as KradleObject;
}

describe('the stored form of an object', () => {
  it('is what is read back from its text, key for key, and frozen to the bottom', () => {
    fc.assert(
      fc.property(fc.record({ labels: tree, spec: tree, status: tree }), (parts) => {
        const object = objectOf(parts);
        const { text, share } = toStoredForm(object);
        expect(text).toBe(encodeObject(object));
        const shared = share(42n);
        const read = decodeShared(text, 42n);
        expect(isDeepStrictEqual(shared, read)).toBe(true);
        expect(JSON.stringify(shared)).toBe(JSON.stringify(read));
        expectFrozen(shared);
      }),
    );
  });

  it('stays as it is when what was given changes', () => {
    const object = objectOf({ labels: { a: 'b' }, spec: { list: [1] }, status: undefined });
    const { text, share } = toStoredForm(object);
    (object.spec.list as number[]).push(2);
    object.metadata.labels = {};
    expect(share(1n)).toStrictEqual(decodeShared(text, 1n));
  });

  it('has a limit', () => {
    const object = objectOf({ labels: {}, spec: { text: 'ä'.repeat(MAX_OBJECT_BYTES / 2) }, status: undefined });
    for (const store of [toStoredForm, encodeObject]) expect(() => store(object)).toThrow(/an object may have at most 1572864/);
  });
});

function expectFrozen(data: unknown): void {
  if (typeof data !== 'object' || data === null) return;
  expect(Object.isFrozen(data)).toBe(true);
  for (const member of Object.values(data)) expectFrozen(member);
}
