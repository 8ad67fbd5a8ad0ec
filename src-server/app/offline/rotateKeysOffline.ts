import { randomUUID } from 'node:crypto';
import type { RotationState } from '#shared/api/secrets';
import { createKindRegistry } from '#shared/kind/registry';
import { Organization } from '#shared/kinds/identity/organization';
import { createSecrets } from '../../domains/secrets/createSecrets';
import { createResources } from '../../resources/createResources';
import type { ResourceClient } from '../../resources/resourceClient';
import { lockDataDir } from '../../store/dataDirLock';
import { settleRestore } from '../backup/restoreFolder';
import { systemClock } from '../clock';
import type { Config } from '../config';
import { openDataDir } from '../dataDir';
import { internalKinds } from '../internalKinds';
import { openKeyFile } from '../keyRing';
import { silentLogger } from '../log';
import { openStorage } from '../openStorage';

/**
 * Makes a new key for an installation that no server serves, and wraps everything by it. A process that is killed on the way leaves both
 * keys in the file: the next rotation, or the next server, goes on.
 *
 * @throws Conflict when a server has the data folder.
 */
export async function rotateKeysOffline(config: Config): Promise<RotationState> {
  const dataDir = openDataDir(config.dataDir);
  const lock = await lockDataDir(dataDir.root);
  try {
    await settleRestore(dataDir.root);
    const log = silentLogger();
    const storage = await openStorage({ config, dataDir, log, observe: () => undefined });
    try {
      const resources: ResourceClient = createResources({
        store: storage.store, kinds: createKindRegistry([Organization, ...internalKinds]), organization: Organization, strategies: [],
        // It acts for the system alone, which everything is allowed.
        authorizer: { decide: () => Promise.resolve({ allowed: true, rule: 'system' }), visibility: () => Promise.resolve(undefined), onChange: () => () => undefined },
        clock: systemClock, uuid: randomUUID, log,
      });
      const keys = openKeyFile(dataDir.secretKeyFile);
      const { rotation } = createSecrets({ resources: () => resources, keys: () => keys, clock: systemClock, log });
      await rotation.rotate();
      await rotation.settled();
      return await rotation.state();
    } finally {
      await storage.close();
    }
  } finally {
    await lock.release();
  }
}
