import { isStatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { IdentityMapping } from '#shared/kinds/identity/identityMapping';
import { timestampOf, type Clock } from '../../../app/clock';
import { controllerActor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { Controller } from '../../../runtime/controller';
import type { Accounts } from '../accounts/accounts';
import { DEFAULT_ORG } from '../organizations';

/** How soon a link is tried again whose account is not there yet, in ms. */
const RETRY_MS = 30_000;

/**
 * Links identities at sign-in providers to accounts. Only links of the installation's own organization do, which only its administrators
 * make; those of other organizations say who somebody is at a git host or in workspaces.
 */
export function createIdentityMappingController(opts: { resources: ResourceClient; accounts: Pick<Accounts, 'find' | 'linkIdentity'>; clock: Clock }): Controller {
  const { accounts, clock } = opts;
  const resources = opts.resources.as(controllerActor('identity-mapping'));
  return {
    name: 'identity-mapping',
    kind: IdentityMapping,
    async reconcile(ref) {
      const mapping = await resources.find(IdentityMapping, ref);
      if (mapping === undefined || mapping.metadata.deletionTimestamp !== undefined) return;
      const obstacle = ref.org === DEFAULT_ORG ? await link(mapping) : undefined;
      const isNew = mapping.status?.phase !== 'Synced' || mapping.status.observedGeneration !== mapping.metadata.generation;
      await resources.mutateStatus(IdentityMapping, ref, (status, { metadata }) => {
        status.phase = obstacle === undefined ? 'Synced' : 'Pending';
        if (obstacle === undefined) delete status.message;
        else status.message = obstacle;
        if (obstacle === undefined && isNew) status.lastSyncedAt = timestampOf(clock);
        status.observedGeneration = metadata.generation;
      });
      return obstacle === undefined ? undefined : { requeueAfterMs: RETRY_MS };
    },
  };

  /** Why the identity is not the account's yet; undefined when it is. */
  async function link({ spec }: ObjectOf<typeof IdentityMapping>): Promise<string | undefined> {
    const { user, provider, subject, login, email } = spec;
    const account = await accounts.find(user);
    if (account === undefined) return `There is no account "${user}" that could sign in; it is linked as soon as there is one.`;
    if (account.spec.identities.some((each) => each.provider === provider && each.subject === subject)) return undefined;
    try {
      await accounts.linkIdentity(user, { provider, subject, ...(login === undefined ? {} : { login }), ...(email === undefined ? {} : { email }) });
      return undefined;
    } catch (error) {
      if (isStatusError(error, 'AlreadyExists', 'Invalid')) return `${error.message}.`;
      throw error;
    }
  }
}
