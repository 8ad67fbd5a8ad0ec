import { API_VERSION_FIELD, KIND_FIELD, metaReference } from './metaSchemas';
import type { GroupVersionKind, OpenApiSchema } from './openApiSchema';

const text = (description: string): OpenApiSchema => ({ type: 'string', description });
const texts = (description: string): OpenApiSchema => ({ type: 'array', items: { type: 'string' }, description });
const textMap = (description: string): OpenApiSchema => ({ type: 'object', additionalProperties: { type: 'string' }, description });
const bytesMap = (description: string): OpenApiSchema => ({ type: 'object', additionalProperties: { type: 'string', format: 'byte' }, description });
const time = (description: string): OpenApiSchema => ({ type: 'string', format: 'date-time', description });
const fields = (description: string, properties: Record<string, OpenApiSchema>): OpenApiSchema => ({ type: 'object', description, properties });

const eventObject = fields('The object that the event is about.', {
  apiVersion: text('Its group and version.'), fieldPath: text('The part of it.'), kind: text('Its kind.'), name: text('Its name.'), namespace: text('Its namespace.'),
  resourceVersion: text('Its version.'), uid: text('Its uid.'),
});

const resourceAttributes = fields('Something done with a resource. "*" means any.', {
  group: text('API group; empty for the core group.'), name: text('Name of the object; empty for all.'), namespace: text('Namespace; empty for all.'),
  resource: text('Plural of the resource.'), subresource: text('Subresource, such as status.'), verb: text('get, list, watch, create, update, patch, delete, deletecollection.'),
  version: text('Version of the group.'),
});
const nonResourceAttributes = fields('Something done with an address that is no resource.', { path: text('Path of the address.'), verb: text('HTTP method in lower case.') });

/** Kubernetes' own kinds as far as they are served, by `GROUP/VERSION/KIND`, without the fields that every object has. */
const OWN_KINDS: Readonly<Record<string, OpenApiSchema>> = {
  '/v1/ConfigMap': fields('Holds settings that are no secrets.', {
    binaryData: bytesMap('Values that are no UTF-8, in base64.'), data: textMap('Values by key.'), immutable: { type: 'boolean', description: 'The data cannot be changed.' },
  }),
  '/v1/Event': fields('Reports that something happened to an object.', {
    action: text('What was done.'), count: { type: 'integer', format: 'int32', description: 'How often it happened.' }, eventTime: time('When it was first seen, to the microsecond.'),
    firstTimestamp: time('When it first happened.'), involvedObject: eventObject, lastTimestamp: time('When it last happened.'), message: text('What happened, for people.'),
    reason: text('Why, for programs.'), related: eventObject, reportingComponent: text('Who reports it.'), reportingInstance: text('Which instance of it.'),
    series: fields('Repetitions.', { count: { type: 'integer', format: 'int32', description: 'How many.' }, lastObservedTime: time('When the last one was seen.') }),
    source: fields('Who reports it, in the older form.', { component: text('The component.'), host: text('Its machine.') }), type: text('Normal or Warning.'),
  }),
  '/v1/Namespace': fields('Where the objects of one organization live, or those of the platform.', {
    spec: fields('What the namespace should be.', { finalizers: texts('Who has something to do before it may go.') }),
    status: fields('What the namespace is.', { phase: text('Active or Terminating.') }),
  }),
  '/v1/Secret': fields('Holds values that may not be shown.', {
    data: bytesMap('Values by key, in base64.'), immutable: { type: 'boolean', description: 'The data cannot be changed.' }, stringData: textMap('Values by key as they are; for writing only.'),
    type: text('What the values are for.'),
  }),
  '/v1/Service': fields('A name for programs that answer on a port. There are none here.', {
    spec: { ...fields('How it is reached.', {}), 'x-kubernetes-preserve-unknown-fields': true }, status: { ...fields('How it fares.', {}), 'x-kubernetes-preserve-unknown-fields': true },
  }),
  'events.k8s.io/v1/Event': fields('Reports that something happened to an object.', {
    action: text('What was done.'), eventTime: time('When it was first seen, to the microsecond.'), note: text('What happened, for people.'), reason: text('Why, for programs.'),
    regarding: eventObject, related: eventObject, reportingController: text('Who reports it.'), reportingInstance: text('Which instance of it.'),
    series: fields('Repetitions.', { count: { type: 'integer', format: 'int32', description: 'How many.' }, lastObservedTime: time('When the last one was seen.') }),
    type: text('Normal or Warning.'),
  }),
  'authentication.k8s.io/v1/SelfSubjectReview': selfSubjectReview(),
  'authentication.k8s.io/v1beta1/SelfSubjectReview': selfSubjectReview(),
  'authorization.k8s.io/v1/SelfSubjectAccessReview': {
    ...fields('Asks whether one may do something.', {
      spec: fields('What to do: exactly one of the two.', { nonResourceAttributes, resourceAttributes }),
      status: fields('The answer.', {
        allowed: { type: 'boolean', description: 'It is allowed.' }, denied: { type: 'boolean', description: 'It is forbidden expressly.' }, evaluationError: text('What could not be found out.'), reason: text('Why.'),
      }),
    }),
    required: ['spec'],
  },
  'authorization.k8s.io/v1/SelfSubjectRulesReview': {
    ...fields('Asks for everything that one may do in a namespace.', {
      spec: fields('Where.', { namespace: text('The namespace.') }),
      status: fields('The answer.', {
        evaluationError: text('What could not be found out.'),
        incomplete: { type: 'boolean', description: 'There may be more.' },
        nonResourceRules: { type: 'array', description: 'Addresses that are no resources.', items: fields('What may be done with addresses.', { nonResourceURLs: texts('The addresses; "*" at the end for all below.'), verbs: texts('HTTP methods in lower case.') }) },
        resourceRules: { type: 'array', description: 'Resources.', items: fields('What may be done with resources.', { apiGroups: texts('API groups.'), resourceNames: texts('Names; empty for all.'), resources: texts('Plurals.'), verbs: texts('Verbs.') }) },
      }),
    }),
    required: ['spec'],
  },
};

/** The schema of one of Kubernetes' own kinds. Throws for one that is not described: a resource without a schema is a programming error. */
export function kubernetesSchema(gvk: GroupVersionKind, base: string): OpenApiSchema {
  const own = OWN_KINDS[`${gvk.group}/${gvk.version}/${gvk.kind}`];
  if (own === undefined) throw new Error(`${gvk.kind} of ${gvk.group}/${gvk.version} is served and has no schema`);
  return {
    ...own,
    properties: { apiVersion: API_VERSION_FIELD, kind: KIND_FIELD, metadata: metaReference(base, 'ObjectMeta', 'Name, namespace, labels and annotations.'), ...own.properties },
  };
}

function selfSubjectReview(): OpenApiSchema {
  return fields('Asks who one is.', {
    status: fields('The answer.', {
      userInfo: fields('Who asks.', {
        extra: { type: 'object', description: 'More about them.', additionalProperties: texts('Values.') }, groups: texts('Groups they belong to.'), uid: text('Their uid.'), username: text('Their name.'),
      }),
    }),
  });
}
