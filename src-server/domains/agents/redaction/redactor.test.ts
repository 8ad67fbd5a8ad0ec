import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, REDACTED } from './redactor';

const VALUE = 'tok_9f/8+Zq "x"=ü&1';
const one = createRedactor([Buffer.from(VALUE)]);

describe('createRedactor', () => {
  it.each([
    ['plain', VALUE],
    ['base64', Buffer.from(VALUE).toString('base64')],
    ['base64url', Buffer.from(VALUE).toString('base64url')],
    ['hexadecimal', Buffer.from(VALUE).toString('hex')],
    ['upper-case hexadecimal', Buffer.from(VALUE).toString('hex').toUpperCase()],
    ['URL-encoded', encodeURIComponent(VALUE)],
    ['form-encoded', new URLSearchParams({ v: VALUE }).toString().slice(2)],
    ['JSON', JSON.stringify(VALUE).slice(1, -1)],
  ])('finds a value that is %s', (_form, written) => {
    expect(one.text(`before ${written} after`)).toBe(`before ${REDACTED} after`);
  });

  it.each(['u', 'us', 'user:'])('finds a value in the base64 of a longer text that begins with "%s"', (before) => {
    const encoded = Buffer.from(`${before}${VALUE}, and what follows`).toString('base64');
    const redacted = one.text(encoded);
    expect(redacted).toContain(REDACTED);
    expect(Buffer.from(redacted.replace(REDACTED, ''), 'base64').toString()).not.toContain(VALUE.slice(3, -3));
  });

  it('finds each long line of a value that has several', () => {
    const pem = `-----BEGIN KEY-----\n${'a1'.repeat(32)}\n${'b2'.repeat(32)}\n-----END KEY-----\n`;
    const redacted = createRedactor([Buffer.from(pem)]).text(`+${'a1'.repeat(32)}\n+${'b2'.repeat(32)}\n-----BEGIN KEY-----`);
    expect(redacted).toBe(`+${REDACTED}\n+${REDACTED}\n-----BEGIN KEY-----`);
  });

  it('finds a value with a line break behind it where the break is gone', () => {
    expect(createRedactor([Buffer.from('s3cret-value\n')]).text('is s3cret-value.')).toBe(`is ${REDACTED}.`);
  });

  it('looks into every string of data, and into names of fields', () => {
    const data = { list: [{ [VALUE]: 1 }, `x${VALUE}`], other: 'kept', none: null };
    expect(one.data(data)).toEqual({ list: [{ [REDACTED]: 1 }, `x${REDACTED}`], other: 'kept', none: null });
    const clean = { a: ['b'] };
    expect(one.data(clean)).toBe(clean);
  });

  it('leaves values alone that are as short as words', () => {
    const short = createRedactor([Buffer.from('on'), Buffer.from('')]);
    expect(short.isEmpty).toBe(true);
    expect(short.text('on and on')).toBe('on and on');
  });

  it('replaces the longer of two values that overlap', () => {
    const both = createRedactor([Buffer.from('secret'), Buffer.from('secret-and-more')]);
    expect(both.text('secret-and-more secret')).toBe(`${REDACTED} ${REDACTED}`);
    const stream = both.stream();
    expect(stream.push('x secret') + stream.push('-and-mo') + stream.push('re y') + stream.end()).toBe(`x ${REDACTED} y`);
  });
});

describe('a stream', () => {
  it('finds a value however the text is cut, and loses nothing', () => {
    const secret = 'abcab-abcabd';
    const redactor = createRedactor([Buffer.from(secret)]);
    fc.assert(fc.property(fc.array(fc.oneof(fc.constant(secret), fc.stringMatching(/^[abcd-]{0,8}$/)), { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 }), (parts, cuts) => {
      const text = parts.join('|');
      const stream = redactor.stream();
      let out = '';
      let from = 0;
      for (let index = 0; from < text.length; index += 1) {
        const size = cuts[index % cuts.length] ?? 1;
        out += stream.push(text.slice(from, from + size));
        from += size;
      }
      out += stream.end();
      expect(out).not.toContain(secret);
      expect(out).toBe(text.replaceAll(secret, REDACTED));
    }));
  });

  it('gives out at once what cannot be the beginning of a value', () => {
    const stream = createRedactor([Buffer.from('zzzz-secret')]).stream();
    expect(stream.push('all of it')).toBe('all of it');
    expect(stream.push('but zz')).toBe('but ');
    expect(stream.push('y')).toBe('zzy');
    expect(stream.found).toBe(0);
  });

  it('leaves bytes that are no text as they are', () => {
    const bytes = Buffer.from([0, 255, 254, ...Buffer.from('ü-secret-ü'), 128]);
    const stream = createRedactor([Buffer.from('ü-secret-ü')]).byteStream();
    const out = stream.push(bytes.subarray(0, 6).toString('latin1')) + stream.push(bytes.subarray(6).toString('latin1')) + stream.end();
    expect(Buffer.from(out, 'latin1')).toEqual(Buffer.from([0, 255, 254, ...Buffer.from(REDACTED), 128]));
    expect(stream.found).toBe(1);
  });
});
