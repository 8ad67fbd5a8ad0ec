import { StatusError } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import { ConfigMap } from './configMap';
import { Secret } from './secret';
import type { SecretsContext } from './secretsContext';
import type { SecretVault } from './secretVault';

interface Source {
  readonly kind: 'secret' | 'config';
  readonly name: string;
}

/** What the run engine gets of this domain: `SecretsPort` of the agents. */
export interface AgentSecrets {
  readonly kinds: Readonly<Record<Source['kind'], AnyKind>>;
  describe(org: string, source: Source): Promise<{ readonly keys: readonly string[]; readonly version?: number } | undefined>;
  read(org: string, source: Source & { readonly keys: readonly string[]; readonly version?: number | undefined }): Promise<Map<string, Buffer>>;
}

export function createAgentSecrets(ctx: SecretsContext, vault: SecretVault): AgentSecrets {
  return {
    kinds: { secret: Secret, config: ConfigMap },
    async describe(org, { kind, name }) {
      if (kind === 'config') {
        const found = await ctx.resources.find(ConfigMap, { org, name });
        return found === undefined ? undefined : { keys: [...Object.keys(found.spec.data), ...Object.keys(found.spec.binaryData)].sort() };
      }
      const found = await ctx.resources.find(Secret, { org, name });
      return found === undefined ? undefined : { keys: Object.keys(found.spec.data).sort(), version: found.spec.version ?? 1 };
    },

    async read(org, { kind, name, keys, version }) {
      const entries = new Map<string, Buffer>();
      if (kind === 'config') {
        const { spec: { data, binaryData } } = await ctx.resources.get(ConfigMap, { org, name });
        for (const key of keys) {
          if (Object.hasOwn(data, key)) entries.set(key, Buffer.from(data[key] ?? ''));
          else if (Object.hasOwn(binaryData, key)) entries.set(key, Buffer.from(binaryData[key] ?? '', 'base64'));
        }
        return entries;
      }
      const secret = await ctx.resources.get(Secret, { org, name });
      const data = version === undefined || version === secret.spec.version ? secret.spec.data : secret.spec.versions?.find((each) => each.version === version)?.data;
      if (data === undefined) throw new StatusError('NotFound', `Version ${version ?? 0} of Secret "${name}" is not kept any more`);
      for (const key of keys) if (Object.hasOwn(data, key)) entries.set(key, await vault.read(org, { ...secret, spec: { ...secret.spec, data } }, key));
      return entries;
    },
  };
}
