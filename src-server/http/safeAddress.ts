import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { StatusError } from '#shared/api/status';

/**
 * Decides which addresses the server may connect to on somebody's wish. A URL that a user gave must not lead into the network that the
 * server stands in: there, what it can reach and they cannot is protected by nothing else.
 */
export interface AddressGuard {
  /**
   * The addresses of a host, every one of them allowed. Connect to these and not to the name: it may lead elsewhere a moment later.
   *
   * @throws Invalid (HOST_UNKNOWN) for a name that nobody knows; Forbidden (ADDRESS_NOT_ALLOWED).
   */
  resolve(hostname: string): Promise<readonly ResolvedAddress[]>;
  /**
   * For the option `lookup` of sockets and of HTTP requests: what was checked is what is connected to. Sockets do not ask it about
   * addresses that are none but numbers, so {@link resolve} comes first where a URL may have one.
   */
  readonly lookup: LookupFunction;
}

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

export interface AddressGuardOptions {
  /** Addresses and ranges (`10.1.0.0/16`) that are allowed although they are not public; `*` allows everything. */
  readonly allow?: readonly string[] | '*';
  /** Default: the resolver of this machine. */
  readonly resolve?: (hostname: string) => Promise<readonly LookupAddress[]>;
}

export function createAddressGuard(options: AddressGuardOptions = {}): AddressGuard {
  const { allow = [], resolve: ask = (hostname) => lookup(hostname, { all: true }) } = options;
  const allowed = allow === '*' ? undefined : readRanges(allow);
  const isAllowed = ({ address, family }: ResolvedAddress): boolean => allowed === undefined || isPublicAddress(address) || allowed.check(address, family === 4 ? 'ipv4' : 'ipv6');

  async function resolve(hostname: string): Promise<readonly ResolvedAddress[]> {
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const found = (isIP(host) === 0 ? await known(host, ask) : [{ address: host, family: isIP(host) }]).map(toResolved);
    // One that is not allowed among others is no accident, and which of them is connected to is chance.
    if (!found.every(isAllowed)) {
      const message = `${hostname} leads into a network that this server may not be sent to; give an address that everybody can reach`;
      throw new StatusError('Forbidden', message, { code: 'ADDRESS_NOT_ALLOWED', causes: [{ code: 'ADDRESS_NOT_ALLOWED', message }] });
    }
    return found;
  }

  return { resolve, lookup: lookupBy(resolve) };
}

/** The form that sockets ask in. */
export function lookupBy(resolve: AddressGuard['resolve']): LookupFunction {
  return (hostname, opts, callback) => {
    resolve(hostname).then(
      (found) => {
        const wanted = opts.family === 4 || opts.family === 6 ? found.filter(({ family }) => family === opts.family) : found;
        const [first] = wanted;
        if (first === undefined) callback(unknownHost(hostname), '');
        else if (opts.all === true) callback(null, [...wanted]);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), ''),
    );
  };
}

/** Is this the address of one machine that everybody on the internet reaches? By the registries of special addresses (RFC 6890, IANA). */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !SPECIAL_V4.check(address, 'ipv4');
    case 6: {
      const embedded = embeddedIPv4(address);
      if (embedded !== undefined) return isPublicAddress(embedded);
      return GLOBAL_V6.check(address, 'ipv6') && !SPECIAL_V6.check(address, 'ipv6');
    }
    default:
      return false;
  }
}

/** @throws Invalid for what is no address and no range. */
export function readRanges(texts: readonly string[]): BlockList {
  const ranges = new BlockList();
  for (const text of texts) {
    const [address = '', bits, ...rest] = text.split('/');
    const version = isIP(address);
    const most = version === 4 ? 32 : 128;
    const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
    if (version === 0 || rest.length > 0 || prefix < 0 || prefix > most) {
      throw new StatusError('Invalid', `"${text}" is no address and no range of addresses; they look like 10.1.2.3 and 10.1.0.0/16`);
    }
    ranges.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6');
  }
  return ranges;
}

/** This network, private, carrier's, loopback, link-local (clouds tell machines their secrets there), documentation, benchmarks, multicast, reserved. */
const SPECIAL_V4 = readRanges([
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16',
  '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
]);
/** All that is given to single machines for the whole internet; loopback, link-local and unique local addresses are outside. */
const GLOBAL_V6 = readRanges(['2000::/3']);
/** Protocol assignments with Teredo, documentation, and 6to4, which hides an IPv4 address. */
const SPECIAL_V6 = readRanges(['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);
/** IPv4 in IPv6's clothes: mapped (RFC 4291), and translated by NAT64 (RFC 6052). The address is in the last 32 bits. */
const WITH_IPV4 = ['0:0:0:0:0:ffff', '64:ff9b:0:0:0:0'];

function embeddedIPv4(address: string): string | undefined {
  // A URL writes every form of an address in one, in which `::` is the only thing that varies.
  const [head = '', tail] = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1).split('::');
  const groupsOf = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [left, right] = [groupsOf(head), groupsOf(tail ?? '')];
  const groups = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right];
  if (!WITH_IPV4.includes(groups.slice(0, 6).join(':'))) return undefined;
  const [high = 0, low = 0] = groups.slice(6).map((group) => Number.parseInt(group, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

async function known(host: string, ask: (hostname: string) => Promise<readonly LookupAddress[]>): Promise<readonly LookupAddress[]> {
  const found = await ask(host).catch((error: unknown) => {
    throw unknownHost(host, error);
  });
  if (found.length === 0) throw unknownHost(host);
  return found;
}

function unknownHost(host: string, cause?: unknown): StatusError {
  const message = `there is no host "${host}"; check its spelling and the network`;
  return new StatusError('Invalid', message, { code: 'HOST_UNKNOWN', causes: [{ code: 'HOST_UNKNOWN', message }], cause });
}

function toResolved({ address, family }: LookupAddress): ResolvedAddress {
  return { address, family: family === 6 ? 6 : 4 };
}
