import { createHash } from 'node:crypto';
import type { ObjectOf } from '#shared/kind/defineKind';
import { GPGKey } from '#shared/kinds/forge/gpgKey';
import { SSHKey } from '#shared/kinds/forge/sshKey';
import { IdentityMapping } from '#shared/kinds/identity/identityMapping';
import { User } from '#shared/kinds/identity/user';
import { organizationOf } from '../../../resources/objectScope';
import { pagesOf } from '../../../resources/pagesOf';
import type { ResourceClient } from '../../../resources/resourceClient';
import { LruCache } from '../git/lruCache';
import { parsePublicKey } from '../keys/publicKey';
import { parsePgpKey, type PgpKey } from './pgpKey';

/** A key that somebody may have signed with. */
export interface SigningKey {
  /** Name of the SSHKey or GPGKey. */
  readonly name: string;
  /** Name of the User. */
  readonly owner: string;
  readonly revoked: boolean;
  /** Milliseconds since 1970. */
  readonly expiresAt: number | undefined;
}

export interface Signer {
  readonly name: string;
  readonly displayName: string;
  /** In lower case. */
  readonly emails: ReadonlySet<string>;
  readonly disabled: boolean;
}

/** The keys and people that signatures in one organization are verified with. */
export interface Keyring {
  readonly org: string;
  /** Equal for equal keys and people. */
  readonly version: string;
  readonly people: ReadonlyMap<string, Signer>;
  /** By fingerprint, `SHA256:…`. */
  readonly ssh: ReadonlyMap<string, SigningKey>;
  /** By key id of 16 digits. */
  pgp(keyId: string): Promise<(SigningKey & { readonly pgp: PgpKey }) | undefined>;
  /** Fingerprints of the keys that this installation signs with. */
  readonly forge: ReadonlySet<string>;
}

/** Reading a key takes milliseconds, and it never changes. */
const parsedPgpKeys = new LruCache<Promise<PgpKey | undefined>>(5000);

/** Reads the keys of an organization's people, in the name of the system: whoever sees a commit may know who signed it. */
export async function loadKeyring(resources: ResourceClient, org: string, forge: ReadonlySet<string>): Promise<Keyring> {
  const [allSshKeys, allGpgKeys, users, mappings] = await Promise.all([
    listEverywhere(resources, SSHKey), listEverywhere(resources, GPGKey), resources.list(User, { org }), resources.list(IdentityMapping, { org }),
  ]);
  const names = new Set(users.items.map(({ metadata }) => metadata.name));
  // An account is the same in all of its organizations, and so are its keys. Of who is no member here, nobody learns that they have one elsewhere.
  const isKnown = (key: ObjectOf<typeof SSHKey> | ObjectOf<typeof GPGKey>): boolean => (key.spec.owner !== undefined && names.has(key.spec.owner)) || organizationOf(key.kind === SSHKey.names.kind ? SSHKey : GPGKey, key) === org;
  const sshKeys = allSshKeys.filter(isKnown);
  const gpgKeys = allGpgKeys.filter(isKnown);
  const addresses = new Map<string, string[]>();
  for (const { spec } of mappings.items) if (spec.email !== undefined) addresses.set(spec.user, [...(addresses.get(spec.user) ?? []), spec.email]);
  const version = createHash('sha256');
  for (const { metadata, kind } of [...sshKeys, ...gpgKeys, ...users.items, ...mappings.items]) version.update(`${kind} ${metadata.uid} ${metadata.generation}\n`);
  for (const fingerprint of forge) version.update(fingerprint);
  const gpg = gpgKeys.filter(({ spec }) => spec.owner !== undefined);
  return {
    org,
    version: version.digest('base64url'),
    forge,
    people: new Map(users.items.map((user) => [user.metadata.name, signerOf(user, addresses.get(user.metadata.name) ?? [])])),
    ssh: new Map(sshKeys.flatMap(sshEntry)),
    async pgp(keyId) {
      for (const object of gpg) {
        const pgp = await parsedKey(object);
        if (pgp?.keyIds.includes(keyId) === true) return { ...ownershipOf(object.metadata.name, object.spec), expiresAt: undefined, pgp };
      }
      return undefined;
    },
  };
}

const PAGE = 1000;

async function listEverywhere<TKind extends typeof SSHKey | typeof GPGKey>(resources: ResourceClient, kind: TKind): Promise<ObjectOf<TKind>[]> {
  const found: ObjectOf<TKind>[] = [];
  for await (const { items } of pagesOf((at) => resources.list(kind, { org: '*', ...at }), PAGE)) found.push(...items);
  return found;
}

/** Whose an address is among the people of the organization. */
export function personOfAddress(keyring: Keyring, email: string): Signer | undefined {
  const wanted = email.toLowerCase();
  return [...keyring.people.values()].find(({ emails, disabled }) => !disabled && emails.has(wanted));
}

function signerOf({ metadata, spec }: ObjectOf<typeof User>, addresses: readonly string[]): Signer {
  return { name: metadata.name, displayName: spec.displayName, emails: new Set([spec.email, ...addresses].map((email) => email.toLowerCase())), disabled: spec.disabled };
}

/** Only people's keys: what a deploy key signs is nobody's word. */
function sshEntry({ metadata, spec }: ObjectOf<typeof SSHKey>): [string, SigningKey][] {
  const parsed = spec.scope === 'user' && spec.owner !== undefined && spec.usage !== 'authentication' ? parsePublicKey(spec.key) : { problem: 'not for signing' };
  if ('problem' in parsed) return [];
  return [[parsed.fingerprint, { ...ownershipOf(metadata.name, spec), expiresAt: spec.expiresAt === undefined ? undefined : Date.parse(spec.expiresAt) }]];
}

function ownershipOf(name: string, spec: { readonly owner?: string | undefined; readonly revoked: boolean }): { name: string; owner: string; revoked: boolean } {
  return { name, owner: spec.owner ?? '', revoked: spec.revoked };
}

function parsedKey({ metadata, spec }: ObjectOf<typeof GPGKey>): Promise<PgpKey | undefined> {
  const known = parsedPgpKeys.get(metadata.uid);
  if (known !== undefined) return known;
  const parsed = parsePgpKey(spec.key).then((key) => ('problem' in key ? undefined : key));
  parsedPgpKeys.set(metadata.uid, parsed);
  return parsed;
}
