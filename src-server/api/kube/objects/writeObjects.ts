import type { IncomingMessage } from 'node:http';
import { StatusError } from '#shared/api/status';
import type { AnyKind, ObjectInputOf } from '#shared/kind/defineKind';
import { isPlainObject } from '#shared/kind/paths';
import type { ObjectPatch, WriteOptions } from '../../../resources/resourceClient';
import { readKubeNamespace } from '../kubeNamespace';
import { KUBE_PROTOBUF } from '../protobuf/mediaType';
import { readBody } from '../../readBody';
import { bodyType, MAX_BODY_BYTES, OBJECT_MEDIA_TYPES, readObjectBody, unsupportedBody, type ObjectBody } from './objectBody';
import type { ObjectPlace } from './objectPlace';
import type { ObjectRequest } from './objectRequest';
import type { KubeObject } from './kubeObject';
import { invalidOptions } from './queryParameters';
import { toMergePatch } from './strategicMerge';
import { readWriteParameters, type WriteParameters } from './writeParameters';

/** Finds the place of the request, whose body may have a say in it. */
export type FindPlace = (body: unknown) => Promise<ObjectPlace>;

export interface Written {
  readonly object: KubeObject;
  readonly created: boolean;
  readonly place: ObjectPlace;
}

const PATCH_TYPES: Readonly<Record<string, ObjectPatch['type']>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/apply-patch+yaml': 'apply',
};
/** kubectl patches Kubernetes' own kinds so. */
const STRATEGIC_MERGE = 'application/strategic-merge-patch+json';

/** POST on a collection. */
export async function createObject(request: ObjectRequest, findPlace: FindPlace): Promise<Written> {
  const { parameters, body } = await readWrite(request, 'create', OBJECT_MEDIA_TYPES);
  const place = await findPlace(body);
  const { kind } = request.resource;
  if (kind.placement === 'platform' && place.asked !== place.home) request.warnings.add(`${kind.names.kind} objects live in namespace "${place.home ?? ''}"; this one is created there`);
  const object = await request.resources.create(kind, place.org, inputOf(request, body, place), optionsOf(request, parameters));
  return { object, created: true, place };
}

/** PUT on an object, or on its status. */
export async function updateObject(request: ObjectRequest, findPlace: FindPlace): Promise<Written> {
  const { parameters, body } = await readWrite(request, 'update', OBJECT_MEDIA_TYPES);
  const place = await findPlace(body);
  const { resources, resource: { kind } } = request;
  const [input, options] = [inputOf(request, body, place), optionsOf(request, parameters)];
  const object = request.isStatus ? await resources.updateStatus(kind, place.org, input, options) : await resources.update(kind, place.org, input, options);
  return { object, created: false, place };
}

/** PATCH on an object, or on its status. */
export async function patchObject(request: ObjectRequest, findPlace: FindPlace): Promise<Written> {
  const { http, resources, resource, name = '' } = request;
  const isOwn = resource.group === '';
  const accepted = [...Object.keys(PATCH_TYPES), ...(isOwn ? [STRATEGIC_MERGE] : [])];
  const mediaType = bodyType(http.req);
  const isStrategic = isOwn && mediaType === STRATEGIC_MERGE;
  const type = isStrategic ? 'merge' : Object.hasOwn(PATCH_TYPES, mediaType) ? PATCH_TYPES[mediaType] : undefined;
  if (type === undefined) throw unsupportedBody(accepted);
  const { parameters, body } = await readWrite(request, 'patch', accepted);
  if (type !== 'apply' && parameters.force !== undefined) {
    throw invalidOptions('PatchOptions', 'force', { code: 'FieldValueForbidden', message: 'Forbidden: may not be specified for non-apply patch' });
  }
  if (type === 'apply' && !parameters.namesManager) {
    throw invalidOptions('PatchOptions', 'fieldManager', { code: 'FieldValueRequired', message: 'Required value: is required for apply patch' });
  }
  const place = await findPlace(type === 'apply' ? body : undefined);
  const patch = toPatch(request, { type, body: isStrategic ? toMergePatch(body) : body, place, force: parameters.force === true });
  const subresource = request.isStatus ? { subresource: 'status' as const } : {};
  const { object, created } = await resources.patch(resource.kind, { org: place.org, name }, patch, { ...optionsOf(request, parameters), ...subresource });
  return { object, created, place };
}

