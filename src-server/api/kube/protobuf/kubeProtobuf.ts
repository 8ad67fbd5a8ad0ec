import type { IConversionOptions, Type } from 'protobufjs/light';
import { StatusError } from '#shared/api/status';
import { KUBE_PROTOBUF } from './mediaType';
import { messageTypes } from './messageTypes';

/** Every message is wrapped: these four bytes, then an `Unknown`. Source: Kubernetes, `runtime/serializer/protobuf`. */
const MAGIC = Buffer.from('k8s\0', 'latin1');

/**
 * Reads the object of a request in Kubernetes' protobuf, with `apiVersion` and `kind` as in JSON. Only kinds of which the server takes
 * the body from typed clients are known: the reviews, secrets and config maps. Field numbers: `generated.proto` of `k8s.io/api/authorization/v1`,
 * `k8s.io/api/authentication/v1` and `k8s.io/apimachinery/pkg/runtime`.
 *
 * @throws BadRequest for bytes that are not such an object.
 */
export function decodeKubeProtobuf(bytes: Buffer): Record<string, unknown> {
  try {
    if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('the first four bytes are not "k8s" and a zero');
    const { typeMeta, raw } = plain(typeOf('Unknown'), bytes.subarray(MAGIC.length));
    const { apiVersion = '', kind = '' } = (typeMeta ?? {}) as { apiVersion?: string; kind?: string };
    if (!Object.hasOwn(REVIEWS, kind) && !Object.hasOwn(OBJECTS, kind)) throw new Error(`the kind "${kind.slice(0, 100)}" is not taken in this form`);
    return { apiVersion, kind, ...plain(typeOf(kind), (raw ?? new Uint8Array()) as Uint8Array, { bytes: String }) };
  } catch (cause) {
    throw new StatusError('BadRequest', `The body is no object in ${KUBE_PROTOBUF}: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
}

const REVIEWS = {
  SelfSubjectAccessReview: { spec: ['SelfSubjectAccessReviewSpec', 2] },
  SelfSubjectRulesReview: { spec: ['SelfSubjectRulesReviewSpec', 2] },
  SelfSubjectReview: {},
} as const;

const OBJECTS = {
  Secret: { metadata: ['ObjectMeta', 1], data: ['map<string,bytes>', 2], type: ['string', 3], stringData: ['map<string,string>', 4], immutable: ['bool', 5] },
  ConfigMap: { metadata: ['ObjectMeta', 1], data: ['map<string,string>', 2], binaryData: ['map<string,bytes>', 3], immutable: ['bool', 4] },
} as const;

const MESSAGES = {
  ...OBJECTS,
  /** What a client may say of an object that it writes. */
  ObjectMeta: {
    name: ['string', 1], generateName: ['string', 2], namespace: ['string', 3], uid: ['string', 5], resourceVersion: ['string', 6],
    labels: ['map<string,string>', 11], annotations: ['map<string,string>', 12], finalizers: ['string[]', 14],
  },
  Unknown: { typeMeta: ['TypeMeta', 1], raw: ['bytes', 2], contentEncoding: ['string', 3], contentType: ['string', 4] },
  TypeMeta: { apiVersion: ['string', 1], kind: ['string', 2] },
  ...REVIEWS,
  SelfSubjectAccessReviewSpec: { resourceAttributes: ['ResourceAttributes', 1], nonResourceAttributes: ['NonResourceAttributes', 2] },
  SelfSubjectRulesReviewSpec: { namespace: ['string', 1] },
  ResourceAttributes: {
    namespace: ['string', 1], verb: ['string', 2], group: ['string', 3], version: ['string', 4], resource: ['string', 5], subresource: ['string', 6], name: ['string', 7],
  },
  NonResourceAttributes: { path: ['string', 1], verb: ['string', 2] },
} as const;

const typeOf = messageTypes(MESSAGES);

/** `bytes: String` writes them as base64, as JSON does. */
function plain(type: Type, bytes: Uint8Array, options?: IConversionOptions): Record<string, unknown> {
  return type.toObject(type.decode(bytes), options);
}
