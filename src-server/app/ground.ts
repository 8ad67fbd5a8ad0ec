import { createKindRegistry, type KindRegistry } from '#shared/kind/registry';
import { foreignKinds } from '#shared/kinds/foreignKinds';
import { allKinds } from '#shared/kinds/index';
import type { TlsCredentials } from '../api/dualServer';
import type { BlobRemoval, BlobStore } from '../store/blobStore';
import { openFileBlobStore } from '../store/fileBlobStore';
import type { SqlStorage } from '../store/sql/sqlStorage';
import type { AppOptions } from './appOptions';
import { type Clock, systemClock } from './clock';
import { internalKinds } from './internalKinds';
import { type KeyFile, openKeyFile } from './keyRing';
import type { Metrics } from './metrics';
import { createServerAddress, type ServerAddress } from './serverAddress';
import { readConfiguredTls } from './tls/configuredTls';
import { createTlsIdentity, tlsNames } from './tls/tlsIdentity';

/** What every part of the server stands on and none of them changes. */
export interface Ground extends AppOptions {
  readonly clock: Clock;
  /** The clock's time, in ms since 1970. */
  readonly now: () => number;
  readonly metrics: Metrics;
  /** Objects and event streams. */
  readonly storage: SqlStorage;
  /** Revision of the last write. */
  readonly headRevision: () => Promise<string>;
  readonly blobs: BlobStore & BlobRemoval;
  /** Sign sessions and run tokens, and encrypt secrets. */
  readonly keys: KeyFile;
  /** The kinds that the doors serve. */
  readonly registry: KindRegistry;
  /** Those, and the ones that only the server itself reads and writes. */
  readonly stored: KindRegistry;
  readonly address: ServerAddress;
  /** The certificate that https is served with; asked for at the first connection that wants it. */
  readonly tls: () => Promise<TlsCredentials>;
}

export async function layGround(options: AppOptions & { readonly storage: SqlStorage; readonly metrics: Metrics }): Promise<Ground> {
  const { config, dataDir, log, storage } = options;
  const clock = systemClock;
  const now = () => clock.now();
  const configuredTls = readConfiguredTls(config, { nowMs: now(), log });
  return {
    ...options,
    clock,
    now,
    headRevision: async () => (await storage.store.revisions()).head,
    blobs: await openFileBlobStore(dataDir.blobs),
    keys: openKeyFile(dataDir.secretKeyFile),
    registry: createKindRegistry(allKinds, foreignKinds),
    stored: createKindRegistry([...allKinds, ...internalKinds], foreignKinds),
    address: createServerAddress(config),
    tls: configuredTls === undefined ? createTlsIdentity({ folder: dataDir.tls, names: tlsNames(config), now, log }) : () => Promise.resolve(configuredTls),
  };
}
