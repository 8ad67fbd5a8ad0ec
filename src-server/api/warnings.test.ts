import { ServerResponse, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Warnings } from './warnings';

function headersOf(...texts: string[]): string[] {
  const res = new ServerResponse(new IncomingMessage(new Socket()));
  const warnings = new Warnings();
  texts.forEach(warnings.add);
  warnings.setHeaders(res);
  return (res.getHeader('Warning') as string[] | undefined) ?? [];
}

describe('Warnings', () => {
  it('are escaped, and each is sent once', () => {
    expect(headersOf('unknown field "spec.a"', 'unknown field "spec.a"', 'a \\ b')).toEqual(['299 - "unknown field \\"spec.a\\""', '299 - "a \\\\ b"']);
    expect(headersOf()).toEqual([]);
  });

  it('cannot break out of the header, and carry any script as UTF-8', () => {
    expect(headersOf('a\r\nSet-Cookie: x')).toEqual(['299 - "a Set-Cookie: x"']);
    expect(Buffer.from(headersOf('Größe 大')[0] ?? '', 'latin1').toString('utf8')).toBe('299 - "Größe 大"');
  });

  it('are bounded, each and all of them', () => {
    expect(headersOf('x'.repeat(10_000))[0]?.length).toBeLessThan(600);
    const many = headersOf(...Array.from({ length: 1000 }, (_, index) => `warning ${index}`));
    expect(many.join('').length).toBeLessThanOrEqual(4096);
    expect(many.length).toBeGreaterThan(100);
  });
});
