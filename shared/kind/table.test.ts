import { describe, expect, it } from 'vitest';
import { Shelf, Box } from '../../test/harness/throwAwayKinds';
import { cellText, formatAge, formatBytes, tableColumns } from './table';

const seconds = (count: number) => count * 1000;

describe('table', () => {
  it('puts the name in front, hides wide columns, aligns numbers', () => {
    expect(tableColumns(Shelf).map(({ id, align }) => `${id} ${align}`)).toEqual([
      'metadata.name start', 'spec.material start', 'spec.height end', 'status.phase start', 'metadata.creationTimestamp start',
    ]);
  });

  it('shows cells as text', () => {
    const now = Date.parse('2026-01-01T01:00:00Z');
    const object = { metadata: { creationTimestamp: '2026-01-01T00:55:00Z' }, spec: { cost: 0.01234, size: 1536, names: ['a', 'b'], total: 12 } };
    const text = (path: string, type: 'age' | 'usd' | 'bytes' | 'string' | 'phase') => cellText({ name: 'x', path, type }, object, now);
    expect(text('metadata.creationTimestamp', 'age')).toBe('5m');
    expect(text('spec.cost', 'usd')).toBe('$0.0123');
    expect(text('spec.total', 'usd')).toBe('$12.00');
    expect(text('spec.size', 'bytes')).toBe('1.5 KiB');
    expect(text('spec.names', 'string')).toBe('a,b');
    expect(text('spec.none', 'string')).toBe('');
    expect(cellText(Box.columns[0] ?? { name: '', path: 'x', type: 'ref' }, { spec: { shelf: 's' } }, now)).toBe('s');
  });

  it.each([[5, '5s'], [119, '119s'], [125, '2m5s'], [1200, '20m'], [3 * 3600 + 240, '3h4m'], [30 * 3600, '30h'], [3 * 86_400 + 7200, '3d2h'], [40 * 86_400, '40d'], [800 * 86_400, '2y70d'], [-5, '0s']])(
    '%d s ago is %s', (age, expected) => expect(formatAge(seconds(age))).toBe(expected));

  it.each([[0, '0 B'], [1023, '1023 B'], [10 * 1024, '10 KiB'], [1.5 * 1024 ** 3, '1.5 GiB']])('%d bytes are %s', (bytes, expected) => expect(formatBytes(bytes)).toBe(expected));
});
