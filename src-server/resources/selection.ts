import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { namespaceFor, orgNamespace } from '#shared/kind/names';
import { PLATFORM_NAMESPACE } from '#shared/kind/objectMeta';
import { getAllPaths } from '#shared/kind/paths';
import { matchesFields, matchesLabels, parseFieldSelector, parseLabelSelector } from '#shared/kind/selectors';
import type { Selection } from '../store/store';
import type { Actor } from './actor';
import { maySeeOrganization } from './authorize';
import { organizationOf } from './objectScope';

export interface SelectionOptions {
  /** `*` covers every organization that the actor may see. */
  readonly org: string;
  readonly name?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly q?: string;
}

type Test = (object: KradleObject) => boolean;

/**
 * The store's selection for what a list or watch asks, limited to what the actor may see. Throws `BadRequest` for a selector that
 * does not parse.
 */
export function selectionFor(kind: AnyKind, actor: Actor, opts: SelectionOptions): Selection {
  const fields = parseFieldSelector(opts.fieldSelector ?? '');
  const named = fields.find((requirement) => requirement.field === 'metadata.name' && requirement.operator === '=');
  const name = opts.name ?? named?.value;
  const otherFields = fields.filter((requirement) => requirement !== named || opts.name !== undefined);
  const labels = parseLabelSelector(opts.labelSelector ?? '');
  const tests: Test[] = [
    ...visibilityTests(kind, actor, opts.org),
    ...(labels.length === 0 ? [] : [(object: KradleObject) => matchesLabels(labels, object.metadata.labels)]),
    ...(otherFields.length === 0 ? [] : [(object: KradleObject) => matchesFields(otherFields, object)]),
    ...(opts.q === undefined || opts.q.trim() === '' ? [] : [textTest(kind, opts.q)]),
  ];
  const namespace = kind.placement === 'platform' ? PLATFORM_NAMESPACE : opts.org === '*' ? undefined : namespaceFor(kind, opts.org);
  return {
    plural: kind.names.plural,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(tests.length === 0 ? {} : { matches: (object) => tests.every((test) => test(object)) }),
  };
}

/** The own objects of an organization, of several kinds. `*` is every organization that the actor may see, and the platform's objects. */
export function selectionOfKinds(kinds: readonly AnyKind[], actor: Actor, org: string): Selection {
  const byName = new Map(kinds.map((kind) => [kind.names.kind, kind]));
  if (org !== '*') return { namespace: orgNamespace(org), matches: (object) => byName.has(object.kind) };
  return {
    matches(object) {
      const kind = byName.get(object.kind);
      return kind !== undefined && maySeeOrganization(actor, organizationOf(kind, object));
    },
  };
}

/** All platform objects share a namespace, and `*` spans all of them: there each object is asked which organization it belongs to. */
function visibilityTests(kind: AnyKind, actor: Actor, org: string): Test[] {
  if (org === '*') return actor.orgs === '*' && actor.limits?.org === undefined ? [] : [(object) => maySeeOrganization(actor, organizationOf(kind, object))];
  return kind.placement === 'platform' ? [(object) => organizationOf(kind, object) === org] : [];
}

/** Whether an object's name or what its kind is searched by has this text in it. */
export function textTest(kind: AnyKind, q: string): (object: KradleObject) => boolean {
  const wanted = q.trim().toLowerCase();
  const paths = ['metadata.name', ...(kind.search ?? [])];
  return (object) => paths.some((path) => getAllPaths(object, path).some(({ value }) => typeof value === 'string' && value.toLowerCase().includes(wanted)));
}
