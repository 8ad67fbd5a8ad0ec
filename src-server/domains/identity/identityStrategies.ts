import { StatusError, type StatusCause } from '#shared/api/status';
import { normalizeName, normalizeOrgSlug, orgNamespace } from '#shared/kind/names';
import { objectName } from '#shared/kind/objectMeta';
import { Organization } from '#shared/kinds/identity/organization';
import { OrgNamespaceBinding } from '#shared/kinds/identity/orgNamespaceBinding';
import { User } from '#shared/kinds/identity/user';
import { defineStrategy, type AnyStrategy } from '../../resources/strategy';
import { configGrantStrategy, roleBindingStrategy, secretGrantStrategy } from './accessStrategies';
import { authProviderStrategy } from './authProviderStrategy';
import { identityMappingStrategy } from './identityMappingStrategy';
import { inviteStrategy } from './inviteStrategy';
import { ADMIN_USER, DEFAULT_ORG } from './organizations';

/** The rules of organizations, people and what they and their agents may do, as far as their schemas cannot say them. */
export function identityStrategies(): readonly AnyStrategy[] {
  return [
    organizationStrategy, bindingStrategy, userStrategy,
    inviteStrategy, identityMappingStrategy, authProviderStrategy,
    roleBindingStrategy, secretGrantStrategy, configGrantStrategy,
  ];
}

/** An organization's slug and namespace follow from its name, so that no two share a namespace. */
const organizationStrategy = defineStrategy({
  kind: Organization,
  normalizeName: (name) => legalName(name, normalizeOrgSlug),
  prepare({ metadata: { name }, spec }) {
    spec.displayName ??= name;
    spec.slug = typeof spec.slug === 'string' ? normalizeOrgSlug(spec.slug) : (spec.slug ?? name);
    if (spec.namespaceName === undefined || isLegacyNamespace(spec.namespaceName, name)) spec.namespaceName = orgNamespace(name);
  },
  validate({ metadata: { name }, spec }, { operation }) {
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

const bindingStrategy = defineStrategy({
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

/** Whoever takes the administrator's account away could not give it back: the admin token acts as it. */
const userStrategy = defineStrategy({
  kind: User,
  normalizeName: (name) => legalName(name, normalizeName),
  prepare({ metadata: { name }, spec }) {
    spec.username ??= name;
  },
  validate({ metadata: { name }, spec }, { org }) {
    if (!isAdministrator(name, org)) return [];
    return [
      ...must('spec.admin', spec.admin, `spec.admin must be true: "${ADMIN_USER}" is this installation's administrator`),
      ...must('spec.disabled', !spec.disabled, `spec.disabled must be false: "${ADMIN_USER}" is this installation's administrator`),
    ];
  },
  beforeDelete({ metadata: { name } }, { org }) {
    if (isAdministrator(name, org)) throw new StatusError('Forbidden', `User "${ADMIN_USER}" is this installation's administrator and cannot be deleted`, { code: 'USER_PROTECTED' });
  },
});

/** Seeds, 003 section 4: what cannot be a name is made one; a name stays as it is. */
function legalName(name: string, normalize: (name: string) => string): string {
  return objectName.safeParse(name).success ? name : normalize(name) || name;
}

function isAdministrator(name: string, org: string): boolean {
  return name === ADMIN_USER && org === DEFAULT_ORG;
}

/** Older documents write `krate` for `kradle`. */
function isLegacyNamespace(namespace: unknown, org: string): boolean {
  return namespace === orgNamespace(org).replace(/^kradle-/, 'krate-');
}

function must(field: string, holds: boolean, message: string): StatusCause[] {
  return holds ? [] : [{ code: 'FieldValueInvalid', field, message }];
}
