import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, timestamp } from '../../kind/fields';
import { accessSubject, subjectRefs, upgradeSubject } from './accessSubject';

const names = z.array(z.string().min(1).max(253)).min(1).max(100);

/** A rule of Kubernetes RBAC. */
const resourceRule = z.object({
  apiGroups: z.array(z.string().max(253)).min(1).max(100).describe('API groups; an empty string is the core group.'),
  resources: names.describe('Plural names: repositories, pullrequests.'),
  verbs: names.describe('get, list, watch, create, update, patch, delete.'),
  resourceNames: names.optional().describe('Only these objects; absent means all of the resource.'),
});

export const AgentRoleBinding = defineKind({
  names: { kind: 'AgentRoleBinding', plural: 'agentrolebindings', singular: 'agentrolebinding', shortNames: ['arb'], title: 'Agent role bindings' },
  context: 'identity',
  storage: 'config',
  placement: 'org',
  purpose: 'Role of an agent identity within a scope, kept in step with native Kubernetes RBAC',
  upgrade: (spec) => ({
    ...spec,
    ...(spec.subject === undefined ? {} : { subject: upgradeSubject(spec.subject) }),
    ...(typeof spec.roleRef === 'string' ? { roleRef: { kind: 'ClusterRole', name: spec.roleRef } } : {}),
  }),
  spec: () => z.object({
    organizationRef,
    subject: accessSubject,
    scope: z.object({
      kind: z.enum(['organization', 'repository', 'namespace']),
      name: z.string().min(1).max(253).optional().describe('The repository or namespace; an organization needs none.'),
    }).describe('Where the role holds.'),
    roleRef: z.object({
      kind: z.enum(['Role', 'ClusterRole']).default('ClusterRole'),
      name: z.string().min(1).max(253),
    }).describe('The native role that is bound.'),
    resourceRules: z.array(resourceRule).max(100).optional().describe('What the role is meant to allow: a binding to a role that allows more is not made.'),
    escalationPolicy: z.enum(['deny', 'review', 'allow']).default('deny').describe('A binding that would give more than its author has: refused, put before a person, or made.'),
    expiresAt: timestamp.optional().describe('The binding ends here.'),
    revoked: z.boolean().default(false).describe('The binding counts no more; kept for the record.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Active', 'Blocked', 'Expired', 'Revoked']).optional(),
    nativeBinding: z.object({
      kind: z.enum(['RoleBinding', 'ClusterRoleBinding']),
      name: z.string(),
      namespace: z.string().optional(),
    }).optional().describe('The native object that carries it in a cluster.'),
  }),
  columns: [
    { name: 'Subject', path: 'spec.subject.name', type: 'string' },
    { name: 'Role', path: 'spec.roleRef.name', type: 'string' },
    { name: 'Scope', path: 'spec.scope.kind', type: 'string' },
    { name: 'In', path: 'spec.scope.name', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: subjectRefs,
  search: ['spec.subject.name', 'spec.roleRef.name', 'spec.scope.name'],
  form: { resourceRules: { advanced: true }, escalationPolicy: { advanced: true }, expiresAt: { advanced: true }, revoked: { advanced: true } },
});
