import { StatusError, type StatusCause } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { orgOfNamespace } from '#shared/kind/names';
import { API_VERSION, type OwnerReference } from '#shared/kind/objectMeta';
import { referencesOf, type ReferenceValue } from '#shared/kind/references';
import type { KindRegistry } from '#shared/kind/registry';
import type { Store } from '../store/store';
import { isPropagationFinalizer } from './metadata';
import { keyOf } from './objectScope';

export interface ReferenceDeps {
  readonly store: Pick<Store, 'get'>;
  readonly kinds: KindRegistry;
}

/**
 * Checks the references of `object` that `current` does not already have: each stays within the organization, and a required one
 * resolves. What was there before is not checked again, so that an object whose referent went can still be changed.
 *
 * @throws Forbidden (CROSS_ORG_REF_DENIED) for a reference that says it leads to another organization.
 */
export async function referenceCauses(deps: ReferenceDeps, kind: AnyKind, opts: { org: string; object: KradleObject; current?: KradleObject }): Promise<StatusCause[]> {
  const known = new Set(referencesOf(kind, opts.current).map(signature));
  const causes: StatusCause[] = [];
  for (const value of referencesOf(kind, opts.object)) {
    if (!value.path.startsWith('spec.') || known.has(signature(value))) continue;
    checkOrganization(value, opts.org);
    if (value.reference.required && (await resolve(deps, opts.org, value)) === undefined) {
      const message = `${value.path} names the ${value.kind} "${value.name}", which organization "${opts.org}" does not have`;
      causes.push({ code: 'FieldValueNotFound', field: value.path, message });
    }
  }
  return causes;
}

/**
 * The owners of an object: those that were given, and one for each declared owner reference that resolves. An owner that a
 * reference named before and no longer names is dropped. Such an owner waits for this object when its deletion waits for what it owns.
 */
export async function ownersOf(deps: ReferenceDeps, kind: AnyKind, opts: { org: string; object: KradleObject; current?: KradleObject }): Promise<OwnerReference[] | undefined> {
  const owning = { refs: kind.refs?.filter((reference) => reference.owner) };
  const ownerValues = referencesOf(owning, opts.object);
  const known = new Set(ownerValues.map(signature));
  const dropped = referencesOf(owning, opts.current).filter((value) => !known.has(signature(value)));
  const owners = (opts.object.metadata.ownerReferences ?? []).filter((owner) => !dropped.some((value) => value.kind === owner.kind && value.name === owner.name));
  for (const value of ownerValues) {
    if (owners.some((owner) => owner.kind === value.kind && owner.name === value.name)) continue;
    const owner = await resolve(deps, opts.org, value);
    // What is leaving its dependents, or waits for them to go, gets no new ones.
    if (owner === undefined || owner.metadata.finalizers?.some(isPropagationFinalizer) === true) continue;
    owners.push({ apiVersion: API_VERSION, kind: value.kind, name: value.name, uid: owner.metadata.uid, blockOwnerDeletion: true });
  }
  return owners.length === 0 ? undefined : owners;
}

/** A cause for each owner that the client newly names and that is not there: its collection would follow at once. */
export async function ownerCauses(deps: ReferenceDeps, org: string, opts: { object: KradleObject; current?: KradleObject }): Promise<StatusCause[]> {
  const known = new Set(opts.current?.metadata.ownerReferences?.map((owner) => owner.uid));
  const causes: StatusCause[] = [];
  for (const [index, owner] of (opts.object.metadata.ownerReferences ?? []).entries()) {
    const kind = deps.kinds.find(owner.kind);
    if (known.has(owner.uid) || kind === undefined) continue;
    const found = await deps.store.get(keyOf(kind, org, owner.name));
    if (found?.metadata.uid !== owner.uid) {
      const message = `metadata.ownerReferences[${index}] names the ${owner.kind} "${owner.name}" with uid "${owner.uid}", which organization "${org}" does not have`;
      causes.push({ code: 'FieldValueNotFound', field: `metadata.ownerReferences[${index}]`, message });
    }
  }
  return causes;
}

async function resolve(deps: ReferenceDeps, org: string, value: ReferenceValue): Promise<KradleObject | undefined> {
  const kind = deps.kinds.find(value.kind);
  return kind === undefined ? undefined : deps.store.get(keyOf(kind, org, value.name));
}

function checkOrganization(value: ReferenceValue, org: string): void {
  const said = value.org ?? (value.namespace === undefined ? undefined : orgOfNamespace(value.namespace));
  if (said === undefined || said === org) return;
  const message = `${value.path} names an object of another organization; references stay within "${org}"`;
  throw new StatusError('Forbidden', message, { code: 'CROSS_ORG_REF_DENIED', causes: [{ code: 'FieldValueForbidden', field: value.path, message }] });
}

function signature(value: ReferenceValue): string {
  return [value.reference.path, value.kind, value.org ?? '', value.namespace ?? '', value.name].join(' ');
}
