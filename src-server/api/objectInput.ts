import { StatusError } from '#shared/api/status';
import type { AnyKind, ObjectInputOf } from '#shared/kind/defineKind';

/** The envelope's shape; what is inside is admission's to check, with paths that start at the object. */
export function toObjectInput(resource: Record<string, unknown>): ObjectInputOf<AnyKind> {
  return { ...resource, metadata: mapping(resource, 'metadata', 'must be a mapping with a name'), spec: mapping(resource, 'spec', 'must be a mapping') };
}

function mapping(resource: Record<string, unknown>, field: 'metadata' | 'spec', message: string): Record<string, unknown> {
  const value = resource[field];
  if (value === undefined) return {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new StatusError('BadRequest', `${field} must be a mapping.`, { causes: [{ code: 'FieldValueTypeInvalid', field, message }] });
}
