import type { KindRegistry } from '#shared/kind/registry';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { Organization } from '#shared/kinds/identity/organization';
import type { Clock } from '../../../app/clock';
import { SYSTEM_ACTOR } from '../../../resources/actor';
import type { ObjectRef, ResourceClient } from '../../../resources/resourceClient';
import type { Controller } from '../../../runtime/controller';
import { createOrganizationContentController } from '../../../runtime/organizationContent';
import type { Accounts } from '../accounts/accounts';
import { createOrganizationController } from './organizationController';
import { createOrganizationDeletions } from './organizationDeletion';
import { createOrganizationsRouter } from './organizationsRouter';
import { createSuspensionController } from './suspensionController';

export interface OrganizationLifecycleDeps {
  readonly resources: ResourceClient;
  readonly accounts: Accounts;
  readonly clock: Clock;
  /** All that is stored, what no door serves included: a deleted organization leaves nothing. */
  readonly kinds: KindRegistry;
  readonly runs: {
    /** Asks a run to end, as the actor of the client. */
    cancel(resources: ResourceClient, run: ObjectRef & { readonly reason: string }): Promise<unknown>;
    /** Ends what works for a run and drops what it has outside of objects. May be repeated. */
    forget(run: ObjectRef): Promise<void>;
  };
  /** What organizations have on disk. Both may be repeated. */
  readonly files: {
    /** Removes blobs that nothing but the organization refers to; asked while its objects are there. */
    removeBlobs(org: string): Promise<void>;
    /** Removes its folders. */
    removeFolders(org: string): Promise<void>;
  };
}

/** Organizations from their creation to their deletion, as the composition root joins them with everything else. */
export interface OrganizationLifecycle {
  readonly router: ReturnType<typeof createOrganizationsRouter>;
  readonly controllers: readonly Controller[];
}

export function createOrganizationLifecycle(deps: OrganizationLifecycleDeps): OrganizationLifecycle {
  const { resources, kinds, runs, files } = deps;
  const deletions = createOrganizationDeletions(deps);
  return {
    router: createOrganizationsRouter({ ...deps, deletions }),
    controllers: [
      createOrganizationController(deps),
      createSuspensionController({ resources, cancelRun: (run) => runs.cancel(resources.as(SYSTEM_ACTOR), run) }),
      createOrganizationContentController({
        organization: Organization,
        kinds,
        resources,
        ports: {
          first: [{ kind: AgentDispatchRun, release: (run) => runs.forget(run) }],
          beforeObjects: (org) => files.removeBlobs(org),
          afterObjects: (org) => files.removeFolders(org),
          report: (org, left) => deletions.report(org, left),
        },
      }),
      deletions.controller,
    ],
  };
}
