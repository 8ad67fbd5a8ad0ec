/** Inputs and outputs of the verbs over secrets, configuration and the grants of both. No output ever holds a secret's value. */
import { z } from 'zod';
import { objectName, timestamp } from '../kind/fields';
import { grantFields } from '../kinds/identity/grantFields';
import { anyObject, listMeta, orgParam } from './paging';

/** Bytes of all values of a secret, or of a config map, together. Source: Kubernetes. */
export const MAX_DATA_BYTES = 1024 * 1024;
export const MAX_DATA_KEYS = 100;
/** Versions of a secret that are kept; the oldest goes first. */
export const MAX_SECRET_VERSIONS = 20;

/** A key of a secret or config map. Source: Kubernetes, `IsConfigMapKey`. */
export const dataKey = z.string().min(1).max(253)
  .regex(/^(?!\.\.)[-._a-zA-Z0-9]+$/, 'must consist of letters, digits, "-", "_" and ".", and not begin with ".."')
  .refine((key) => key !== '.', 'must not be "."');

/** What a secret is for; a type other than Opaque says which keys it has. Source: Kubernetes. */
export const SECRET_TYPES = ['Opaque', 'kubernetes.io/dockerconfigjson', 'kubernetes.io/tls', 'kubernetes.io/basic-auth'] as const;
export const secretType = z.enum(SECRET_TYPES);

/** Base64 of 1 MiB, at most. */
const value = z.string().max(Math.ceil(MAX_DATA_BYTES / 3) * 4);
const values = z.record(dataKey, value);
const encoding = z.enum(['utf8', 'base64']).default('utf8').describe('How the values are written: as text, or as base64 for bytes that are no text.');

const named = orgParam.extend({ name: objectName });

export const secretView = z.object({
  name: z.string(),
  namespace: z.string(),
  type: z.string(),
  keys: z.array(z.string()).describe('Names of the entries. What is in them is answered by nobody.'),
  sizeBytes: z.number().int(),
  version: z.number().int().describe('Rises when a value changes.'),
  immutable: z.boolean(),
  labels: z.record(z.string(), z.string()).optional(),
  createdAt: timestamp,
  updatedAt: timestamp,
  updatedBy: z.string().optional(),
  grants: z.array(z.string()).describe('Names of the AgentSecretGrants of it.'),
  grantedTo: z.array(z.string()).describe('Who those are for: agent-stack/fixer.'),
});
export type SecretView = z.output<typeof secretView>;

export const listSecretsInput = orgParam;
export const listSecretsOutput = z.object({ secrets: z.array(secretView), items: z.array(secretView) });
export const secretInput = named;

/** Seeds, 000-openapi: `grantedTo` makes a grant along with the secret. */
export const createSecretInput = named.extend({
  type: secretType.default('Opaque'),
  data: values.default({}),
  encoding,
  immutable: z.boolean().default(false).describe('Its values can never be changed.'),
  labels: z.record(z.string(), z.string()).optional(),
  grantedTo: z.string().min(1).max(253).optional().describe('An agent that may use it, as environment variables of its runs.'),
  purpose: grantFields.purpose.default('tool'),
  permissions: z.array(z.enum(['read', 'write', 'admin'])).optional(),
});
export const putSecretInput = named.extend({
  type: secretType.optional().describe('For a secret that is not there yet: Opaque unless said.'),
  data: values.default({}),
  encoding,
  remove: z.array(dataKey).max(MAX_DATA_KEYS).default([]).describe('Keys to take away.'),
  mode: z.enum(['replace', 'merge']).default('replace').describe('replace: the secret has these keys and no others; merge: other keys stay.'),
  expectedVersion: z.number().int().min(0).optional().describe('Conflict unless this is the present version; 0: unless it is not there.'),
});
export const writtenSecret = z.object({ operation: z.enum(['created', 'configured', 'unchanged']), created: z.boolean(), name: z.string(), secret: secretView, grant: z.string().optional() });
export const deletedData = z.object({ deleted: z.literal(true), name: z.string(), kind: z.string() });

export const secretVersions = z.object({
  items: z.array(z.object({
    version: z.number().int(),
    current: z.boolean(),
    keys: z.array(z.string()),
    changed: z.array(z.string()).describe('Keys whose value is another than in the version before, or that were not in it.'),
    createdAt: timestamp,
    createdBy: z.string().optional(),
    rollbackOf: z.number().int().optional(),
  })),
});
export const rollbackSecretInput = named.extend({ version: z.coerce.number().int().min(1).describe('A version that is kept; its values become a new version.') });

const grantObject = anyObject;
export const grantList = z.object({ apiVersion: z.string(), kind: z.string(), items: z.array(grantObject), grants: z.array(grantObject), metadata: listMeta });

const grantInput = orgParam.extend({
  name: objectName.optional().describe('Name of the grant; made from the subject and what is granted when left out.'),
  subject: grantFields.subject.optional(),
  grantedTo: z.string().min(1).max(253).optional().describe('The name of an agent, in place of subject.'),
  keys: z.array(dataKey).min(1).max(MAX_DATA_KEYS).optional().describe('Entries; all when left out.'),
  purpose: grantFields.purpose.default('tool'),
  allowedRepositories: grantFields.allowedRepositories,
  allowedRefs: grantFields.allowedRefs,
  allowedTriggerSources: grantFields.allowedTriggerSources,
  mountPolicy: grantFields.mountPolicy,
  requiredApproval: grantFields.requiredApproval,
  expiresAt: grantFields.expiresAt,
});
export const createSecretGrantInput = grantInput.extend({ secretName: objectName, permissions: z.array(z.enum(['read', 'write', 'admin'])).optional() });
export const createConfigGrantInput = grantInput.extend({ configMapName: objectName });

export const configMapView = z.object({
  name: z.string(),
  namespace: z.string(),
  data: z.record(z.string(), z.string()),
  binaryData: z.record(z.string(), z.string()).describe('Values that are no text, in base64.'),
  keys: z.array(z.string()),
  immutable: z.boolean(),
  labels: z.record(z.string(), z.string()).optional(),
  resourceVersion: z.string(),
  createdAt: timestamp,
  grants: z.array(z.string()),
  grantedTo: z.array(z.string()),
});
export type ConfigMapView = z.output<typeof configMapView>;

export const configMapInput = named;
export const listConfigMapsOutput = z.object({ configMaps: z.array(configMapView), items: z.array(configMapView) });
export const putConfigMapInput = named.extend({
  data: values.optional(),
  binaryData: values.optional(),
  immutable: z.boolean().optional(),
  mode: z.enum(['replace', 'merge']).default('replace').describe('replace: it has these entries and no others; merge: others stay.'),
  remove: z.array(dataKey).max(MAX_DATA_KEYS).default([]).describe('Keys to take away.'),
  resourceVersion: z.string().optional().describe('Conflict unless it is still at this one.'),
});
export const writtenConfigMap = z.object({ operation: z.enum(['created', 'configured', 'unchanged']), created: z.boolean(), name: z.string(), configMap: configMapView });

/** How far a rotation of the keys is. */
export const rotationState = z.object({
  currentKey: z.string().describe('Id of the key that new values are encrypted under.'),
  keys: z.array(z.object({ id: z.string(), replacedAt: z.string().optional(), values: z.number().int().describe('Values whose key is wrapped by it.') })),
  pending: z.number().int().describe('Values that are still to be wrapped anew.'),
  unreadable: z.number().int().describe('Values of keys that this server does not have.'),
});
export type RotationState = z.output<typeof rotationState>;
