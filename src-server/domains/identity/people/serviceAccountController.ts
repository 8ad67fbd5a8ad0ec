import { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import { controllerActor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { Controller } from '../../../runtime/controller';

/** Says whether a service account may be used. */
export function createServiceAccountController(opts: { resources: ResourceClient }): Controller {
  const resources = opts.resources.as(controllerActor('service-account'));
  return {
    name: 'service-account',
    kind: AgentServiceAccount,
    async reconcile(ref) {
      if ((await resources.find(AgentServiceAccount, ref)) === undefined) return;
      await resources.mutateStatus(AgentServiceAccount, ref, (status, { spec, metadata }) => {
        status.phase = spec.disabled === true ? 'Disabled' : 'Ready';
        status.observedGeneration = metadata.generation;
      });
    },
  };
}
