import { StatusError, type StatusCause } from '#shared/api/status';
import { normalizeOrgSlug, orgNamespace } from '#shared/kind/names';
import { Organization } from '#shared/kinds/identity/organization';
import { OrgNamespaceBinding } from '#shared/kinds/identity/orgNamespaceBinding';
import { toActorReference } from '../../../resources/actorReference';
import { defineStrategy } from '../../../resources/strategy';
import { legalName } from '../legalName';
import { DEFAULT_ORG } from '../organizations';

/** An organization's slug and namespace follow from its name, so that no two share a namespace. Who suspends it is asked whether they may. */
export const organizationStrategy = defineStrategy({
  kind: Organization,
  normalizeName: (name) => legalName(name, normalizeOrgSlug),
  prepare({ metadata: { name }, spec }, { operation, actor, current }) {
    spec.displayName ??= name;
    spec.slug = typeof spec.slug === 'string' ? normalizeOrgSlug(spec.slug) : (spec.slug ?? name);
    if (spec.namespaceName === undefined || isLegacyNamespace(spec.namespaceName, name)) spec.namespaceName = orgNamespace(name);
    delete spec.createdBy;
    const createdBy = operation === 'update' ? current?.spec.createdBy : actor.kind === 'system' ? undefined : toActorReference(actor);
    if (createdBy !== undefined) spec.createdBy = createdBy;
  },
  async validate({ metadata: { name }, spec }, { operation, actor, current, resources }) {
    if ((spec.suspended ?? false) !== (current?.spec.suspended ?? false)) await resources.as(actor).require(spec.suspended === true ? 'suspend' : 'resume', Organization, { org: name, name });
    if (spec.suspended === true && name === DEFAULT_ORG) throw new StatusError('Forbidden', `Organization "${DEFAULT_ORG}" has this installation's administrators in it and cannot be suspended`, { code: 'ORG_PROTECTED' });
    // Neither changes afterwards: the kind says so.
    if (operation === 'update') return [];
    return [
      ...must('metadata.name', name === normalizeOrgSlug(name), `"${name}" is no slug: use at most 63 lower case letters, digits and "-"`),
      ...must('spec.slug', spec.slug === name, `spec.slug must be "${name}", as the organization is called, or be left out`),
      ...must('spec.namespaceName', spec.namespaceName === orgNamespace(name), `spec.namespaceName must be "${orgNamespace(name)}", or be left out`),
    ];
  },
  beforeDelete({ metadata: { name } }) {
    if (name === DEFAULT_ORG) throw new StatusError('Forbidden', `Organization "${DEFAULT_ORG}" has this installation's administrator in it and cannot be deleted`, { code: 'ORG_PROTECTED' });
  },
});

export const bindingStrategy = defineStrategy({
  kind: OrgNamespaceBinding,
  prepare({ spec }) {
    const { organizationRef: org, namespace } = spec;
    if (typeof org === 'string' && (namespace === undefined || isLegacyNamespace(namespace, org))) spec.namespace = orgNamespace(org);
  },
  validate({ metadata: { name }, spec: { organizationRef: org, namespace } }) {
    return [
      ...must('metadata.name', name === org, `an organization has one binding, which is called as it is: "${org}"`),
      ...must('spec.namespace', namespace === orgNamespace(org), `spec.namespace must be "${orgNamespace(org)}", or be left out`),
    ];
  },
});

/** Older documents write `krate` for `kradle`. */
function isLegacyNamespace(namespace: unknown, org: string): boolean {
  return namespace === orgNamespace(org).replace(/^kradle-/, 'krate-');
}

function must(field: string, holds: boolean, message: string): StatusCause[] {
  return holds ? [] : [{ code: 'FieldValueInvalid', field, message }];
}
