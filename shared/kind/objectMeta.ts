import { z } from 'zod';

/** The API group of every kind that Kradle owns. */
export const API_GROUP = 'kradle.a5c.ai';
/** The one served version. */
export const API_VERSION_NAME = 'v1alpha1';
/** `apiVersion` of every stored object. */
export const API_VERSION = `${API_GROUP}/${API_VERSION_NAME}`;
/** Groups that older documents use; accepted on the way in and stored as {@link API_GROUP}. */
export const LEGACY_API_GROUPS = ['krate.a5c.ai'] as const;

/** Where Organization and OrgNamespaceBinding live. */
export const PLATFORM_NAMESPACE = 'kradle-system';
/** Everything of org `x` lives in `kradle-org-x`. */
export const ORG_NAMESPACE_PREFIX = 'kradle-org-';
/** Label that every org-scoped object carries. */
export const ORG_LABEL = 'kradle.a5c.ai/org';

/** RFC 3339 timestamp in UTC, as Kubernetes writes it. */
export const timestamp = z.iso.datetime({ offset: true });

/** DNS-1123 subdomain, at most 253 characters: the names of objects. */
export const OBJECT_NAME_PATTERN = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
export const objectName = z
  .string()
  .min(1)
  .max(253)
  .regex(OBJECT_NAME_PATTERN, 'must consist of lower case letters, digits, "-" or ".", and start and end with a letter or digit');

export const ownerReference = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  uid: z.string(),
  controller: z.boolean().optional(),
  blockOwnerDeletion: z.boolean().optional(),
});
export type OwnerReference = z.output<typeof ownerReference>;

export const managedFieldsEntry = z.object({
  manager: z.string().optional(),
  operation: z.enum(['Apply', 'Update']).optional(),
  apiVersion: z.string().optional(),
  time: z.string().optional(),
  fieldsType: z.string().optional(),
  fieldsV1: z.record(z.string(), z.unknown()).optional(),
  subresource: z.string().optional(),
});

/** Metadata of a stored object. The server owns uid, resourceVersion, generation and the timestamps. */
export const objectMeta = z.object({
  name: objectName,
  namespace: z.string(),
  uid: z.string(),
  /** Opaque; compare for equality only. */
  resourceVersion: z.string(),
  /** Rises when `spec` changes. */
  generation: z.number().int(),
  creationTimestamp: timestamp,
  deletionTimestamp: timestamp.optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  ownerReferences: z.array(ownerReference).optional(),
  finalizers: z.array(z.string()).optional(),
  generateName: z.string().optional(),
  managedFields: z.array(managedFieldsEntry).optional(),
});
export type ObjectMeta = z.output<typeof objectMeta>;

/** Metadata that a client may send. Anything the server owns is ignored or checked as a precondition. */
export const objectMetaInput = objectMeta.partial();
export type ObjectMetaInput = z.input<typeof objectMetaInput>;

export const condition = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string().optional(),
  lastTransitionTime: timestamp.optional(),
  observedGeneration: z.number().int().optional(),
});
export type Condition = z.output<typeof condition>;

/** What every status has, whatever the kind. */
export const baseStatus = {
  conditions: z.array(condition).optional(),
  observedGeneration: z.number().int().optional(),
} as const;
