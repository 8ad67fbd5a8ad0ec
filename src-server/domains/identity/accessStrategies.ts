import type { StatusCause } from '#shared/api/status';
import { AgentConfigGrant } from '#shared/kinds/identity/agentConfigGrant';
import { AgentRoleBinding } from '#shared/kinds/identity/agentRoleBinding';
import { AgentSecretGrant } from '#shared/kinds/identity/agentSecretGrant';
import { expiryCauses } from '../../resources/expiryCauses';
import { checkNamespaceOrganization } from '../../resources/organizationNamespace';
import { defineStrategy } from '../../resources/strategy';

/** What is granted is not another organization's. */
export const secretGrantStrategy = defineStrategy({
  kind: AgentSecretGrant,
  validate({ spec }, ctx) {
    checkNamespaceOrganization('spec.secretRef.namespace', spec.secretRef.namespace, ctx.org);
    return expiryCauses('spec.expiresAt', spec.expiresAt, ctx);
  },
});

export const configGrantStrategy = defineStrategy({
  kind: AgentConfigGrant,
  validate({ spec }, ctx) {
    checkNamespaceOrganization('spec.configMapRef.namespace', spec.configMapRef.namespace, ctx.org);
    return expiryCauses('spec.expiresAt', spec.expiresAt, ctx);
  },
});

/** Verbs by which an identity gives itself more than it has. Source: Kubernetes, "Privilege escalation prevention and bootstrapping". */
const ESCALATING_VERBS: ReadonlySet<string> = new Set(['*', 'bind', 'escalate', 'impersonate']);

/** A scope that can be found, and no way to more while escalation is denied. */
export const roleBindingStrategy = defineStrategy({
  kind: AgentRoleBinding,
  validate({ spec: { scope, resourceRules, escalationPolicy, expiresAt } }, ctx) {
    if (scope.kind === 'namespace') checkNamespaceOrganization('spec.scope.name', scope.name, ctx.org);
    const causes: StatusCause[] = expiryCauses('spec.expiresAt', expiresAt, ctx);
    if (scope.kind === 'organization') {
      if (scope.name !== undefined && scope.name !== ctx.org) causes.push({ code: 'FieldValueInvalid', field: 'spec.scope.name', message: `spec.scope.name must be "${ctx.org}", the organization of the binding, or be left out` });
    } else if (scope.name === undefined) {
      causes.push({ code: 'FieldValueRequired', field: 'spec.scope.name', message: `spec.scope.name is required: say which ${scope.kind}` });
    }
    if (escalationPolicy !== 'deny') return causes;
    for (const [index, { verbs }] of (resourceRules ?? []).entries()) {
      const verb = verbs.find((each) => ESCALATING_VERBS.has(each));
      if (verb !== undefined) causes.push({ code: 'FieldValueForbidden', field: `spec.resourceRules[${index}].verbs`, message: `"${verb}" lets an identity give itself more than it has; name the verbs that it needs, or set spec.escalationPolicy to "review"` });
    }
    return causes;
  },
});
