import { randomUUID } from 'node:crypto';
import type { ResourceClient } from '../../resources/resourceClient';
import type { Controller } from '../../runtime/controller';
import { addGarbageCollector } from '../../runtime/garbageCollector';
import { createManager, type Manager } from '../../runtime/manager';
import type { Ground } from '../ground';

/** What runs the controllers of all domains. */
export function joinManager(ground: Ground, resources: ResourceClient, controllers: readonly Controller[]): Manager {
  const { clock, log, metrics, stored, headRevision } = ground;
  const manager = createManager({ resources, head: headRevision, clock, uuid: randomUUID, log, observe: (observation) => metrics.observeReconcile(observation) });
  addGarbageCollector(manager, { kinds: stored, resources });
  for (const controller of controllers) manager.add(controller);
  return manager;
}
