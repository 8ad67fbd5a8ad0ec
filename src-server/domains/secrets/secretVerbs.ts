import type { z } from 'zod';
import type { createSecretInput, putSecretInput, rollbackSecretInput, secretVersions, SecretView, writtenSecret } from '#shared/api/secrets';
import { StatusError } from '#shared/api/status';
import { jsonEqual } from '#shared/kind/equality';
import { AgentSecretGrant } from '#shared/kinds/identity/agentSecretGrant';
import type { ResourceClient } from '../../resources/resourceClient';
import { grantName } from './grantVerbs';
import { summarizeGrants, type GrantSummary } from './grantViews';
import { Secret } from './secret';
import { inTheNameOf, type SecretsContext } from './secretsContext';
import type { SecretObject, SecretVault } from './secretVault';
import { checkValues, decodeValues } from './secretData';
import { bundlesOf, parseReference } from './valueReference';

type Written = z.output<typeof writtenSecret>;
interface SecretRef {
  readonly org: string;
  readonly name: string;
}

/** What people do with secrets. `resources` is bound to who asks; the rest is done in their name once they may. */
export interface SecretVerbs {
  list(resources: ResourceClient, org: string): Promise<SecretView[]>;
  get(resources: ResourceClient, ref: SecretRef): Promise<SecretView>;
  /** `AlreadyExists` when it is there. */
  create(resources: ResourceClient, input: z.output<typeof createSecretInput>): Promise<Written>;
  /** A new version, of a secret that is made when it is not there. */
  put(resources: ResourceClient, input: z.output<typeof putSecretInput>): Promise<Written>;
  delete(resources: ResourceClient, ref: SecretRef): Promise<void>;
  versions(resources: ResourceClient, ref: SecretRef): Promise<z.output<typeof secretVersions>>;
  rollback(resources: ResourceClient, input: z.output<typeof rollbackSecretInput>): Promise<Written>;
}

