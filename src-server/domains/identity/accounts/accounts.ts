import type { ObjectOf } from '#shared/kind/defineKind';
import type { Actor } from '../../../resources/actor';
import type { Account } from './account';

export type AccountObject = ObjectOf<typeof Account>;

/** A subject at a provider that vouched for it. */
export interface ProviderIdentity {
  readonly provider: string;
  /** The provider's stable id of the person. */
  readonly subject: string;
  readonly login?: string;
  readonly displayName?: string;
  readonly email?: string;
  readonly emailVerified?: boolean;
  readonly groups?: readonly string[];
}

/** The people of this installation, by account. Acts for the system; who may ask is decided by the caller. */
export interface Accounts {
  /**
   * The actor of an account, with the organizations that it belongs to: those of its memberships in which a User of its name is there and
   * not disabled. Whoever is administrator in the installation's own organization belongs to all (`*`). Undefined when the account is gone
   * or disabled.
   */
  findActor(name: string): Promise<Actor | undefined>;
  find(name: string): Promise<AccountObject | undefined>;
  findByIdentity(identity: Pick<ProviderIdentity, 'provider' | 'subject'>): Promise<AccountObject | undefined>;
  /** Accounts whose verified address it is; case does not matter. */
  findByEmail(email: string): Promise<readonly AccountObject[]>;
  /** Makes an account, its name brought to the rules and made unique: `ada`, `ada-2`. */
  create(input: { readonly wantedName: string; readonly displayName: string; readonly email?: string; readonly emailVerified?: boolean; readonly password?: string; readonly identity?: ProviderIdentity }): Promise<AccountObject>;
  /** Adds an identity; `AlreadyExists` when it is another account's. */
  linkIdentity(name: string, identity: ProviderIdentity): Promise<void>;
  /** Checks strength, hashes, and ends every session but `exceptSession`. */
  setPassword(name: string, password: string, opts?: { readonly exceptSession?: string }): Promise<void>;
  /** Takes the same time for a wrong password and for an account that is not there. */
  checkPassword(name: string, password: string): Promise<AccountObject | undefined>;
  /**
   * Takes an account into an organization: its membership, and the User of its name unless it is there. Repeating it changes nothing.
   * `AlreadyExists` when the organization's User of that name is bound to nobody and does not have the account's verified address, unless
   * `adopt` says that somebody who may has decided that it is the same person.
   */
  join(name: string, membership: { readonly org: string; readonly role: string; readonly teams?: readonly string[]; readonly groups?: readonly string[]; readonly adopt?: boolean }): Promise<void>;
  /** Takes the membership away; the User stays, and counts no more. */
  leave(name: string, org: string): Promise<void>;
  /** Ends sessions and tokens of the account at once. */
  endAccess(name: string): Promise<void>;
}
