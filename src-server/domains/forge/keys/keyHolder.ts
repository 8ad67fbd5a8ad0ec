import { isStatusError } from '#shared/api/status';
import { SSHKey } from '#shared/kinds/forge/sshKey';
import { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import { Organization } from '#shared/kinds/identity/organization';
import { organizationOf } from '../../../resources/objectScope';
import type { Actor } from '../../../resources/actor';
import type { ForgeContext } from '../forgeContext';
import type { KeyIndex, SSHKeyObject } from './keyIndex';

/** Who acts with a key that is good. */
export interface KeyHolder {
  readonly key: SSHKeyObject;
  readonly fingerprint: string;
  /** Organization whose the key is. */
  readonly org: string;
  readonly actor: Actor;
}

/** Finds who a key signs in. */
export interface KeyHolders {
  /** Undefined for a key that nobody has, one that is revoked, expired or for signing only, and where its holder may not sign in. */
  find(fingerprint: string): Promise<KeyHolder | undefined>;
  /** Notes that a key was used; written at most every ten minutes. */
  noteUse(holder: KeyHolder, address: string | undefined): void;
}

export interface KeyHoldersDeps {
  readonly ctx: Pick<ForgeContext, 'resources' | 'clock' | 'log'>;
  readonly index: KeyIndex;
  /** The actor of an account; undefined when it is gone or may not sign in. */
  readonly findAccount: (name: string) => Promise<Actor | undefined>;
}

const NOTE_EVERY_MS = 10 * 60_000;

export function createKeyHolders({ ctx, index, findAccount }: KeyHoldersDeps): KeyHolders {
  const writing = new Set<string>();

  async function actorOf(key: SSHKeyObject, org: string): Promise<Actor | undefined> {
    const { scope, owner, repository, serviceAccount, readOnly } = key.spec;
    const credential = { kind: 'ssh-key', id: `${org}/${key.metadata.name}` } as const;
    if (scope === 'user') {
      const account = owner === undefined ? undefined : await findAccount(owner);
      const isMember = account !== undefined && (account.orgs === '*' || account.orgs.includes(org));
      return isMember ? { ...account, credential } : undefined;
    }
    if (scope === 'deploy') {
      if (repository === undefined) return undefined;
      const { name } = key.metadata;
      return { kind: 'deploy-key', name, displayName: key.spec.title ?? name, orgs: [org], deploys: { org, repository, readOnly }, credential };
    }
    const account = serviceAccount === undefined ? undefined : await ctx.resources.find(AgentServiceAccount, { org, name: serviceAccount });
    if (account === undefined || account.metadata.deletionTimestamp !== undefined || account.spec.disabled === true) return undefined;
    return { kind: 'service-account', name: account.metadata.name, orgs: [org], credential, ...(account.spec.displayName === undefined ? {} : { displayName: account.spec.displayName }) };
  }

  return {
    async find(fingerprint) {
      const key = await index.find(fingerprint);
      if (key === undefined || !isGood(key, ctx.clock.now())) return undefined;
      const org = organizationOf(SSHKey, key);
      try {
        const organization = await ctx.resources.find(Organization, { org, name: org });
        if (organization === undefined || organization.metadata.deletionTimestamp !== undefined || isSuspended(organization)) return undefined;
        const actor = await actorOf(key, org);
        return actor === undefined ? undefined : { key, fingerprint, org, actor };
      } catch (error) {
        // Its organization is going away.
        if (isStatusError(error, 'NotFound')) return undefined;
        throw error;
      }
    },
    noteUse({ key, org }, address) {
      const now = ctx.clock.now();
      const id = `${org}/${key.metadata.name}`;
      const storedAt = key.status?.lastUsedAt;
      if (writing.has(id) || (storedAt !== undefined && Math.abs(now - Date.parse(storedAt)) < NOTE_EVERY_MS)) return;
      writing.add(id);
      void ctx.resources
        .mutateStatus(SSHKey, { org, name: key.metadata.name }, (status) => {
          status.lastUsedAt = new Date(now).toISOString();
          if (address !== undefined) status.lastUsedFrom = address.slice(0, 100);
        })
        .catch((error: unknown) => ctx.log.debug({ err: error, key: id }, 'the use of a key was not noted'))
        .finally(() => writing.delete(id));
    },
  };
}

/** Whether a key itself opens anything at this time (ms). */
export function isGood({ metadata, spec }: SSHKeyObject, nowMs: number): boolean {
  const isExpired = spec.expiresAt !== undefined && Date.parse(spec.expiresAt) <= nowMs;
  // Keys of before there were usages have none.
  return !spec.revoked && !isExpired && (spec.usage as string | undefined) !== 'signing' && metadata.deletionTimestamp === undefined;
}

function isSuspended({ spec, status }: { readonly spec: object; readonly status?: { readonly phase?: string | undefined } | undefined }): boolean {
  return (spec as { suspended?: unknown }).suspended === true || status?.phase === 'Suspended';
}
