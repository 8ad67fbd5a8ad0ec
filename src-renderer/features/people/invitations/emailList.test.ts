import { describe, expect, it } from 'vitest';
import { parseEmailList } from './emailList';

describe('parseEmailList', () => {
  it('takes addresses as they are pasted, each once, and says what is none', () => {
    expect(parseEmailList('Ada Lovelace <Ada@Example.com>, ben@example.com\nben@example.com; cy@example.org dee@example.org')).toEqual({
      emails: ['ada@example.com', 'ben@example.com', 'cy@example.org', 'dee@example.org'],
      wrong: [],
    });
    expect(parseEmailList('eve, fay@localhost, <gus@example.com>, Ida <>')).toEqual({ emails: ['gus@example.com'], wrong: ['eve', 'fay@localhost', ''] });
    expect(parseEmailList(' \n ')).toEqual({ emails: [], wrong: [] });
  });

  it('takes a hundred thousand letters without a pause', () => {
    const startedAt = performance.now();
    parseEmailList('a'.repeat(50_000) + '@' + 'b.'.repeat(25_000));
    parseEmailList('<'.repeat(50_000));
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
