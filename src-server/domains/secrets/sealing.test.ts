import { describe, expect, it } from 'vitest';
import { keyRingOf } from '../../app/keyRing';
import { openValue, rewrap, SealBroken, sealValues, type SealContext } from './sealing';

const [first, second] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const ring = keyRingOf([first]);
const PLACE: SealContext = { org: 'acme', secret: 'github', bundle: 'sv-1' };
const VALUES = new Map([['a', Buffer.from('value of a')], ['b', Buffer.from([0, 255, 128])], ['empty', Buffer.alloc(0)]]);

describe('sealValues', () => {
  it('is opened in its place, and looks another way each time', () => {
    const [one, other] = [sealValues(ring, PLACE, VALUES), sealValues(ring, PLACE, VALUES)];
    for (const [key, value] of VALUES) expect(openValue(ring, PLACE, { ...one, key })).toEqual(value);
    expect(one.values.a).not.toBe(other.values.a);
    expect(Buffer.from(JSON.stringify(one)).includes('value of a')).toBe(false);
  });

  it.each<[string, SealContext]>([
    ['another organization', { ...PLACE, org: 'other' }],
    ['another secret', { ...PLACE, secret: 'other' }],
    ['another bundle', { ...PLACE, bundle: 'sv-2' }],
    ['names that run into each other', { org: 'acm', secret: 'egithub', bundle: 'sv-1' }],
  ])('is not opened in %s', (_what, place) => {
    expect(() => openValue(ring, place, { ...sealValues(ring, PLACE, VALUES), key: 'a' })).toThrow(SealBroken);
  });

  it('is not opened under another key of the secret, changed, cut or empty', () => {
    const sealed = sealValues(ring, PLACE, VALUES);
    const { a = '', b = '' } = sealed.values;
    const flipped = Buffer.from(a, 'base64');
    flipped.writeUInt8(flipped.readUInt8(30) ^ 1, 30);
    for (const value of [b, flipped.toString('base64'), a.slice(0, -8), '', 'AAAA']) {
      expect(() => openValue(ring, PLACE, { ...sealed, values: { a: value }, key: 'a' })).toThrow(SealBroken);
    }
    expect(() => openValue(ring, PLACE, { ...sealed, key: 'constructor' })).toThrow(SealBroken);
  });

  it('stays as it is when its key is wrapped anew, and needs the old key no more', () => {
    const sealed = sealValues(ring, PLACE, VALUES);
    const again = { ...sealed, ...rewrap(keyRingOf([second, first]), PLACE, sealed) };
    expect(again.values).toEqual(sealed.values);
    expect(openValue(keyRingOf([second]), PLACE, { ...again, key: 'a' }).toString()).toBe('value of a');
    expect(() => openValue(ring, PLACE, { ...again, key: 'a' })).toThrow('is not in secret.key');
    expect(() => openValue(keyRingOf([second]), PLACE, { ...sealed, key: 'a' })).toThrow('is not in secret.key');
  });
});
