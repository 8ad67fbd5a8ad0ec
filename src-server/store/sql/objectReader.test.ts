import { beforeEach, describe, expect, it } from 'vitest';
import type { ObjectRow } from './dialect';
import { ObjectReader } from './objectReader';

const row = (revision: bigint, title = 'first'): ObjectRow => ({ key: 'shelves/default/one', revision, value: JSON.stringify({ kind: 'Shelf', metadata: { name: 'one' }, spec: { title } }) });

describe('the reader of rows', () => {
  let nowMs = 0;
  let reader: ObjectReader;
  beforeEach(() => {
    nowMs = 0;
    reader = new ObjectReader(() => nowMs);
  });

  it('keeps what is read again soon', () => {
    const first = reader.read(row(1n));
    nowMs = 30_000;
    const second = reader.read(row(1n));
    nowMs = 1_000_000;
    expect(second).toEqual(first);
    expect(second).not.toBe(first);
    expect(reader.read(row(1n))).toBe(second);
  });

  it('does not keep what is read now and then', () => {
    const read = Array.from({ length: 5 }, () => {
      nowMs += 60_000;
      return reader.read(row(1n));
    });
    expect(new Set(read).size).toBe(5);
  });

  it('answers what is stored now', () => {
    for (let times = 0; times < 3; times += 1) reader.read(row(1n));
    expect(reader.read(row(2n, 'second'))).toMatchObject({ metadata: { resourceVersion: '2' }, spec: { title: 'second' } });
    // A database that was set back gives the revision out once more.
    for (let times = 0; times < 3; times += 1) expect(reader.read(row(2n, 'another'))).toMatchObject({ spec: { title: 'another' } });
  });

  it('freezes what it answers to the bottom, kept or not', () => {
    for (let times = 0; times < 3; times += 1) expect(Object.isFrozen(reader.read(row(1n)).spec)).toBe(true);
  });
});
