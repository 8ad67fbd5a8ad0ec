import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Warnings } from '../../src-server/api/warnings';
import { readWarnings } from './warningHeader';

/** As it arrives: fetch joins what was sent as several headers. */
function sent(...texts: string[]): string {
  const warnings = new Warnings();
  texts.forEach(warnings.add);
  let value: string[] = [];
  warnings.setHeaders({ setHeader: (_name: string, values: string[]) => (value = values) } as unknown as ServerResponse);
  return value.join(', ');
}

describe('warnings', () => {
  it('are read as they were meant', () => {
    const texts = ['unknown field "spec.colour"', 'one, two, 299 - "three"', 'namespace „Grün“ \\ back', 'plain'];
    expect(readWarnings(sent(...texts))).toEqual(texts);
  });

  it.each([[null], [undefined], [''], ['112 - "disconnected"'], ['299 - unquoted'], ['299 - "open']])('%s has none', (header) => expect(readWarnings(header)).toEqual([]));

  it('that are no UTF-8 stay as they are', () => expect(readWarnings('299 - "caf\u00e9"')).toEqual(['caf\u00e9']));
});
