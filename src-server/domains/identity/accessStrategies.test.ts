import { beforeEach, describe, expect, it } from 'vitest';
import { AgentConfigGrant } from '#shared/kinds/identity/agentConfigGrant';
import { AgentRoleBinding } from '#shared/kinds/identity/agentRoleBinding';
import { AgentSecretGrant } from '#shared/kinds/identity/agentSecretGrant';
import { createKindResources, refusalOf, type KindResources } from '../../../test/harness/kindResources';

let kinds: KindResources;
beforeEach(async () => {
  kinds = await createKindResources();
});

const subject = { kind: 'tool', name: 'github-commenter', stackRef: 'repair' };
const secretGrant = { subject, secretRef: { namespace: 'shared-secrets', name: 'github', keys: ['token'] }, purpose: 'tool' };
const binding = { subject, scope: { kind: 'repository', name: 'web' }, roleRef: { kind: 'ClusterRole', name: 'repair' }, resourceRules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] };

describe('a grant', () => {
  it('is of the organization\'s own, or of a namespace that belongs to none', async () => {
    expect((await kinds.create(AgentSecretGrant, 'comments', secretGrant)).spec).toEqual({ ...secretGrant, organizationRef: 'acme', mountPolicy: 'env', requiredApproval: 'never', revoked: false });
    for (const namespace of ['kradle-org-other', 'krate-org-other']) {
      await expect(kinds.create(AgentSecretGrant, 'other', { ...secretGrant, secretRef: { name: 'github', namespace } })).rejects.toMatchObject({ reason: 'Forbidden', code: 'CROSS_ORG_REF_DENIED' });
      await expect(kinds.create(AgentConfigGrant, 'other', { subject, configMapRef: { name: 'npm', namespace }, purpose: 'x' })).rejects.toMatchObject({ reason: 'Forbidden', code: 'CROSS_ORG_REF_DENIED' });
    }
    await kinds.create(AgentConfigGrant, 'own', { subject, configMapRef: { name: 'npm', namespace: 'krate-org-acme' }, purpose: 'x' });
  });

  it('begins before it ends, and may be ended early', async () => {
    await expect(kinds.create(AgentSecretGrant, 'late', { ...secretGrant, expiresAt: '2001-01-01T00:00:00Z' })).rejects.toMatchObject(refusalOf('spec.expiresAt'));
    await kinds.create(AgentSecretGrant, 'comments', { ...secretGrant, expiresAt: '2999-01-01T00:00:00Z' });
    await kinds.update(AgentSecretGrant, 'comments', { ...secretGrant, expiresAt: '2001-01-01T00:00:00Z' });
  });
});

describe('a role binding', () => {
  it('says where it holds', async () => {
    await kinds.create(AgentRoleBinding, 'repair', binding);
    await kinds.create(AgentRoleBinding, 'wide', { ...binding, scope: { kind: 'organization' } });
    await expect(kinds.create(AgentRoleBinding, 'nowhere', { ...binding, scope: { kind: 'repository' } })).rejects.toMatchObject(refusalOf('spec.scope.name'));
    await expect(kinds.create(AgentRoleBinding, 'else', { ...binding, scope: { kind: 'organization', name: 'other' } })).rejects.toMatchObject(refusalOf('spec.scope.name'));
    await expect(kinds.create(AgentRoleBinding, 'else', { ...binding, scope: { kind: 'namespace', name: 'kradle-org-other' } })).rejects.toMatchObject({ code: 'CROSS_ORG_REF_DENIED' });
  });

  it.each(['*', 'bind', 'escalate', 'impersonate'])('gives no way to more by %s, unless escalation is looked at', async (verb) => {
    const resourceRules = [...binding.resourceRules, { apiGroups: [''], resources: ['roles'], verbs: ['get', verb] }];
    await expect(kinds.create(AgentRoleBinding, 'more', { ...binding, resourceRules })).rejects.toMatchObject(refusalOf('spec.resourceRules[1].verbs'));
    await kinds.create(AgentRoleBinding, 'more', { ...binding, resourceRules, escalationPolicy: 'review' });
  });
});
