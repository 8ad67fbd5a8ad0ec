import { StatusError } from '#shared/api/status';
import type { EndpointRequest } from '../../../http/endpoint';
import type { RequestUrl } from '../../../http/requestUrl';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { KubeDeps } from '../kubeDeps';
import type { KubeResource } from '../kubeResources';
import { encodeKube } from '../sendKube';
import type { KubeObject, ObjectView } from './kubeObject';
import { readIncludeObject } from './listParameters';
import { negotiateForm } from './objectForm';
import type { ObjectPlace } from './objectPlace';
import { Warnings } from '../../warnings';

/** An address that is served is refused as a whole, whatever the method, when there is nothing at it. */
export const ALL_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** A request for objects of a declared kind, as far as its address says what it is. */
export interface ObjectRequest {
  readonly http: EndpointRequest;
  readonly resource: KubeResource;
  /** For who asks. */
  readonly resources: ResourceClient;
  readonly namespace?: string;
  readonly name?: string;
  readonly isStatus: boolean;
  readonly warnings: Warnings;
}

/** @throws NotFound for a resource that is not served. */
export function readObjectRequest(deps: KubeDeps, http: EndpointRequest): ObjectRequest {
  const { group = '', plural = '', namespace, name, subresource } = http.params;
  const resource = deps.served.find(group, plural);
  const isServed = (subresource === undefined || subresource === 'status') && (name === undefined || namespace !== undefined);
  if (resource === undefined || !isServed) throw notServed();
  return { http, resource, resources: deps.resources.as(http.actor), namespace, name, isStatus: subresource === 'status', warnings: new Warnings() };
}

/** Worded as kube-apiserver words it, and kubectl looks for it. */
export function notServed(): StatusError {
  return new StatusError('NotFound', 'the server could not find the requested resource');
}

export function viewOf({ apiVersion, kindName, kind, columns = kind.columns }: KubeResource): ObjectView {
  return { apiVersion, kindName, columns };
}

/** Answers one object in the form that the request accepts. */
export function sendObject(http: EndpointRequest, answer: { status: number; object: KubeObject; view: ObjectView; warnings: Warnings; now: () => number }): void {
  const { status, object, view, warnings, now } = answer;
  const { type, form } = negotiateForm(http.req.headers.accept, view, { types: OBJECT_TYPES, includeObject: readIncludeObject(http.url), now });
  warnings.setHeaders(http.res);
  const body = form.whole(object);
  const text = type === 'application/json' ? `${JSON.stringify(body, null, indentOf(http.url))}\n` : encodeKube(body, type);
  http.res.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text), 'Cache-Control': 'no-cache, private' }).end(text);
}

/** What `JSON.stringify` takes: readable for people who ask for it. */
export function indentOf(url: RequestUrl): number | undefined {
  const value = url.searchParams.get('pretty');
  return value !== null && value !== 'false' && value !== '0' ? 2 : undefined;
}

/**
 * An object as it is answered at a place. Read or changed through another namespace than its own, it carries the one that was asked
 * for: kubectl compares what it sends with what it gets, and would send the difference again and again.
 */
export function asAsked(object: KubeObject, { asked, home }: ObjectPlace): KubeObject {
  return asked === undefined || asked === home ? object : { ...object, metadata: { ...object.metadata, namespace: asked } };
}

const OBJECT_TYPES = ['application/json', 'application/yaml'];
