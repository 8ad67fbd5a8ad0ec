import { StatusError } from '#shared/api/status';
import { orgOfNamespace } from '#shared/kind/names';

/**
 * Refuses a reference that names another organization's namespace, also in its older spelling. A namespace that belongs to no
 * organization passes: a cluster's administrators may keep Secrets in one.
 *
 * @throws Forbidden with CROSS_ORG_REF_DENIED, which does not name the other organization's things.
 */
export function checkNamespaceOrganization(field: string, namespace: string | undefined, org: string): void {
  const owner = namespace === undefined ? undefined : orgOfNamespace(namespace.replace(/^krate-/, 'kradle-'));
  if (owner === undefined || owner === org) return;
  const message = `${field} is the namespace of another organization; references stay within "${org}"`;
  throw new StatusError('Forbidden', message, { code: 'CROSS_ORG_REF_DENIED', causes: [{ code: 'FieldValueForbidden', field, message }] });
}
