import { createHash } from 'node:crypto';
import { StatusError } from '#shared/api/status';
import { groupVersionOf, type ServedResource, type ServedVersion } from '../servedVersions';

/** `/api`: versions of the core group. `host` is where the client reached the server. */
export function apiVersions(versions: readonly ServedVersion[], host: string): unknown {
  return {
    kind: 'APIVersions',
    versions: versions.filter((each) => each.group === '').map((each) => each.version),
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: host }],
  };
}

/** `/apis`: every group but the core one. */
export function apiGroupList(versions: readonly ServedVersion[]): unknown {
  const groups = [...new Set(versions.map((each) => each.group))].filter((group) => group !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map((group) => groupOf(versions, group)) };
}

/** `/apis/GROUP`. `NotFound` for a group that is not served. */
export function apiGroup(versions: readonly ServedVersion[], group: string): unknown {
  if (group === '' || !versions.some((each) => each.group === group)) throw notServed(`API group "${group.slice(0, 100)}"`);
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(versions, group) };
}

/** `/api/v1`, `/apis/GROUP/VERSION`. `NotFound` for a version that is not served. */
export function apiResourceList(versions: readonly ServedVersion[], at: { group: string; version: string }): unknown {
  const found = versions.find((each) => each.group === at.group && each.version === at.version);
  if (found === undefined) throw notServed(`API version "${groupVersionOf(at).slice(0, 200)}"`);
  return {
    kind: 'APIResourceList',
    ...(found.group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: groupVersionOf(found),
    resources: found.resources.flatMap((resource) => resourceEntries(resource, found)),
  };
}

function groupOf(versions: readonly ServedVersion[], group: string): { name: string; versions: unknown[]; preferredVersion: unknown } {
  const entries = versions.filter((each) => each.group === group).map((each) => ({ groupVersion: groupVersionOf(each), version: each.version }));
  return { name: group, versions: entries, preferredVersion: entries[0] };
}

function resourceEntries(resource: ServedResource, at: ServedVersion): unknown[] {
  const { plural, singular, kindName, namespaced, verbs, shortNames, categories, statusVerbs } = resource;
  const main = {
    name: plural,
    singularName: singular,
    namespaced,
    kind: kindName,
    verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(resource.resource === undefined ? {} : { storageVersionHash: storageVersionHash(resource, at) }),
  };
  return statusVerbs === undefined ? [main] : [main, { name: `${plural}/status`, singularName: '', namespaced, kind: kindName, verbs: statusVerbs }];
}

/** What objects are stored as; the same for every name of a kind. Source of the form: Kubernetes, `StorageVersionHash`. */
function storageVersionHash({ resource, kindName }: ServedResource, at: ServedVersion): string {
  const stored = resource === undefined ? `${groupVersionOf(at)}/${kindName}` : `${resource.kind.apiVersion}/${resource.kind.names.kind}`;
  return createHash('sha256').update(stored).digest().subarray(0, 8).toString('base64');
}

function notServed(what: string): StatusError {
  return new StatusError('NotFound', `This server does not serve the ${what}.`);
}
