import { setImmediate } from 'node:timers/promises';
import { messageTypes } from '../protobuf/messageTypes';
import type { OpenApiSchema } from './openApiSchema';
import type { SwaggerDocument, SwaggerOperation, SwaggerParameter, SwaggerPath, SwaggerReference } from './openApiV2';

type Message = Record<string, unknown>;

/** How many schemas or paths are encoded in one go, before others may run. */
const PART_SIZE = 16;

/**
 * Writes the document as `openapi.v2.Document`, the form in which every kubectl asks for it. It is written in parts: messages that
 * follow each other are read as one, their repeated fields joined (protobuf encoding guide, "Last One Wins").
 */
export async function encodeOpenApiV2(document: SwaggerDocument): Promise<Uint8Array> {
  const { swagger, info, paths, definitions, parameters } = document;
  const type = typeOf('Document');
  const parts = [type.encode({ swagger, info, parameters: { additionalProperties: named(Object.entries(parameters), parameter) } }).finish()];
  for (const part of inParts(paths)) {
    parts.push(type.encode({ paths: { path: named(part, pathItem) } }).finish());
    await setImmediate();
  }
  for (const part of inParts(definitions)) {
    parts.push(type.encode({ definitions: { additionalProperties: named(part, schema) } }).finish());
    await setImmediate();
  }
  return Buffer.concat(parts);
}

/**
 * The parts of gnostic's `openapi.v2` that the door's document has. Source of the numbers: `openapiv2/OpenAPIv2.proto` of
 * github.com/google/gnostic. A oneof is written as its one field.
 */
const MESSAGES = {
  Document: { swagger: ['string', 1], info: ['Info', 2], paths: ['Paths', 8], definitions: ['Definitions', 9], parameters: ['ParameterDefinitions', 10] },
  Info: { title: ['string', 1], version: ['string', 2] },
  Paths: { path: ['NamedPathItem[]', 2] },
  NamedPathItem: { name: ['string', 1], value: ['PathItem', 2] },
  PathItem: { get: ['Operation', 2], put: ['Operation', 3], post: ['Operation', 4], delete: ['Operation', 5], patch: ['Operation', 8], parameters: ['ParametersItem[]', 9] },
  Operation: {
    description: ['string', 3], operationId: ['string', 5], produces: ['string[]', 6], consumes: ['string[]', 7], parameters: ['ParametersItem[]', 8],
    responses: ['Responses', 9], vendorExtension: ['NamedAny[]', 13],
  },
  ParameterDefinitions: { additionalProperties: ['NamedParameter[]', 1] },
  NamedParameter: { name: ['string', 1], value: ['Parameter', 2] },
  ParametersItem: { parameter: ['Parameter', 1], jsonReference: ['JsonReference', 2] },
  Parameter: { bodyParameter: ['BodyParameter', 1], nonBodyParameter: ['NonBodyParameter', 2] },
  BodyParameter: { name: ['string', 2], in: ['string', 3], required: ['bool', 4], schema: ['Schema', 5] },
  NonBodyParameter: { queryParameterSubSchema: ['QueryParameterSubSchema', 3], pathParameterSubSchema: ['PathParameterSubSchema', 4] },
  QueryParameterSubSchema: { required: ['bool', 1], in: ['string', 2], description: ['string', 3], name: ['string', 4], type: ['string', 6], uniqueItems: ['bool', 20] },
  PathParameterSubSchema: { required: ['bool', 1], in: ['string', 2], description: ['string', 3], name: ['string', 4], type: ['string', 5], uniqueItems: ['bool', 19] },
  JsonReference: { ref: ['string', 1] },
  Responses: { responseCode: ['NamedResponseValue[]', 1] },
  NamedResponseValue: { name: ['string', 1], value: ['ResponseValue', 2] },
  ResponseValue: { response: ['Response', 1] },
  Response: { description: ['string', 1], schema: ['SchemaItem', 2] },
  SchemaItem: { schema: ['Schema', 1] },
  Definitions: { additionalProperties: ['NamedSchema[]', 1] },
  Properties: { additionalProperties: ['NamedSchema[]', 1] },
  NamedSchema: { name: ['string', 1], value: ['Schema', 2] },
  Schema: {
    ref: ['string', 1], format: ['string', 2], description: ['string', 4], multipleOf: ['double', 6], maximum: ['double', 7], exclusiveMaximum: ['bool', 8],
    minimum: ['double', 9], exclusiveMinimum: ['bool', 10], maxLength: ['int64', 11], minLength: ['int64', 12], pattern: ['string', 13], maxItems: ['int64', 14],
    minItems: ['int64', 15], maxProperties: ['int64', 17], minProperties: ['int64', 18], required: ['string[]', 19], enum: ['Any[]', 20],
    additionalProperties: ['AdditionalPropertiesItem', 21], type: ['TypeItem', 22], items: ['ItemsItem', 23], properties: ['Properties', 25], vendorExtension: ['NamedAny[]', 31],
  },
  AdditionalPropertiesItem: { schema: ['Schema', 1] },
  TypeItem: { value: ['string[]', 1] },
  ItemsItem: { schema: ['Schema[]', 1] },
  NamedAny: { name: ['string', 1], value: ['Any', 2] },
  Any: { yaml: ['string', 2] },
} as const;

