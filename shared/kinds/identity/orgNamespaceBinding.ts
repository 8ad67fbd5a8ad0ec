import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { objectName, refTo } from '../../kind/fields';

export const OrgNamespaceBinding = defineKind({
  names: { kind: 'OrgNamespaceBinding', plural: 'orgnamespacebindings', singular: 'orgnamespacebinding', title: 'Namespace bindings' },
  context: 'identity',
  storage: 'config',
  placement: 'platform',
  purpose: 'Binding from one organization to exactly one tenant namespace for resources and side effects',
  spec: () => z.object({
    organizationRef: refTo('Organization').describe('The organization whose namespace it is.'),
    namespace: objectName.describe('The bound namespace.'),
  }),
  status: () => z.object({ phase: z.enum(['Pending', 'Bound']).optional() }),
  columns: [
    { name: 'Organization', path: 'spec.organizationRef', type: 'ref' },
    { name: 'Namespace', path: 'spec.namespace', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.organizationRef', kind: 'Organization', required: true, owner: true }],
  immutable: ['spec.organizationRef', 'spec.namespace'],
  authored: false,
});
