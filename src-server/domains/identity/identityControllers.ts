import { isStatusError } from '#shared/api/status';
import { Organization } from '#shared/kinds/identity/organization';
import { OrgNamespaceBinding } from '#shared/kinds/identity/orgNamespaceBinding';
import { User } from '#shared/kinds/identity/user';
import { controllerActor } from '../../resources/actor';
import type { ResourceClient } from '../../resources/resourceClient';
import type { Controller } from '../../runtime/controller';
import { bindNamespace } from './organizations';

/** Keeps each organization bound to its one namespace, and says when it is. */
export function createOrganizationController(client: ResourceClient): Controller {
  const resources = client.as(controllerActor('organization'));
  return {
    name: 'organization',
    kind: Organization,
    watches: [{ kind: OrgNamespaceBinding, map: ({ spec }) => (typeof spec.organizationRef === 'string' ? [{ org: spec.organizationRef, name: spec.organizationRef }] : []) }],
    async reconcile({ name }) {
      const organization = await resources.find(Organization, { org: name, name });
      if (organization === undefined || organization.metadata.deletionTimestamp !== undefined) return;
      try {
        const binding = await bindNamespace(resources, name);
        await resources.mutateStatus(OrgNamespaceBinding, { org: name, name: binding.metadata.name }, (status) => { status.phase = 'Bound'; });
      } catch (error) {
        // Two reconciles may create the binding at once; the next one finds it.
        if (!isStatusError(error, 'AlreadyExists')) throw error;
      }
      await resources.mutateStatus(Organization, { org: name, name }, (status, current) => {
        status.phase = 'Ready';
        status.observedGeneration = current.metadata.generation;
      });
    },
  };
}

export function createUserController(client: ResourceClient): Controller {
  const resources = client.as(controllerActor('user'));
  return {
    name: 'user',
    kind: User,
    async reconcile(ref) {
      if ((await resources.find(User, ref)) === undefined) return;
      await resources.mutateStatus(User, ref, (status, { spec, metadata }) => {
        status.phase = spec.disabled ? 'Disabled' : 'Active';
        status.observedGeneration = metadata.generation;
      });
    },
  };
}
