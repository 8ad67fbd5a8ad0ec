import { randomUUID } from 'node:crypto';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { Organization } from '#shared/kinds/identity/organization';
import type { Audit } from '../../domains/audit/audit';
import { ciStrategies } from '../../domains/ci/ciStrategies';
import { consoleStrategies } from '../../domains/console/consoleStrategies';
import { externalStrategies } from '../../domains/external/externalStrategies';
import { hooksStrategies } from '../../domains/hooks/hooksStrategies';
import { type Access, createAccess } from '../../domains/identity/access/access';
import { identityStrategies } from '../../domains/identity/identityStrategies';
import { inferenceStrategies } from '../../domains/inference/inferenceStrategies';
import { policyStrategies } from '../../domains/policy/policyStrategies';
import { registryStrategies } from '../../domains/registry/registryStrategies';
import { createResources } from '../../resources/createResources';
import { withRecords } from '../../resources/recordSource';
import { createRelocation, type Relocation } from '../../resources/relocation';
import type { ResourceClient } from '../../resources/resourceClient';
import type { AnyStrategy } from '../../resources/strategy';
import { createWriteFeed, type WriteFeed } from '../../resources/writeFeed';
import type { Ground } from '../ground';

/** The one way to objects, and who may go it. */
export interface WritePath {
  /** Acts for the system. */
  readonly resources: ResourceClient;
  readonly writes: WriteFeed;
  readonly relocation: Relocation;
  readonly access: Access;
}

/** `strategies`: the rules of the domains that have parts of their own; those that are rules alone are added here. */
export function joinWritePath(ground: Ground, opts: { audit: Audit; strategies: readonly AnyStrategy[] }): WritePath {
  const { config, clock, log, storage, registry, stored } = ground;
  const writes = createWriteFeed(withRecords(storage.store, [opts.audit.records]));
  const access = createAccess({ resources: () => resources, writes, registry, runKind: AgentDispatchRun, clock, log });
  const resources: ResourceClient = createResources({
    store: writes.store,
    kinds: stored,
    organization: Organization,
    strategies: [
      ...opts.strategies, ...identityStrategies(), ...externalStrategies(), ...inferenceStrategies(), ...registryStrategies(), ...ciStrategies(), ...consoleStrategies(), ...hooksStrategies(),
      ...policyStrategies(),
    ],
    authorizer: access.authorizer,
    clock,
    uuid: randomUUID,
    log,
    maxObjectsPerKind: config.maxObjectsPerKind,
  });
  return { resources, writes, relocation: createRelocation({ store: writes.store, kinds: stored }), access };
}