export function createSecretVerbs(ctx: SecretsContext, vault: SecretVault): SecretVerbs {
  const find = (ref: SecretRef): Promise<SecretObject | undefined> => ctx.resources.find(Secret, ref);
  const summaries = (org: string) => summarizeGrants(ctx.resources, { org, kind: AgentSecretGrant, source: 'secretRef' });
  const written = async (org: string, result: { secret: SecretObject; operation: Written['operation'] }): Promise<Written> => {
    const { secret, operation } = result;
    const { name } = secret.metadata;
    return { operation, created: operation === 'created', name, secret: toView(secret, (await summaries(org))(name)) };
  };

  return {
    async list(resources, org) {
      await resources.require('list', Secret, { org });
      const [{ items }, summaryOf] = await Promise.all([ctx.resources.list(Secret, { org }), summaries(org)]);
      return items.map((secret) => toView(secret, summaryOf(secret.metadata.name)));
    },

    async get(resources, ref) {
      await resources.require('get', Secret, ref);
      return toView(await ctx.resources.get(Secret, ref), (await summaries(ref.org))(ref.name));
    },

    async create(resources, input) {
      const { org, name, type, immutable, labels, grantedTo, purpose, permissions } = input;
      await resources.require('create', Secret, { org, name });
      const own = ctx.resources.as(inTheNameOf(resources.actor));
      const values = decodeValues(input.data, input.encoding);
      checkValues(type, values);
      const stored = await vault.store({ org, name }, values);
      let secret: SecretObject;
      try {
        secret = await own.create(Secret, org, { metadata: { name, ...(labels === undefined ? {} : { labels }) }, spec: { organizationRef: org, type, immutable, data: { ...stored.references } } });
      } catch (error) {
        await stored.undo();
        throw error;
      }
      if (grantedTo === undefined) return written(org, { secret, operation: 'created' });
      const subject = { kind: 'agent-stack' as const, name: grantedTo };
      const grant = await resources.create(AgentSecretGrant, org, {
        metadata: { name: grantName(subject, name) },
        spec: { organizationRef: org, subject, secretRef: { name }, purpose, ...(permissions === undefined ? {} : { permissions }) },
      });
      return { ...(await written(org, { secret, operation: 'created' })), grant: grant.metadata.name };
    },

    async put(resources, input) {
      const { org, name, mode, remove, expectedVersion } = input;
      const current = await find({ org, name });
      await resources.require(current === undefined ? 'create' : 'update', Secret, { org, name });
      requireVersion(name, expectedVersion, current);
      const own = ctx.resources.as(inTheNameOf(resources.actor));
      const values = decodeValues(input.data, input.encoding);
      const type = input.type ?? current?.spec.type ?? 'Opaque';
      checkValues(type, values);
      let result: { secret: SecretObject; operation: Written['operation'] };
      const stored = await vault.store({ org, name, current }, values);
      try {
        if (current === undefined) {
          const secret = await own.create(Secret, org, { metadata: { name }, spec: { organizationRef: org, type, data: { ...stored.references } } });
          result = { secret, operation: 'created' };
        } else {
          let before = current;
          const secret = await own.mutate(Secret, { org, name }, (draft, live) => {
            requireVersion(name, expectedVersion, live);
            before = live;
            if (input.type !== undefined) draft.spec.type = input.type;
            const kept = Object.entries(mode === 'merge' ? live.spec.data : {}).filter(([key]) => !remove.includes(key));
            draft.spec.data = { ...Object.fromEntries(kept), ...stored.references };
          });
          result = { secret, operation: jsonEqual(secret.spec, before.spec) ? 'unchanged' : 'configured' };
        }
      } catch (error) {
        await stored.undo();
        throw error;
      }
      return written(org, result);
    },

    async delete(resources, ref) {
      await resources.require('delete', Secret, ref);
      const deleted = await ctx.resources.as(inTheNameOf(resources.actor)).delete(Secret, ref);
      if ((deleted.metadata.finalizers ?? []).length === 0) await vault.erase(ref.org, bundlesOf(deleted));
    },

    async versions(resources, ref) {
      await resources.require('get', Secret, ref);
      const { spec } = await ctx.resources.get(Secret, ref);
      const versions = spec.versions ?? [];
      return {
        items: versions.map(({ data, ...each }, index) => {
          const before = versions[index - 1]?.data ?? {};
          return { ...each, current: each.version === spec.version, keys: Object.keys(data).sort(), changed: Object.keys(data).filter((key) => before[key] !== data[key]).sort() };
        }).reverse(),
      };
    },

    async rollback(resources, { org, name, version }) {
      await resources.require('update', Secret, { org, name });
      let operation: Written['operation'] = 'configured';
      const secret = await ctx.resources.as(inTheNameOf(resources.actor)).mutate(Secret, { org, name }, (draft, live) => {
        const wanted = live.spec.versions?.find((each) => each.version === version);
        if (wanted === undefined) throw new StatusError('NotFound', `Secret "${name}" has no version ${version}; it has: ${(live.spec.versions ?? []).map((each) => each.version).join(', ')}`);
        operation = jsonEqual(wanted.data, live.spec.data) ? 'unchanged' : 'configured';
        draft.spec.data = wanted.data;
        // The kind's strategy writes the new version down, and takes from here what it goes back to.
        draft.spec.versions = [{ ...wanted, version: (live.spec.version ?? 0) + 1, rollbackOf: version }];
      });
      return written(org, { secret, operation });
    },
  };
}

function requireVersion(name: string, expected: number | undefined, secret: SecretObject | undefined): void {
  const present = secret?.spec.version ?? 0;
  if (expected === undefined || expected === present) return;
  throw new StatusError('Conflict', present === 0 ? `Secret "${name}" is not there, and version ${expected} of it was expected` : `Secret "${name}" is at version ${present}, not ${expected}; look at what changed and try again`, { code: 'SECRET_VERSION_CHANGED' });
}

function toView({ metadata, spec }: SecretObject, { grants, grantedTo }: GrantSummary): SecretView {
  const last = spec.versions?.at(-1);
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    type: spec.type,
    keys: Object.keys(spec.data).sort(),
    sizeBytes: Object.values(spec.data).reduce((sum, reference) => sum + (parseReference(reference)?.sizeBytes ?? 0), 0),
    version: spec.version ?? 1,
    immutable: spec.immutable,
    ...(metadata.labels === undefined ? {} : { labels: metadata.labels }),
    createdAt: metadata.creationTimestamp,
    updatedAt: last?.createdAt ?? metadata.creationTimestamp,
    ...(last === undefined ? {} : { updatedBy: last.createdBy }),
    grants,
    grantedTo,
  };
}
