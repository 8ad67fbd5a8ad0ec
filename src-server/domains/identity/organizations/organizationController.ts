import { isStatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { Organization } from '#shared/kinds/identity/organization';
import { OrgNamespaceBinding } from '#shared/kinds/identity/orgNamespaceBinding';
import { User } from '#shared/kinds/identity/user';
import { controllerActor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { Controller } from '../../../runtime/controller';
import type { Accounts } from '../accounts/accounts';
import { bindNamespace } from '../organizations';

export interface OrganizationControllerDeps {
  readonly resources: ResourceClient;
  readonly accounts: Pick<Accounts, 'find' | 'join'>;
}

/** Keeps each organization bound to its one namespace, gives it its first owner, and says how it is. */
export function createOrganizationController(deps: OrganizationControllerDeps): Controller {
  const resources = deps.resources.as(controllerActor('organization'));
  return {
    name: 'organization',
    kind: Organization,
    watches: [{ kind: OrgNamespaceBinding, map: ({ spec }) => (typeof spec.organizationRef === 'string' ? [{ org: spec.organizationRef, name: spec.organizationRef }] : []) }],
    async reconcile({ name }) {
      const organization = await resources.find(Organization, { org: name, name });
      if (organization === undefined) return;
      if (organization.metadata.deletionTimestamp !== undefined) return setPhase(name, 'Terminating');
      try {
        const binding = await bindNamespace(resources, name);
        await resources.mutateStatus(OrgNamespaceBinding, { org: name, name: binding.metadata.name }, (status) => { status.phase = 'Bound'; });
      } catch (error) {
        // Two reconciles may create the binding at once; the next one finds it.
        if (!isStatusError(error, 'AlreadyExists')) throw error;
      }
      await giveOwner({ ...deps, resources }, organization);
      await setPhase(name, organization.spec.suspended === true ? 'Suspended' : 'Ready');
    },
  };

  async function setPhase(name: string, phase: 'Ready' | 'Suspended' | 'Terminating'): Promise<void> {
    await resources.mutateStatus(Organization, { org: name, name }, (status, current) => {
      status.phase = phase;
      status.observedGeneration = current.metadata.generation;
    });
  }
}

/**
 * Makes who created the organization its owner, unless it has people already. It is done with the creation; this is for an organization
 * that came by another door, or whose creation was cut off.
 */
export async function giveOwner({ resources, accounts }: OrganizationControllerDeps, { metadata: { name: org }, spec }: ObjectOf<typeof Organization>): Promise<void> {
  const { createdBy } = spec;
  if (createdBy?.kind !== 'user' || (await accounts.find(createdBy.name)) === undefined) return;
  const { items } = await resources.list(User, { org, limit: 2 });
  if (items.some(({ metadata }) => metadata.name !== createdBy.name)) return;
  await accounts.join(createdBy.name, { org, role: 'owner', adopt: true });
}
