import { isStatusError } from '#shared/api/status';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { Organization } from '#shared/kinds/identity/organization';
import type { ObjectRef, ResourceClient } from '../../../resources/resourceClient';
import type { Controller } from '../../../runtime/controller';

export interface SuspensionDeps {
  /** Acts for the system. */
  readonly resources: ResourceClient;
  /** Asks a run to end. `Conflict` when it has ended. */
  readonly cancelRun: (run: ObjectRef & { readonly reason: string }) => Promise<unknown>;
}

/** Cancels the runs that work in a suspended organization; those that wait for their turn see for themselves that it has not come. */
export function createSuspensionController({ resources, cancelRun }: SuspensionDeps): Controller {
  return {
    name: 'organization-suspension',
    kind: Organization,
    watches: [{ kind: AgentDispatchRun, map: ({ spec, status }) => (status?.phase === 'Running' && spec.cancelRequested === undefined ? [{ org: String(spec.organizationRef), name: String(spec.organizationRef) }] : []) }],
    async reconcile({ name: org }) {
      const organization = await resources.find(Organization, { org, name: org });
      if (organization?.spec.suspended !== true || organization.metadata.deletionTimestamp !== undefined) return;
      const { items } = await resources.list(AgentDispatchRun, { org, fieldSelector: 'status.phase=Running' });
      for (const { metadata: { name }, spec } of items) {
        if (spec.cancelRequested !== undefined) continue;
        await cancelRun({ org, name, reason: 'the organization was suspended' }).catch((error: unknown) => {
          if (!isStatusError(error, 'Conflict', 'NotFound')) throw error;
        });
      }
    },
  };
}
