import { orgNamespace } from '#shared/kind/names';
import { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import { checkNamespaceOrganization } from '../../../resources/organizationNamespace';
import { defineStrategy } from '../../../resources/strategy';

/** A service account is of its organization's namespace, under its own name unless it says another. */
export const serviceAccountStrategy = defineStrategy({
  kind: AgentServiceAccount,
  prepare({ metadata, spec }, { org }) {
    spec.namespace ??= orgNamespace(org);
    spec.serviceAccountName ??= metadata.name;
  },
  validate({ spec }, { org }) {
    checkNamespaceOrganization('spec.namespace', spec.namespace, org);
    return [];
  },
});
