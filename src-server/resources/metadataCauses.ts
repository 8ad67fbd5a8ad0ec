import { z } from 'zod';
import type { StatusCause } from '#shared/api/status';
import { issueCauses } from '#shared/kind/issueCauses';
import { objectName, ownerReference, type ObjectMeta } from '#shared/kind/objectMeta';
import { isLabelKey, isLabelValue } from '#shared/kind/selectors';
import { isPlainObject } from '#shared/kind/paths';

/** Bytes of all annotations of an object together. Source: Kubernetes, `TotalAnnotationSizeLimitB`. */
export const MAX_ANNOTATION_BYTES = 262_144;

/** Everything that is wrong with the metadata a client sent: name, label and annotation syntax, finalizers, owners. */
export function metadataCauses(metadata: ObjectMeta): StatusCause[] {
  return [
    ...shapeCauses(objectName, metadata.name, 'metadata.name'),
    ...labelCauses(metadata.labels),
    ...annotationCauses(metadata.annotations),
    ...finalizerCauses(metadata.finalizers),
    ...(metadata.ownerReferences === undefined ? [] : shapeCauses(z.array(ownerReference).max(100), metadata.ownerReferences, 'metadata.ownerReferences')),
  ];
}

function labelCauses(labels: unknown): StatusCause[] {
  if (labels === undefined) return [];
  if (!isPlainObject(labels)) return [typeCause('metadata.labels', 'an object of strings')];
  const causes: StatusCause[] = [];
  for (const [key, value] of Object.entries(labels)) {
    const isString = typeof value === 'string';
    if (isString && isLabelKey(key) && isLabelValue(value)) continue;
    const field = `metadata.labels[${key}]`;
    if (!isLabelKey(key)) causes.push(invalid(field, `"${key}" is not a label key; it is at most 63 letters, digits, "-", "_" or ".", with an optional "dns.prefix/" in front`));
    else if (!isString) causes.push(typeCause(field, 'a string'));
    else causes.push(invalid(field, `"${value}" is not a label value; it is at most 63 letters, digits, "-", "_" or ".", with a letter or digit at both ends`));
  }
  return causes;
}

function annotationCauses(annotations: unknown): StatusCause[] {
  if (annotations === undefined) return [];
  if (!isPlainObject(annotations)) return [typeCause('metadata.annotations', 'an object of strings')];
  const causes: StatusCause[] = [];
  let sizeBytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    if (!isLabelKey(key)) causes.push(invalid(`metadata.annotations[${key}]`, `"${key}" is not an annotation key; it follows the rules of label keys`));
    else if (typeof value !== 'string') causes.push(typeCause(`metadata.annotations[${key}]`, 'a string'));
    sizeBytes += Buffer.byteLength(key) + (typeof value === 'string' ? Buffer.byteLength(value) : 0);
  }
  if (sizeBytes > MAX_ANNOTATION_BYTES) {
    causes.push({ code: 'FieldValueTooLong', field: 'metadata.annotations', message: `metadata.annotations has ${sizeBytes} bytes; at most ${MAX_ANNOTATION_BYTES} fit` });
  }
  return causes;
}

function finalizerCauses(finalizers: unknown): StatusCause[] {
  if (finalizers === undefined) return [];
  if (!Array.isArray(finalizers)) return [typeCause('metadata.finalizers', 'a list of strings')];
  return (finalizers as unknown[]).flatMap((finalizer, index) =>
    typeof finalizer === 'string' && isLabelKey(finalizer)
      ? []
      : [invalid(`metadata.finalizers[${index}]`, `${JSON.stringify(finalizer)} is not a finalizer; write "dns.prefix/name"`)],
  );
}

function shapeCauses(schema: z.ZodType, value: unknown, field: string): StatusCause[] {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : issueCauses(parsed.error.issues, value, field);
}

function invalid(field: string, message: string): StatusCause {
  return { code: 'FieldValueInvalid', field, message };
}

function typeCause(field: string, expected: string): StatusCause {
  return { code: 'FieldValueTypeInvalid', field, message: `${field} must be ${expected}` };
}