const typeOf = messageTypes(MESSAGES);

function* inParts<T>(values: Readonly<Record<string, T>>): Generator<[string, T][]> {
  const entries = Object.entries(values);
  for (let start = 0; start < entries.length; start += PART_SIZE) yield entries.slice(start, start + PART_SIZE);
}

function named<T>(entries: readonly [string, T][], write: (value: T) => Message): { name: string; value: Message }[] {
  return entries.map(([name, value]) => ({ name, value: write(value) }));
}

/** JSON is YAML. */
function any(value: unknown): Message {
  return { yaml: JSON.stringify(value) };
}

/** What begins with `x-`. */
function vendorExtensions(values: object): Message[] {
  return Object.entries(values).filter(([name]) => name.startsWith('x-')).map(([name, value]) => ({ name, value: any(value) }));
}

function pathItem({ parameters, ...operations }: SwaggerPath): Message {
  return { ...Object.fromEntries(Object.entries(operations).map(([method, each]) => [method, operation(each)])), parameters: parameters.map(parametersItem) };
}

function operation(each: SwaggerOperation): Message {
  const { description, operationId, produces, consumes, parameters, responses } = each;
  return {
    description, operationId, produces, ...(consumes === undefined ? {} : { consumes }),
    parameters: parameters.map(parametersItem),
    responses: {
      responseCode: named(Object.entries(responses), ({ description: text, schema: answered }) => ({
        response: { description: text, ...(answered === undefined ? {} : { schema: { schema: { ref: answered.$ref } } }) },
      })),
    },
    vendorExtension: vendorExtensions(each),
  };
}

function parametersItem(each: SwaggerParameter | SwaggerReference): Message {
  return '$ref' in each ? { jsonReference: { ref: each.$ref } } : { parameter: parameter(each) };
}

function parameter(each: SwaggerParameter): Message {
  switch (each.in) {
    case 'body':
      return { bodyParameter: { ...each, schema: { ref: each.schema.$ref } } };
    case 'query':
      return { nonBodyParameter: { queryParameterSubSchema: each } };
    case 'path':
      return { nonBodyParameter: { pathParameterSubSchema: each } };
  }
}

function schema(each: OpenApiSchema): Message {
  const { $ref, type, enum: values, items, properties, additionalProperties } = each;
  const { $ref: _ref, allOf: _allOf, default: _default, ...plain } = each;
  return {
    ...plain,
    ...($ref === undefined ? {} : { ref: $ref }),
    ...(type === undefined ? {} : { type: { value: [type] } }),
    ...(values === undefined ? {} : { enum: values.map(any) }),
    ...(items === undefined ? {} : { items: { schema: [schema(items)] } }),
    ...(properties === undefined ? {} : { properties: { additionalProperties: named(Object.entries(properties), schema) } }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: { schema: schema(additionalProperties) } }),
    vendorExtension: vendorExtensions(each),
  };
}
