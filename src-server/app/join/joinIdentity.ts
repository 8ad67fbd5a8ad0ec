import { userInfo } from 'node:os';
import { SSHKey } from '#shared/kinds/forge/sshKey';
import { createTokens, type Tokens } from '../../api/tokens';
import type { Forge } from '../../domains/forge/forge';
import type { Accounts } from '../../domains/identity/accounts/accounts';
import { bootstrapAccounts } from '../../domains/identity/accounts/bootstrapAccounts';
import { createAccounts } from '../../domains/identity/accounts/createAccounts';
import { createPasswords } from '../../domains/identity/accounts/passwords';
import { bootstrapIdentity } from '../../domains/identity/organizations';
import { createPeople, type People } from '../../domains/identity/people/people';
import { CREDENTIAL_KINDS, createSignIn, type SignIn } from '../../domains/identity/signIn/createSignIn';
import type { Secrets } from '../../domains/secrets/createSecrets';
import { createAddressGuard } from '../../http/safeAddress';
import { createSafeFetch } from '../../http/safeFetch';
import type { Runnable } from '../../runtime/controller';
import { createObjectChanges } from '../../runtime/objectChanges';
import { readOrCreateAdminToken } from '../dataDir';
import type { Ground } from '../ground';
import { createMailer } from './createMailer';
import type { Hosting } from './hosting';
import type { WritePath } from './joinWritePath';
import { signInSettings } from './signInSettings';

/** Who people are and how they sign in. */
export interface Identity {
  readonly accounts: Accounts;
  readonly signIn: SignIn;
  readonly tokens: Tokens;
  readonly people: People;
  /** Start before whoever asks who somebody is. */
  readonly runnables: readonly Runnable[];
}

/** Makes what a new installation begins with, too: its first organization and the administrator. */
export async function joinIdentity(ground: Ground, others: { written: WritePath; forge: Forge; secrets: Secrets; hosting: Hosting }): Promise<Identity> {
  const { config, dataDir, clock, now, log, keys } = ground;
  const { written: { resources, writes }, forge, secrets, hosting } = others;
  const baseUrl = () => ground.address.baseUrl();
  await bootstrapIdentity(resources, localAdministrator());
  await bootstrapAccounts(resources, now);
  const changes = createObjectChanges({ kinds: [...CREDENTIAL_KINDS, SSHKey], writes, resources, clock, log });
  changes.onChange((change) => forge.ssh.learn(change));
  const accounts = createAccounts({ resources, changes, passwords: createPasswords(), clock, administrator: config.adminUsername });
  const signIn = createSignIn({
    resources, accounts, changes, secrets: secrets.reader, clock, log, settings: signInSettings(config), baseUrl,
    fetch: createSafeFetch(hosting.addresses), trustedFetch: createSafeFetch(createAddressGuard({ allow: '*' })), isHosted: () => hosting.isHosted(),
  });
  return {
    accounts,
    signIn,
    // Not before: that there is a token says that the database has something in it (see `openStorage.ts`).
    tokens: createTokens({ keys, adminToken: readOrCreateAdminToken(dataDir), now }),
    people: createPeople({ resources, accounts, clock, mailer: createMailer(config), baseUrl }),
    runnables: [changes, ...signIn.runnables],
  };
}

/** The person whose machine this is. */
function localAdministrator(): { displayName: string; email: string } {
  const { username } = userInfo();
  return { displayName: username, email: `${username}@localhost.localdomain` };
}
