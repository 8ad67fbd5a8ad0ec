import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo } from '../../kind/fields';
import { external, externalRefs } from '../external/externalEnvelope';
import { policyMode } from '../policy/policyMode';

const refPattern = z.string().min(1).max(255);
const pathPattern = z.string().min(1).max(1000);
/** Of commit messages; RE2's syntax, which no text makes slow. */
const messagePattern = z.string().min(1).max(1000);
const whoMay = z.enum(['allow', 'admins', 'deny']);
const whose = z.enum(['any', 'member', 'pusher']);

export const RefPolicy = defineKind({
  names: { kind: 'RefPolicy', plural: 'refpolicies', singular: 'refpolicy', title: 'Reference policies' },
  context: 'forge',
  storage: 'config',
  placement: 'org',
  purpose: 'What may be pushed to which references: deny rules, forced pushes, deletion, signatures, files, commit messages and secrets',
  spec: () => z.object({
    organizationRef,
    repository: refTo('Repository').optional().describe('The repository that the policy is for; absent means every repository of the organization.'),
    mode: policyMode.default('enforce'),
    refs: z.array(refPattern).max(100).optional().describe('References that everything but the deny rules is about: main, refs/tags/v*. Absent means all.'),
    denyPrefixes: z.array(refPattern).max(100).optional().describe('Nothing may be pushed under these prefixes: refs/heads/archive/.'),
    denyRules: z.array(z.object({
      pattern: refPattern.describe('References that the rule is about.'),
      actions: z.array(z.enum(['create', 'update', 'delete'])).min(1).default(['create', 'update', 'delete']).describe('What is refused.'),
      message: z.string().max(500).optional().describe('What the person who pushes reads.'),
    })).max(100).optional().describe('Single actions that are refused on the references of a pattern.'),
    forcePush: whoMay.optional().describe('Who may rewrite what was pushed: everyone who may push, administrators, nobody. Absent leaves it to branch protection.'),
    deletion: whoMay.optional().describe('Who may delete references: everyone who may push, administrators, nobody. Absent leaves it to branch protection.'),
    linearHistory: z.boolean().optional().describe('Merge commits are refused.'),
    signing: z.object({
      commits: z.enum(['ignore', 'warn', 'require']).default('ignore'),
      tags: z.enum(['ignore', 'warn', 'require']).default('ignore'),
    }).optional().describe('Whether commits and tags must carry a signature that can be verified.'),
    files: z.object({
      maxSizeBytes: z.number().int().min(1).max(1024 ** 4).optional().describe('The largest file that may be added or changed.'),
      maxPathLength: z.number().int().min(1).max(4096).optional().describe('The longest path, in characters.'),
      denyPaths: z.array(pathPattern).max(200).optional().describe('Paths that may not be added or changed: *.exe, secrets/**, /dist.'),
      exceptPaths: z.array(pathPattern).max(200).optional().describe('Paths that these limits are not for.'),
      message: z.string().max(500).optional().describe('What the person who pushes reads.'),
    }).optional().describe('Limits of the files that new commits add or change.'),
    commitMessages: z.array(z.object({
      part: z.enum(['subject', 'body', 'message']).default('message').describe('What the patterns look at: the first line, what follows it, or all of it.'),
      mustMatch: messagePattern.optional().describe('It has to be found in every message: ^(feat|fix|docs)(\\(.+\\))?: .'),
      mustNotMatch: messagePattern.optional().describe('It may be found in no message: ^fixup!.'),
      message: z.string().max(500).optional().describe('What the person who pushes reads.'),
    })).max(20).optional().describe('Patterns of commit messages, as regular expressions of RE2.'),
    identities: z.object({
      author: whose.default('any').describe('Whose address the author has: anybody\'s, a member\'s, that of the person who pushes.'),
      committer: whose.default('any').describe('Whose address the committer has.'),
    }).optional().describe('Whom new commits may be by.'),
    secretScanning: z.object({
      mode: z.enum(['off', 'warn', 'block']).default('block').describe('Whether secrets in new and changed files are looked for, told, or refused.'),
      override: z.enum(['pusher', 'maintainer', 'nobody']).default('pusher').describe('Who may push a finding all the same, with a reason that is recorded.'),
      exceptPaths: z.array(pathPattern).max(200).optional().describe('Paths that are not looked into: testdata/**.'),
      disabledRules: z.array(z.string().min(1).max(100)).max(100).optional().describe('Rules that are left out: jwt, generic-secret.'),
    }).optional().describe('Looks for keys, tokens and passwords in what is pushed.'),
    bypass: z.object({
      administrators: z.boolean().default(false).describe('Administrators of the organization may break the policy.'),
      users: z.array(refTo('User')).max(100).optional(),
      teams: z.array(refTo('Team')).max(100).optional(),
      serviceAccounts: z.array(refTo('AgentServiceAccount')).max(100).optional(),
    }).optional().describe('Who may break the policy. They are told, and it is recorded.'),
    hookGates: z.array(z.object({
      name: z.string().min(1).max(100),
      stage: z.enum(['pre-receive', 'update', 'post-receive']).describe('When it is asked: once a push, once a reference, or afterwards.'),
      subscription: refTo('WebhookSubscription').optional().describe('The endpoint that answers.'),
    })).max(20).optional().describe('Outside checks. They are kept and not asked yet: a condition of the policy says so.'),
    external,
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Active']).optional(),
  }),
  columns: [
    { name: 'Repository', path: 'spec.repository', type: 'ref' },
    { name: 'Refs', path: 'spec.refs', type: 'string' },
    { name: 'Denied', path: 'spec.denyPrefixes', type: 'string' },
    { name: 'Force push', path: 'spec.forcePush', type: 'string' },
    { name: 'Mode', path: 'spec.mode', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.repository', kind: 'Repository', required: true, owner: true },
    { path: 'spec.bypass.users[]', kind: 'User' },
    { path: 'spec.bypass.teams[]', kind: 'Team' },
    { path: 'spec.bypass.serviceAccounts[]', kind: 'AgentServiceAccount' },
    { path: 'spec.hookGates[].subscription', kind: 'WebhookSubscription' },
    ...externalRefs,
  ],
  search: ['spec.refs', 'spec.denyPrefixes'],
  form: { hookGates: { advanced: true }, external: { advanced: true } },
});
