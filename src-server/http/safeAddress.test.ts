import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAddressGuard, isPublicAddress, readRanges } from './safeAddress';

const NOT_PUBLIC = [
  '127.0.0.1', '127.9.9.9', '0.0.0.0', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1', '192.0.0.8', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255',
  '::', '::1', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '2001:db8::1', '2001::1', '2002:7f00:1::', '3fff::1', '100::1', '64:ff9b:1::1',
  '::ffff:127.0.0.1', '::ffff:a9fe:a9fe', '0:0:0:0:0:ffff:10.0.0.1', '64:ff9b::10.0.0.1', '64:ff9b::7f00:1', '::127.0.0.1',
  'localhost', '', '1.2.3',
];
const PUBLIC = ['1.1.1.1', '140.82.121.3', '172.32.0.1', '172.15.0.1', '192.167.1.1', '100.128.0.1', '2606:4700:4700::1111', '2a00:1450:4001::200e', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8'];

describe('addresses that everybody may be sent to', () => {
  it.each(NOT_PUBLIC)('%s is not one of them', (address) => expect(isPublicAddress(address)).toBe(false));
  it.each(PUBLIC)('%s is', (address) => expect(isPublicAddress(address)).toBe(true));

  it('judges an IPv4 address in IPv6 clothes as what it is', () => {
    fc.assert(fc.property(fc.ipV4(), (address) => {
      expect(isPublicAddress(`::ffff:${address}`)).toBe(isPublicAddress(address));
      expect(isPublicAddress(`64:ff9b::${address}`)).toBe(isPublicAddress(address));
    }));
  });
});

describe('a guard', () => {
  const resolving = (...addresses: string[]) => async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

  it('answers the addresses that were checked', async () => {
    const guard = createAddressGuard({ resolve: resolving('1.1.1.1', '2606:4700::1') });
    expect(await guard.resolve('example.org')).toEqual([{ address: '1.1.1.1', family: 4 }, { address: '2606:4700::1', family: 6 }]);
    expect(await guard.resolve('[2606:4700::2]')).toEqual([{ address: '2606:4700::2', family: 6 }]);
  });

  it('refuses a name as soon as one of its addresses is not allowed, and does not say which', async () => {
    const guard = createAddressGuard({ resolve: resolving('1.1.1.1', '10.0.0.7') });
    const refusal = await guard.resolve('inside.example.org').catch((error: unknown) => error);
    expect(refusal).toMatchObject({ reason: 'Forbidden', details: { code: 'ADDRESS_NOT_ALLOWED' } });
    expect(String(refusal)).not.toContain('10.0.0.7');
  });

  it('refuses numbers that no resolver is asked about, in every form that a URL may have them', async () => {
    const guard = createAddressGuard({ resolve: () => Promise.reject(new Error('asked')) });
    for (const url of ['http://127.1/', 'http://0x7f000001/', 'http://2130706433/', 'http://[::1]/', 'http://[::ffff:7f00:1]/', 'http://0/', 'http://169.254.169.254./']) {
      await expect(guard.resolve(new URL(url).hostname), url).rejects.toMatchObject({ details: { code: 'ADDRESS_NOT_ALLOWED' } });
    }
  });

  it('lets through what the installation allows', async () => {
    const guard = createAddressGuard({ allow: ['10.1.0.0/16', '::1'], resolve: resolving('10.1.2.3') });
    expect(await guard.resolve('ci.example.org')).toHaveLength(1);
    expect(await guard.resolve('::1')).toHaveLength(1);
    await expect(guard.resolve('10.2.0.1')).rejects.toMatchObject({ reason: 'Forbidden' });
    expect(await createAddressGuard({ allow: '*' }).resolve('127.0.0.1')).toHaveLength(1);
  });

  it('says that nobody knows a name', async () => {
    const guard = createAddressGuard({ resolve: () => Promise.reject(new Error('ENOTFOUND')) });
    await expect(guard.resolve('no.example.org')).rejects.toMatchObject({ reason: 'Invalid', details: { code: 'HOST_UNKNOWN' } });
  });

  it('is asked again by the socket itself, so that a name that changes its mind leads nowhere', async () => {
    let asked = 0;
    const guard = createAddressGuard({ resolve: async () => [{ address: (asked += 1) === 1 ? '1.1.1.1' : '127.0.0.1', family: 4 }] });
    await guard.resolve('rebound.example.org');
    const error = await new Promise((resolve) => guard.lookup('rebound.example.org', { all: true }, (failure) => resolve(failure)));
    expect(error).toMatchObject({ details: { code: 'ADDRESS_NOT_ALLOWED' } });
  });

  it('wants ranges that are ranges', () => {
    for (const text of ['10.0.0.0/33', '10.0.0/8', 'example.org', '::1/129', '10.0.0.0/8/8', '10.0.0.0/-1', '10.0.0.0/']) expect(() => readRanges([text]), text).toThrow(/range of addresses/);
  });
});
