import type { OpenApiSchema } from './openApiSchema';

/** Names of the schemas that every kind refers to, as Kubernetes calls them. */
export const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

export const API_VERSION_FIELD: OpenApiSchema = {
  type: 'string',
  description: 'Group and version of this representation of the object, such as kradle.a5c.ai/v1alpha1.',
};
export const KIND_FIELD: OpenApiSchema = { type: 'string', description: 'The kind of the object, in CamelCase. It cannot be changed.' };

const time: OpenApiSchema = { type: 'string', format: 'date-time', description: 'An RFC 3339 time in UTC, to the second.' };
const text = (description: string): OpenApiSchema => ({ type: 'string', description });
const flag = (description: string): OpenApiSchema => ({ type: 'boolean', description });
const count = (description: string): OpenApiSchema => ({ type: 'integer', format: 'int64', description });
const texts = (description: string): OpenApiSchema => ({ type: 'array', items: { type: 'string', default: '' }, description });
const textMap = (description: string): OpenApiSchema => ({ type: 'object', additionalProperties: { type: 'string', default: '' }, description });

/** Kubernetes' own types that every kind is made of. `base` is where the document keeps its schemas: `#/components/schemas/`. */
export function metaSchemas(base: string): Record<string, OpenApiSchema> {
  const meta = (name: string, description: string) => metaReference(base, name, description);
  const metas = (name: string, description: string): OpenApiSchema => ({ type: 'array', items: { default: {}, allOf: [{ $ref: `${base}${META}.${name}` }] }, description });
  return {
    [`${META}.ObjectMeta`]: {
      type: 'object',
      description: 'What every object has: its name, where it belongs, and what the server knows of it.',
      properties: {
        annotations: textMap('Data that tools keep with the object. It is not searched; what is searched belongs in labels.'),
        creationTimestamp: { ...time, description: 'When the object was created. Set by the server, RFC 3339 in UTC.' },
        deletionGracePeriodSeconds: count('Seconds that the object has to end gracefully. Set with deletionTimestamp, by the server.'),
        deletionTimestamp: { ...time, description: 'When the object goes at the latest. Set by the server when a deletion is asked for and finalizers keep the object.' },
        finalizers: texts('Who has something to do before the object may go: each removes its own entry when it is done.'),
        generateName: text('Prefix of a name that the server makes up, for an object that is created without a name.'),
        generation: count('Rises when the specification changes. Set by the server.'),
        labels: textMap('Keys and values to select objects by. A value has at most 63 letters, digits, "-", "_" and ".".'),
        managedFields: metas('ManagedFieldsEntry', 'Which fields are whose. Kept by the server for server-side apply.'),
        name: text('Name of the object, unique among its kind in its namespace: lower case letters, digits, "-" and ".". It cannot be changed.'),
        namespace: text('Where the object lives: kradle-org-NAME for the objects of an organization, kradle-system for those of the platform. It cannot be changed.'),
        ownerReferences: metas('OwnerReference', 'Objects that this one depends on: when all of them are gone, it goes.'),
        resourceVersion: text('The version of the object, set by the server. Compare it for equality alone, and send it back unchanged to be told when the object changed meanwhile.'),
        selfLink: text('Not used any more.'),
        uid: text('Tells this object from an earlier one of the same name. Set by the server.'),
      },
    },
    [`${META}.ManagedFieldsEntry`]: {
      type: 'object',
      description: 'The fields that one manager owns.',
      properties: {
        apiVersion: text('Group and version in which the fields are named.'),
        fieldsType: text('The form of the field set; "FieldsV1" is the only one.'),
        fieldsV1: meta('FieldsV1', 'The field set in the form FieldsV1.'),
        manager: text('Who owns the fields.'),
        operation: text('How they came to own them: "Apply" or "Update".'),
        subresource: text('The subresource that was written; empty for the object itself.'),
        time: { ...time, description: 'When the manager last wrote.' },
      },
    },
    [`${META}.FieldsV1`]: {
      type: 'object',
      description: 'A set of fields as nested keys: "f:NAME" for a field, "k:{...}" for an item of a list by its keys, "v:VALUE" for an item by its value, "." for the thing itself.',
    },
    [`${META}.OwnerReference`]: {
      type: 'object',
      description: 'Names an object of the same namespace that owns this one.',
      required: ['apiVersion', 'kind', 'name', 'uid'],
      properties: {
        apiVersion: { type: 'string', default: '', description: 'Group and version of the owner.' },
        blockOwnerDeletion: flag('The owner stays until this object is gone, when it is deleted in the foreground.'),
        controller: flag('The owner is the one that manages this object.'),
        kind: { type: 'string', default: '', description: 'Kind of the owner.' },
        name: { type: 'string', default: '', description: 'Name of the owner.' },
        uid: { type: 'string', default: '', description: 'uid of the owner.' },
      },
    },
    [`${META}.ListMeta`]: {
      type: 'object',
      description: 'What a list says of itself.',
      properties: {
        continue: text('Set when there is more: send it as "continue" for the next page. It says nothing to clients.'),
        remainingItemCount: count('How many objects come after this page. Absent when it is not known.'),
        resourceVersion: text('The version of the list: a watch from it misses nothing.'),
        selfLink: text('Not used any more.'),
      },
    },
    [`${META}.Status`]: {
      type: 'object',
      description: 'The answer of a request that has no object to answer: what failed and why, or that it went well.',
      properties: {
        apiVersion: API_VERSION_FIELD,
        code: { type: 'integer', format: 'int32', description: 'The HTTP status.' },
        details: meta('StatusDetails', 'What the reason is about.'),
        kind: KIND_FIELD,
        message: text('What went wrong and what would be right, for people.'),
        metadata: { default: {}, ...meta('ListMeta', 'Empty.') },
        reason: text('Why it failed, for programs: "NotFound", "Conflict", "Invalid" and others.'),
        status: text('"Success" or "Failure".'),
      },
    },
    [`${META}.StatusDetails`]: {
      type: 'object',
      description: 'What a failure is about.',
      properties: {
        causes: metas('StatusCause', 'Everything that is wrong, field by field.'),
        group: text('API group of the resource.'),
        kind: text('The resource, or the kind of the object.'),
        name: text('Name of the object.'),
        retryAfterSeconds: { type: 'integer', format: 'int32', description: 'Seconds after which another attempt may work.' },
        uid: text('uid of the object.'),
      },
    },
    [`${META}.StatusCause`]: {
      type: 'object',
      description: 'One thing that is wrong.',
      properties: {
        field: text('The field that is wrong, from the root of the object: spec.model, spec.sources[0].name.'),
        message: text('What is wrong with it and what would be right.'),
        reason: text('The same for programs: "FieldValueRequired", "FieldValueInvalid" and others.'),
      },
    },
    [`${META}.DeleteOptions`]: {
      type: 'object',
      description: 'How to delete.',
      properties: {
        apiVersion: API_VERSION_FIELD,
        dryRun: texts('"All": everything is checked and nothing is deleted.'),
        gracePeriodSeconds: count('Not used by the kinds that are served here.'),
        kind: KIND_FIELD,
        orphanDependents: flag('Older form of propagationPolicy: true is "Orphan", false is "Background".'),
        preconditions: meta('Preconditions', 'What must be true of the object, else nothing is deleted.'),
        propagationPolicy: text('What happens to the objects that this one owns: "Background" (they follow), "Foreground" (they go first), "Orphan" (they stay).'),
      },
    },
    [`${META}.Preconditions`]: {
      type: 'object',
      description: 'What must be true of an object before it is changed.',
      properties: { resourceVersion: text('The version that the object must be at.'), uid: text('The uid that the object must have.') },
    },
    [`${META}.Patch`]: { type: 'object', description: 'What is to change, in the form that the Content-Type says.' },
    [`${META}.APIResourceList`]: {
      type: 'object',
      description: 'The resources of a version of an API group.',
      required: ['groupVersion', 'resources'],
      properties: {
        apiVersion: API_VERSION_FIELD,
        groupVersion: { type: 'string', default: '', description: 'Group and version of the resources.' },
        kind: KIND_FIELD,
        resources: metas('APIResource', 'The resources, and their subresources as RESOURCE/SUBRESOURCE.'),
      },
    },
    [`${META}.APIResource`]: {
      type: 'object',
      description: 'A resource and what can be done with it.',
      required: ['name', 'singularName', 'namespaced', 'kind', 'verbs'],
      properties: {
        categories: texts('Words for several resources at once: kubectl get kradle.'),
        group: text('The group of the kind, when it is not that of the list.'),
        kind: { type: 'string', default: '', description: 'Kind of the objects.' },
        name: { type: 'string', default: '', description: 'Plural, as in the address.' },
        namespaced: { type: 'boolean', default: false, description: 'The objects lie in namespaces.' },
        shortNames: texts('Shorter names for people to type.'),
        singularName: { type: 'string', default: '', description: 'Singular, for people.' },
        storageVersionHash: text('Changes when the objects are stored in another form.'),
        verbs: texts('What can be done with the resource.'),
        version: text('The version of the kind, when it is not that of the list.'),
      },
    },
  };
}

/** A field that is one of Kubernetes' own types. */
export function metaReference(base: string, name: string, description: string): OpenApiSchema {
  return { description, allOf: [{ $ref: `${base}${META}.${name}` }] };
}
