import { AuthProvider } from '#shared/kinds/identity/authProvider';
import { createAddressGuard, lookupBy, type AddressGuard } from '../../http/safeAddress';
import type { ResourceClient } from '../../resources/resourceClient';
import type { Config } from '../config';

/** Whether this server is one person's own, or stands between people and a network that is not theirs. */
export interface Hosting {
  /**
   * Do others than the person at this machine use the server? They do where it is reached from elsewhere, and where they can sign in.
   * Then its folders, its credentials and its network are not those of whoever asks.
   */
  isHosted(): Promise<boolean>;
  /** Where URLs that people give may lead: anywhere from one's own machine, else to the internet and what the installation allows. */
  readonly addresses: AddressGuard;
}

export function createHosting(config: Pick<Config, 'host' | 'publicUrl' | 'allowedHosts' | 'allowedAddresses' | 'oidcIssuer'>, resources: () => ResourceClient): Hosting {
  const reached = [config.host, ...(config.publicUrl === undefined ? [] : [new URL(config.publicUrl).hostname]), ...config.allowedHosts];
  const beyondLoopback = !reached.every(isLoopback);
  const strict = createAddressGuard({ allow: config.allowedAddresses });
  const open = createAddressGuard({ allow: '*' });

  async function isHosted(): Promise<boolean> {
    if (beyondLoopback || config.oidcIssuer !== undefined) return true;
    // Only the installation's own organization says how people sign in.
    const { items } = await resources().list(AuthProvider, { org: 'default', fieldSelector: 'spec.enabled=true', limit: 1 });
    return items.length > 0;
  }

  const resolve: AddressGuard['resolve'] = async (hostname) => ((await isHosted()) ? strict : open).resolve(hostname);
  return { isHosted, addresses: { resolve, lookup: lookupBy(resolve) } };
}

function isLoopback(host: string): boolean {
  return /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/i.test(host);
}
