import { expect, it } from 'vitest';
import { readKubeNamespace } from './kubeNamespace';

it.each([
  ['kradle-org-acme', { of: 'organization', org: 'acme' }],
  ['krate-org-acme', { of: 'organization', org: 'acme' }],
  ['kradle-org-krate-org-x', { of: 'organization', org: 'krate-org-x' }],
  ['kradle-system', { of: 'platform' }],
  ['krate-system', { of: 'platform' }],
  ['default', { of: 'platform' }],
  ['kradle-org-', { of: 'nothing' }],
  ['kube-system', { of: 'nothing' }],
  ['', { of: 'nothing' }],
])('"%s" is read', (namespace, meaning) => expect(readKubeNamespace(namespace)).toEqual(meaning));