function toPatch(request: ObjectRequest, opts: { type: ObjectPatch['type']; body: unknown; place: ObjectPlace; force: boolean }): ObjectPatch {
  const { type, body, place, force } = opts;
  switch (type) {
    case 'json':
      return { type, operations: body };
    case 'merge':
      return { type, patch: isPlainObject(body) ? placed(body, place) : body };
    case 'apply':
      return { type, object: inputOf(request, body, place), force };
  }
}

async function readWrite(request: ObjectRequest, verb: 'create' | 'update' | 'patch', accepted: readonly string[]): Promise<{ parameters: WriteParameters; body: unknown }> {
  const { req, url } = request.http;
  const parameters = readWriteParameters(url, { userAgent: req.headers['user-agent'], verb });
  const body = request.resource.group === '' && verb !== 'patch' && bodyType(req) === KUBE_PROTOBUF ? await readProtobuf(req) : await readObjectBody(req, { accepted });
  judgeProblems(request, body, parameters.fieldValidation);
  return { parameters, body: body.value };
}

/** Typed clients of Kubernetes' own kinds send it. */
async function readProtobuf(req: IncomingMessage): Promise<ObjectBody> {
  const { decodeKubeProtobuf } = await import('../protobuf/kubeProtobuf');
  return { value: decodeKubeProtobuf(await readBody(req, MAX_BODY_BYTES)), problems: [] };
}

function judgeProblems(request: ObjectRequest, { problems }: ObjectBody, validation: WriteParameters['fieldValidation']): void {
  if (problems.length === 0 || validation === 'ignore') return;
  if (validation === 'warn') problems.forEach(request.warnings.add);
  else throw new StatusError('BadRequest', `strict decoding error: ${problems.join(', ')}`, { causes: problems.map((message) => ({ code: 'FieldValueDuplicate', message })) });
}

function optionsOf({ warnings }: ObjectRequest, { dryRun, fieldManager, fieldValidation }: WriteParameters): WriteOptions {
  return { dryRun, fieldManager, fieldValidation, onWarning: warnings.add };
}

/** The body as an object of the request's resource. What is in it is admission's to check. */
function inputOf({ resource, name }: ObjectRequest, body: unknown, place: ObjectPlace): ObjectInputOf<AnyKind> {
  if (!isPlainObject(body)) throw new StatusError('BadRequest', `The body must be a ${resource.kindName} as an object with metadata and spec`);
  checkNamed('apiVersion', body.apiVersion, { expected: resource.apiVersion, what: 'API version' });
  checkNamed('kind', body.kind, { expected: resource.kindName, what: 'kind' });
  const { metadata } = body;
  if (metadata !== undefined && metadata !== null && !isPlainObject(metadata)) throw badField('metadata', 'must be an object');
  const given = metadata?.name;
  if (name !== undefined && given !== undefined && given !== name) {
    throw badField('metadata.name', `the name of the object (${textOf(given)}) does not match the name on the URL (${name})`);
  }
  const saysAll = isPlainObject(metadata) && (name === undefined || given === name);
  const named = saysAll ? body : { ...body, metadata: name === undefined ? {} : { ...metadata, name } };
  return placed(named, place) as unknown as ObjectInputOf<AnyKind>;
}

/** The same with its namespace in the present spelling. One that is another than the address's stays, for admission to judge. */
function placed(body: Record<string, unknown>, { asked, home, org }: ObjectPlace): Record<string, unknown> {
  const { metadata } = body;
  if (!isPlainObject(metadata) || typeof metadata.namespace !== 'string' || home === undefined || metadata.namespace === home) return body;
  const meaning = readKubeNamespace(metadata.namespace);
  const isHere = metadata.namespace === asked || (meaning.of === 'organization' && meaning.org === org);
  return isHere ? { ...body, metadata: { ...metadata, namespace: home } } : body;
}

function checkNamed(field: string, given: unknown, opts: { expected: string; what: string }): void {
  if (given === undefined || given === opts.expected) return;
  throw badField(field, `the ${opts.what} in the data (${textOf(given)}) does not match the expected ${opts.what} (${opts.expected})`);
}

/** What a client sent in place of a text: it may be an object that has none. */
function textOf(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 300);
}

function badField(field: string, message: string): StatusError {
  return new StatusError('BadRequest', message, { causes: [{ code: 'FieldValueInvalid', field, message }] });
}
