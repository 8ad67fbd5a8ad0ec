import { StatusError } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import { isPlainObject } from '#shared/kind/paths';
import type { ResourceClient } from '../resources/resourceClient';
import { readKubeNamespace } from './kube/kubeNamespace';

/**
 * The organization of a request whose address names none: what `?org=` says, what the body says of itself, what the token is good
 * for, or the only one that the actor has. Whether it exists and may be seen, the procedure says, as for every other address.
 *
 * @throws BadRequest (ORG_REQUIRED) when there is more than one, or none. Seeds: 001-api-contract-spec, "Org-scoped error contract".
 */
export async function requestOrganization(
  said: { readonly query: string | null; readonly body: unknown }, resources: ResourceClient, organization: AnyKind,
): Promise<string> {
  const { actor } = resources;
  const named = said.query ?? organizationOfBody(said.body) ?? actor.run?.org ?? actor.limits?.org;
  if (named !== undefined && named !== '') return named;
  const { items } = await resources.list(organization, { org: '*', limit: 2 });
  const [only, another] = items;
  if (only !== undefined && another === undefined) return only.metadata.name;
  const message = only === undefined ? 'You belong to no organization yet.' : 'Say which organization: you have several, and the request names none.';
  throw new StatusError('BadRequest', message, { code: 'ORG_REQUIRED', causes: [{ code: 'FieldValueRequired', field: 'org', message: 'add ?org=NAME, or use the address under /api/orgs/NAME' }] });
}

/** In any of the places where clients and documents say it. */
function organizationOfBody(body: unknown): string | undefined {
  if (!isPlainObject(body)) return undefined;
  for (const key of ['org', 'organization', 'organizationRef']) if (isName(body[key])) return body[key];
  const { resource } = body;
  return organizationOfObject(body) ?? (isPlainObject(resource) ? organizationOfObject(resource) : undefined);
}

function organizationOfObject({ spec, metadata }: Record<string, unknown>): string | undefined {
  const ref = isPlainObject(spec) ? spec.organizationRef : undefined;
  const namespace = isPlainObject(metadata) ? metadata.namespace : undefined;
  for (const each of [ref, namespace]) {
    if (!isName(each)) continue;
    const meaning = readKubeNamespace(each);
    if (meaning.of === 'organization') return meaning.org;
    if (each === ref) return ref;
  }
  return undefined;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
