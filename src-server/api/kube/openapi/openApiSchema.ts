import type { StructuralSchema } from '#shared/kind/crd';

/** Which objects a schema describes. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A schema of the documents: structural, and able to refer to another one. */
export interface OpenApiSchema extends Omit<StructuralSchema, 'properties' | 'items' | 'additionalProperties'> {
  $ref?: string;
  allOf?: readonly OpenApiSchema[];
  properties?: Readonly<Record<string, OpenApiSchema>>;
  items?: OpenApiSchema;
  additionalProperties?: OpenApiSchema;
  'x-kubernetes-group-version-kind'?: readonly GroupVersionKind[];
}

/** Rebuilds a schema from its parts up. `change` gets a copy whose parts were changed already. */
export function mapSchema(schema: OpenApiSchema, change: (schema: OpenApiSchema) => OpenApiSchema): OpenApiSchema {
  const copy: OpenApiSchema = { ...schema };
  if (schema.properties !== undefined) copy.properties = Object.fromEntries(Object.entries(schema.properties).map(([key, value]) => [key, mapSchema(value, change)]));
  if (schema.items !== undefined) copy.items = mapSchema(schema.items, change);
  if (schema.additionalProperties !== undefined) copy.additionalProperties = mapSchema(schema.additionalProperties, change);
  if (schema.allOf !== undefined) copy.allOf = schema.allOf.map((part) => mapSchema(part, change));
  return change(copy);
}
