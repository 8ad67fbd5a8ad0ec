import { isStatusError } from '#shared/api/status';
import type { DeleteOptions } from '../../../resources/resourceClient';
import { PAGE_SIZE } from './answerList';
import type { KubeObject } from './kubeObject';
import { readSelection, SELECTION_PARAMETERS } from './listParameters';
import { OBJECT_MEDIA_TYPES, readObjectBody } from './objectBody';
import type { ObjectPlace } from './objectPlace';
import type { ObjectRequest } from './objectRequest';
import { readQuery } from './queryParameters';
import { atVersion } from './staleness';
import { DELETE_PARAMETERS, readDeleteOptions } from './writeParameters';

/** Objects that are deleted at a time. */
const CONCURRENCY = 16;

/** What a deletion left behind. */
export type Deleted =
  /** It waits for its finalizers. */
  | { readonly remains: KubeObject }
  | { readonly status: unknown };

/** DELETE on an object. */
export async function deleteObject(request: ObjectRequest, place: ObjectPlace): Promise<Deleted> {
  const { http, resources, resource, name = '' } = request;
  const options = readDeleteOptions(readQuery(http.url.searchParams, DELETE_PARAMETERS), await readOptionsBody(request));
  const object = await resources.delete(resource.kind, { org: place.org, name }, options);
  if ((object.metadata.finalizers ?? []).length > 0) return { remains: object };
  return { status: success({ name, group: resource.group, kind: resource.plural, uid: object.metadata.uid }) };
}

/**
 * DELETE on a collection: page by page of one revision, so that what is created meanwhile stays. With a `limit` only so many, and
 * the answer says how to go on.
 */
export async function deleteCollection(request: ObjectRequest, place: ObjectPlace): Promise<unknown> {
  const { http, resources, resource } = request;
  const query = readQuery(http.url.searchParams, [...SELECTION_PARAMETERS, ...DELETE_PARAMETERS]);
  const { limit = Infinity, labelSelector, fieldSelector, exactly, continue: start } = readSelection(query);
  const options = readDeleteOptions(query, await readOptionsBody(request));
  let count = 0;
  let token = start;
  do {
    const scope = { org: place.org, labelSelector, fieldSelector, limit: Math.min(PAGE_SIZE, limit - count), continue: token };
    const page = await atVersion(exactly, () => resources.list(resource.kind, count === 0 ? { ...scope, atResourceVersion: exactly } : scope));
    await deleteAll(request, page.items, { place, options });
    count += page.items.length;
    token = page.metadata.continue;
  } while (token !== undefined && count < limit);
  return { ...success({ group: resource.group, kind: resource.plural }), metadata: token === undefined ? {} : { continue: token } };
}

async function deleteAll({ resources, resource }: ObjectRequest, objects: readonly KubeObject[], opts: { place: ObjectPlace; options: DeleteOptions }): Promise<void> {
  const waiting = [...objects];
  const worker = async (): Promise<void> => {
    for (let object = waiting.pop(); object !== undefined; object = waiting.pop()) {
      const { name, uid } = object.metadata;
      try {
        await resources.delete(resource.kind, { org: opts.place.org, name }, { ...opts.options, expectedUid: opts.options.expectedUid ?? uid });
      } catch (error) {
        // Somebody else deleted it, or put another in its place: this one is gone.
        if (!isStatusError(error, 'NotFound', 'Conflict') || opts.options.expectedUid !== undefined || opts.options.expectedResourceVersion !== undefined) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

async function readOptionsBody({ http: { req } }: ObjectRequest): Promise<unknown> {
  return (await readObjectBody(req, { accepted: OBJECT_MEDIA_TYPES })).value;
}

function success(details: Record<string, string | undefined>) {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}
