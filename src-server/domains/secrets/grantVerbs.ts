import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { createConfigGrantInput, createSecretGrantInput, grantList } from '#shared/api/secrets';
import { StatusError } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { API_VERSION } from '#shared/kind/objectMeta';
import { AgentConfigGrant } from '#shared/kinds/identity/agentConfigGrant';
import { AgentSecretGrant } from '#shared/kinds/identity/agentSecretGrant';
import type { ResourceClient } from '../../resources/resourceClient';

type SecretGrantInput = z.output<typeof createSecretGrantInput>;
type ConfigGrantInput = z.output<typeof createConfigGrantInput>;

export async function listGrants(resources: ResourceClient, kind: AnyKind, org: string): Promise<z.output<typeof grantList>> {
  const { items, metadata } = await resources.list(kind, { org });
  return { apiVersion: API_VERSION, kind: `${kind.names.kind}List`, items, grants: items, metadata: { resourceVersion: metadata.resourceVersion } };
}

export async function createSecretGrant(resources: ResourceClient, input: SecretGrantInput): Promise<KradleObject> {
  const { secretName, permissions, keys } = input;
  const { org, name, spec } = common(input, secretName);
  return resources.create(AgentSecretGrant, org, { metadata: { name }, spec: { ...spec, secretRef: { name: secretName, ...(keys === undefined ? {} : { keys }) }, ...(permissions === undefined ? {} : { permissions }) } });
}

export async function createConfigGrant(resources: ResourceClient, input: ConfigGrantInput): Promise<KradleObject> {
  const { configMapName, keys } = input;
  const { org, name, spec } = common(input, configMapName);
  return resources.create(AgentConfigGrant, org, { metadata: { name }, spec: { ...spec, configMapRef: { name: configMapName, ...(keys === undefined ? {} : { keys }) } } });
}

/** `fixer-github-token`: who may use what. Cut where it is too long, and then told apart by a digest of all of it. */
export function grantName(subject: { readonly kind: string; readonly name: string }, granted: string): string {
  const whole = `${subject.kind === 'agent-stack' ? '' : `${subject.kind}-`}${subject.name}-${granted}`.toLowerCase().replace(/[^a-z0-9.-]/g, '-').replace(/^[^a-z0-9]+/, '');
  if (whole.length <= 200) return whole;
  return `${whole.slice(0, 180)}-${createHash('sha256').update(whole).digest('hex').slice(0, 12)}`;
}

function common(input: SecretGrantInput | ConfigGrantInput, granted: string) {
  const { org, grantedTo, purpose, allowedRepositories, allowedRefs, allowedTriggerSources, mountPolicy, requiredApproval, expiresAt } = input;
  const subject = input.subject ?? (grantedTo === undefined ? undefined : { kind: 'agent-stack' as const, name: grantedTo });
  if (subject === undefined) {
    const message = 'Say who may use it: subject with kind and name, or grantedTo with the name of an agent';
    throw new StatusError('BadRequest', message, { causes: [{ code: 'FieldValueRequired', field: 'subject', message }] });
  }
  return {
    org,
    name: input.name ?? grantName(subject, granted),
    spec: {
      organizationRef: org, subject, purpose, mountPolicy, requiredApproval,
      ...(allowedRepositories === undefined ? {} : { allowedRepositories }),
      ...(allowedRefs === undefined ? {} : { allowedRefs }),
      ...(allowedTriggerSources === undefined ? {} : { allowedTriggerSources }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    },
  };
}
