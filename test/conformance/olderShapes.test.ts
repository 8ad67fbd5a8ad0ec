import { expect, it } from 'vitest';
import type { AnyKind } from '../../shared/kind/defineKind';
import { AuditEvent } from '../../shared/kinds/audit/auditEvent';
import { Pipeline } from '../../shared/kinds/ci/pipeline';
import { View } from '../../shared/kinds/console/view';
import { BranchProtection } from '../../shared/kinds/forge/branchProtection';
import { Issue } from '../../shared/kinds/forge/issue';
import { PullRequest } from '../../shared/kinds/forge/pullRequest';
import { RepositoryPermission } from '../../shared/kinds/forge/repositoryPermission';
import { AgentConfigGrant } from '../../shared/kinds/identity/agentConfigGrant';
import { AgentRoleBinding } from '../../shared/kinds/identity/agentRoleBinding';
import { AgentSecretGrant } from '../../shared/kinds/identity/agentSecretGrant';
import { PolicyExceptionRequest } from '../../shared/kinds/policy/policyExceptionRequest';
import { PolicyTemplate } from '../../shared/kinds/policy/policyTemplate';

interface OlderShape {
  readonly kind: AnyKind;
  readonly older: Record<string, unknown>;
  readonly present: Record<string, unknown>;
}

const cases: readonly OlderShape[] = [
  {
    kind: AgentSecretGrant,
    older: { subject: 'repair', secretRef: 'vault/github', purpose: 'read' },
    present: { subject: { kind: 'agent-stack', name: 'repair' }, secretRef: { namespace: 'vault', name: 'github' }, purpose: 'read' },
  },
  {
    kind: AgentSecretGrant,
    older: { subject: { kind: 'AgentMcpServer', name: 'docs' }, secretRef: { name: 'github', key: 'token' } },
    present: { subject: { kind: 'mcp-server', name: 'docs' }, secretRef: { name: 'github', keys: ['token'] } },
  },
  { kind: AgentConfigGrant, older: { subject: { name: 'repair' }, configMapRef: 'npm' }, present: { subject: { kind: 'agent-stack', name: 'repair' }, configMapRef: { name: 'npm' } } },
  { kind: AgentRoleBinding, older: { subject: 'repair', roleRef: 'view' }, present: { subject: { kind: 'agent-stack', name: 'repair' }, roleRef: { kind: 'ClusterRole', name: 'view' } } },
  { kind: RepositoryPermission, older: { subject: 'ada' }, present: { subject: { kind: 'User', name: 'ada' } } },
  { kind: RepositoryPermission, older: { subject: 'team:core' }, present: { subject: { kind: 'Team', name: 'core' } } },
  { kind: BranchProtection, older: { refs: 'main', requiredReviews: 2, statusChecks: ['ci'] }, present: { refs: ['main'], requiredApprovals: 2, requiredChecks: ['ci'] } },
  { kind: PullRequest, older: { title: 'x', head: 'fix', base: 'main' }, present: { title: 'x', sourceBranch: 'fix', targetBranch: 'main' } },
  {
    kind: Issue,
    older: { title: 'x', body: { markdown: 'Hello', sourceFormat: 'atlassian-document-format', renderWarnings: [] } },
    present: { title: 'x', body: 'Hello', bodySource: { sourceFormat: 'atlassian-document-format', renderWarnings: [] } },
  },
  { kind: Pipeline, older: { steps: ['build', { name: 'test' }] }, present: { steps: [{ name: 'build' }, { name: 'test' }] } },
  { kind: PolicyTemplate, older: { parameters: { strict: true, issuers: { type: 'array' } } }, present: { parameters: [{ name: 'strict', default: true }, { name: 'issuers', type: 'array' }] } },
  { kind: PolicyExceptionRequest, older: { policyRef: { kind: 'PolicyBinding', name: 'signed' } }, present: { policyRef: 'signed' } },
  { kind: View, older: { selector: 'team=core' }, present: { selector: { labelSelector: 'team=core' } } },
  { kind: View, older: { selector: 'core' }, present: { selector: { selectorRef: 'core' } } },
  {
    kind: AuditEvent,
    older: { action: 'delete', actor: 'system', resource: { kind: 'Repository', name: 'web' } },
    present: { type: 'delete', action: 'delete', actor: { kind: 'System', name: 'system' }, target: { kind: 'Repository', name: 'web' } },
  },
  { kind: AuditEvent, older: { type: 'x', actor: 'ada' }, present: { type: 'x', actor: { kind: 'User', name: 'ada' } } },
];

it.each(cases.map((each) => ({ name: each.kind.names.kind, ...each })))('an older $name is brought to the present shape, once', ({ kind, older, present }) => {
  const frozen = structuredClone(older);
  expect(kind.upgrade?.(older, 'name')).toEqual(present);
  expect(older).toEqual(frozen);
  expect(kind.upgrade?.(present, 'name')).toEqual(present);
});
