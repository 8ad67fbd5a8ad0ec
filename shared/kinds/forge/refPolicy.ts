import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo } from '../../kind/fields';
import { external, externalRefs } from '../external/externalEnvelope';

const refPattern = z.string().min(1).max(255);

export const RefPolicy = defineKind({
  names: { kind: 'RefPolicy', plural: 'refpolicies', singular: 'refpolicy', title: 'Reference policies' },
  context: 'forge',
  storage: 'config',
  placement: 'org',
  purpose: 'What may be pushed to which references: deny rules, forced pushes, signatures, and gates of custom hooks',
  spec: z.object({
    organizationRef,
    repository: refTo('Repository').optional().describe('The repository that the policy is for; absent means every repository of the organization.'),
    refs: z.array(refPattern).max(100).optional().describe('References that forcePush, signing and hookGates are about: main, refs/tags/v*. Absent means all.'),
    denyPrefixes: z.array(refPattern).max(100).optional().describe('Nothing may be pushed under these prefixes: refs/heads/archive/.'),
    denyRules: z.array(z.object({
      pattern: refPattern.describe('References that the rule is about.'),
      actions: z.array(z.enum(['create', 'update', 'delete'])).min(1).default(['create', 'update', 'delete']).describe('What is refused.'),
      message: z.string().max(500).optional().describe('What the person who pushes reads.'),
    })).max(100).optional().describe('Single actions that are refused on the references of a pattern.'),
    forcePush: z.enum(['allow', 'admins', 'deny']).optional().describe('Who may rewrite what was pushed: everyone who may push, administrators, nobody. Absent leaves it to branch protection.'),
    signing: z.object({
      commits: z.enum(['ignore', 'warn', 'require']).default('ignore'),
      tags: z.enum(['ignore', 'warn', 'require']).default('ignore'),
    }).optional().describe('Whether commits and tags must carry a signature that can be verified.'),
    hookGates: z.array(z.object({
      name: z.string().min(1).max(100),
      stage: z.enum(['pre-receive', 'update', 'post-receive']).describe('When it is asked: once a push, once a reference, or afterwards.'),
      subscription: refTo('WebhookSubscription').optional().describe('The endpoint that answers.'),
    })).max(20).optional().describe('Outside checks that a push waits for.'),
    external,
  }),
  status: z.object({
    phase: z.enum(['Pending', 'Active']).optional(),
  }),
  columns: [
    { name: 'Repository', path: 'spec.repository', type: 'ref' },
    { name: 'Refs', path: 'spec.refs', type: 'string' },
    { name: 'Denied', path: 'spec.denyPrefixes', type: 'string' },
    { name: 'Force push', path: 'spec.forcePush', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.repository', kind: 'Repository', required: true, owner: true },
    { path: 'spec.hookGates[].subscription', kind: 'WebhookSubscription' },
    ...externalRefs,
  ],
  search: ['spec.refs', 'spec.denyPrefixes'],
  form: { hookGates: { advanced: true }, external: { advanced: true } },
});
