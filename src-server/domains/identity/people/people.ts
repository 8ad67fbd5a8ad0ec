import type { Clock } from '../../../app/clock';
import type { PublicEndpoint } from '../../../http/endpoint';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { Controller } from '../../../runtime/controller';
import type { Accounts } from '../accounts/accounts';
import type { Mailer } from '../mail/mailer';
import { createSignInRates } from '../signIn/signInRates';
import { createIdentityMappingController } from './identityMappingController';
import { createInvitationCodes, type FindActor } from './invitationCodes';
import { createInvitations } from './invitations';
import { createInviteController } from './inviteController';
import { createPeopleRouter } from './peopleRouter';
import { createServiceAccountController } from './serviceAccountController';
import { createTeamController } from './teamController';
import { createUserController } from './userController';

export interface PeopleDeps {
  readonly resources: ResourceClient;
  readonly accounts: Accounts;
  readonly clock: Clock;
  /** Absent: invitations are handed on as links. */
  readonly mailer?: Mailer | undefined;
  /** Address that links in mails begin with. */
  readonly baseUrl: () => string;
}

/** Users, teams, invitations, linked identities and service accounts, as the composition root joins them with everything else. */
export interface People {
  readonly router: ReturnType<typeof createPeopleRouter>;
  readonly controllers: readonly Controller[];
  readonly publicEndpoints: (findActor: FindActor) => PublicEndpoint[];
}

export function createPeople(deps: PeopleDeps): People {
  const invitations = createInvitations({ ...deps, hasMail: deps.mailer !== undefined });
  const codes = createInvitationCodes({ invitations, rates: createSignInRates(deps.clock) });
  return {
    router: createPeopleRouter({ invitations, codes }),
    publicEndpoints: (findActor) => codes.endpoints(findActor),
    controllers: [createUserController(deps), createTeamController(deps), createInviteController(deps), createIdentityMappingController(deps), createServiceAccountController(deps)],
  };
}
