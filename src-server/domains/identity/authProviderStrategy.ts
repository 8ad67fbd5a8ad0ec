import type { StatusCause } from '#shared/api/status';
import type { SpecOf } from '#shared/kind/defineKind';
import { AuthProvider } from '#shared/kinds/identity/authProvider';
import { defineStrategy } from '../../resources/strategy';
import { checkNamespaceOrganization } from '../../resources/organizationNamespace';

type Spec = SpecOf<typeof AuthProvider>;

/** Fields that only some types of provider have; the others are common. */
const FIELDS_OF_TYPES: readonly { readonly types: readonly Spec['type'][]; readonly fields: readonly (keyof Spec)[] }[] = [
  { types: ['oidc'], fields: ['issuerUrl', 'claims'] },
  { types: ['oidc', 'github'], fields: ['authorizationUrl', 'tokenUrl', 'userInfoUrl', 'clientId', 'clientSecretRef', 'scopes'] },
  { types: ['delegated'], fields: ['headers', 'trustedProxies'] },
  { types: ['oidc', 'github', 'delegated'], fields: ['allowedDomains', 'adminGroups'] },
];

/** A setting that the type does not read is a mistake: whoever wrote it believes that it holds. */
export const authProviderStrategy = defineStrategy({
  kind: AuthProvider,
  validate({ spec }, { org }) {
    checkNamespaceOrganization('spec.clientSecretRef.namespace', spec.clientSecretRef?.namespace, org);
    return FIELDS_OF_TYPES.flatMap(({ types, fields }): StatusCause[] =>
      types.includes(spec.type)
        ? []
        : fields.filter((field) => spec[field] !== undefined).map((field) => ({ code: 'FieldValueForbidden', field: `spec.${field}`, message: `spec.${field} means nothing for a provider of type ${spec.type}; it belongs to ${types.join(' and ')}` })),
    );
  },
});
