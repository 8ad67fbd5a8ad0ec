import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo } from '../../kind/fields';
import { fillAbsent } from '../../kind/fillAbsent';
import { external, externalRefs } from '../external/externalEnvelope';

export const BranchProtection = defineKind({
  names: { kind: 'BranchProtection', plural: 'branchprotections', singular: 'branchprotection', shortNames: ['bp'], title: 'Branch protections' },
  context: 'forge',
  storage: 'config',
  placement: 'org',
  purpose: 'Protected ref rules such as pull-request requirements',
  // Older documents write one reference without a list, and say reviews and status checks.
  upgrade({ requiredReviews, statusChecks, ...spec }) {
    const filled = fillAbsent(spec, { requiredApprovals: requiredReviews, requiredChecks: statusChecks });
    return typeof spec.refs === 'string' ? { ...filled, refs: [spec.refs] } : filled;
  },
  spec: () => z.object({
    organizationRef,
    repository: refTo('Repository').optional().describe('The repository that the rule is for; absent means every repository of the organization.'),
    refs: z.array(z.string().min(1).max(255)).min(1).describe('Branch names or patterns: main, release/*, refs/heads/main.'),
    requirePullRequest: z.boolean().default(true).describe('Refuse direct pushes; changes arrive by merging a pull request.'),
    requiredApprovals: z.number().int().min(0).max(10).default(0).describe('Approving reviews that a pull request needs before it can merge.'),
    countRequesterApprovals: z.boolean().default(false).describe('Whoever started the run whose work it is may approve it themselves.'),
    countAgentApprovals: z.boolean().default(false).describe('Approvals of agents count like those of people.'),
    requiredChecks: z.array(z.string()).optional().describe('Checks that must have succeeded before a merge.'),
    dismissStaleReviews: z.boolean().default(false).describe('A new push takes earlier approvals back.'),
    requireUpToDate: z.boolean().default(false).describe('A pull request merges only when its source contains the newest commit of the target.'),
    requireLastPushApproval: z.boolean().default(false).describe('Somebody other than whoever pushed last has to have approved.'),
    requireCodeOwnerReview: z.boolean().default(false).describe('Files that CODEOWNERS names need an approval of one of their owners.'),
    requireSignedCommits: z.boolean().default(false).describe('Every new commit carries a verified signature of a member; merge commits that this server makes are signed by it.'),
    requireConversationResolution: z.boolean().default(false).describe('Every conversation has to be resolved before a merge.'),
    allowForcePush: z.boolean().default(false).describe('What was pushed may be rewritten.'),
    allowDeletion: z.boolean().default(false).describe('The branch may be deleted.'),
    enforceAdmins: z.boolean().default(true).describe('The rule binds administrators too.'),
    requireLinearHistory: z.boolean().default(false).describe('Refuse merge commits: only squash and rebase.'),
    external,
  }),
  status: () => z.object({ phase: z.enum(['Active']).optional() }),
  columns: [
    { name: 'Repository', path: 'spec.repository', type: 'ref' },
    { name: 'Refs', path: 'spec.refs', type: 'string' },
    { name: 'Pull request', path: 'spec.requirePullRequest', type: 'boolean' },
    { name: 'Approvals', path: 'spec.requiredApprovals', type: 'integer' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.repository', kind: 'Repository', required: true, owner: true }, ...externalRefs],
  search: ['spec.refs'],
  form: { external: { advanced: true } },
});
