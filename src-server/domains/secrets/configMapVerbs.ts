import type { z } from 'zod';
import type { ConfigMapView, putConfigMapInput, writtenConfigMap } from '#shared/api/secrets';
import type { ObjectOf } from '#shared/kind/defineKind';
import { StatusError } from '#shared/api/status';
import { jsonEqual } from '#shared/kind/equality';
import { AgentConfigGrant } from '#shared/kinds/identity/agentConfigGrant';
import type { ResourceClient } from '../../resources/resourceClient';
import { ConfigMap } from './configMap';
import { summarizeGrants, type GrantSummary } from './grantViews';
import { inTheNameOf, type SecretsContext } from './secretsContext';

export type ConfigMapObject = ObjectOf<typeof ConfigMap>;
type Written = z.output<typeof writtenConfigMap>;
interface ConfigMapRef {
  readonly org: string;
  readonly name: string;
}

/** What people do with config maps. `resources` is bound to who asks. */
export interface ConfigMapVerbs {
  list(resources: ResourceClient, org: string): Promise<ConfigMapView[]>;
  get(resources: ResourceClient, ref: ConfigMapRef): Promise<ConfigMapView>;
  put(resources: ResourceClient, input: z.output<typeof putConfigMapInput>): Promise<Written>;
  delete(resources: ResourceClient, ref: ConfigMapRef): Promise<void>;
}

export function createConfigMapVerbs(ctx: SecretsContext): ConfigMapVerbs {
  const summaries = (org: string) => summarizeGrants(ctx.resources, { org, kind: AgentConfigGrant, source: 'configMapRef' });
  return {
    async list(resources, org) {
      await resources.require('list', ConfigMap, { org });
      const [{ items }, summaryOf] = await Promise.all([ctx.resources.list(ConfigMap, { org }), summaries(org)]);
      return items.map((configMap) => toView(configMap, summaryOf(configMap.metadata.name)));
    },

    async get(resources, ref) {
      await resources.require('get', ConfigMap, ref);
      return toView(await ctx.resources.get(ConfigMap, ref), (await summaries(ref.org))(ref.name));
    },

    async put(resources, input) {
      const { org, name, mode, remove, immutable, resourceVersion, data = {}, binaryData = {} } = input;
      const current = await ctx.resources.find(ConfigMap, { org, name });
      await resources.require(current === undefined ? 'create' : 'update', ConfigMap, { org, name });
      const own = ctx.resources.as(inTheNameOf(resources.actor));
      const written = async (configMap: ConfigMapObject, operation: Written['operation']): Promise<Written> => ({
        operation, created: operation === 'created', name, configMap: toView(configMap, (await summaries(org))(name)),
      });
      requireVersion(name, resourceVersion, current);
      if (current === undefined) {
        return written(await own.create(ConfigMap, org, { metadata: { name }, spec: { organizationRef: org, data, binaryData, ...(immutable === undefined ? {} : { immutable }) } }), 'created');
      }
      let before = current;
      const configMap = await own.mutate(ConfigMap, { org, name }, (draft, live) => {
        requireVersion(name, resourceVersion, live);
        before = live;
        const kept = (entries: Record<string, string>, others: Record<string, string>) =>
          Object.fromEntries(Object.entries(mode === 'merge' ? entries : {}).filter(([key]) => !remove.includes(key) && !Object.hasOwn(others, key)));
        draft.spec.data = { ...kept(live.spec.data, binaryData), ...data };
        draft.spec.binaryData = { ...kept(live.spec.binaryData, data), ...binaryData };
        if (immutable !== undefined) draft.spec.immutable = immutable;
      });
      return written(configMap, jsonEqual(configMap.spec, before.spec) ? 'unchanged' : 'configured');
    },

    async delete(resources, ref) {
      await resources.require('delete', ConfigMap, ref);
      await ctx.resources.as(inTheNameOf(resources.actor)).delete(ConfigMap, ref);
    },
  };
}

function requireVersion(name: string, expected: string | undefined, current: ConfigMapObject | undefined): void {
  if (expected === undefined || expected === current?.metadata.resourceVersion) return;
  throw new StatusError('Conflict', `ConfigMap "${name}" is not at resourceVersion ${expected} any more; read it again, and make your change anew`);
}

function toView({ metadata, spec }: ConfigMapObject, { grants, grantedTo }: GrantSummary): ConfigMapView {
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    data: spec.data,
    binaryData: spec.binaryData,
    keys: [...Object.keys(spec.data), ...Object.keys(spec.binaryData)].sort(),
    immutable: spec.immutable,
    ...(metadata.labels === undefined ? {} : { labels: metadata.labels }),
    resourceVersion: metadata.resourceVersion,
    createdAt: metadata.creationTimestamp,
    grants,
    grantedTo,
  };
}
