import type { KradleObject } from '#shared/kind/defineKind';
import { ORG_LABEL, type ObjectMeta } from '#shared/kind/objectMeta';
import type { OwnedPart } from './compareFields';

/** Metadata that clients own; the rest is the server's. */
const OWNED_METADATA = ['generateName', 'labels', 'annotations', 'ownerReferences', 'finalizers'] as const;

/** The part of an object whose fields have owners: all of it, or what a write of the status subresource reaches. */
export function ownedPart(object: { metadata: Partial<ObjectMeta>; spec?: KradleObject['spec'] | undefined; status?: KradleObject['status'] }, subresource?: 'status'): OwnedPart {
  const part: Record<string, unknown> = {};
  if (subresource === undefined) {
    const metadata = ownedMetadata(object.metadata);
    if (metadata !== undefined) part.metadata = metadata;
    if (object.spec !== undefined) part.spec = object.spec;
  }
  if (object.status !== undefined) part.status = object.status;
  return part;
}

function ownedMetadata(metadata: Partial<ObjectMeta>): Record<string, unknown> | undefined {
  let owned: Record<string, unknown> | undefined;
  for (const field of OWNED_METADATA) {
    const value = field === 'labels' ? ownedLabels(metadata.labels) : metadata[field];
    if (value !== undefined) (owned ??= {})[field] = value;
  }
  return owned;
}

function ownedLabels(labels: Readonly<Record<string, string>> | undefined): Record<string, string> | undefined {
  if (labels === undefined || !Object.hasOwn(labels, ORG_LABEL)) return labels;
  const { [ORG_LABEL]: _org, ...owned } = labels;
  return Object.keys(owned).length === 0 ? undefined : owned;
}
