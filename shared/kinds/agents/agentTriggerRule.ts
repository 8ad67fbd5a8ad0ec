import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { duration, httpUrl, organizationRef, refTo, timestamp } from '../../kind/fields';
import { writeBackPolicy } from './writeBack';

/** What is let through and what is kept out: glob patterns. */
const patterns = z.object({
  include: z.array(z.string().min(1).max(1024)).max(500).optional(),
  exclude: z.array(z.string().min(1).max(1024)).max(500).optional(),
});

/** Sources and matching: seeds, 003 section 8; templates and policies: 002, "trigger rule for failed PR checks". */
export const AgentTriggerRule = defineKind({
  names: { kind: 'AgentTriggerRule', plural: 'agenttriggerrules', singular: 'agenttriggerrule', shortNames: ['trigger'], title: 'Trigger rules' },
  context: 'agents',
  storage: 'config',
  placement: 'org',
  purpose: 'Event-to-stack routing for CI failures, webhooks, comments, labels, schedules, and manual dispatch',
  spec: () => z.object({
    organizationRef,
    displayName: z.string().max(200).optional().describe('What people call it.'),
    description: z.string().max(2000).optional().describe('What the rule is for.'),
    lifecycleState: z.enum(['draft', 'active', 'paused', 'archived']).default('active').describe('Only an active rule dispatches.'),
    enabled: z.boolean().default(true).describe('A rule that is switched off matches nothing.'),
    sources: z.array(z.string().min(1).max(100)).max(100).describe('Events that it listens to: ci, check-suite, pull-request, push, comment, label, issue, webhook, schedule, manual …'),
    repository: refTo('Repository').optional().describe('Only events of this repository.'),
    allowedActors: z.array(z.string().min(1).max(200)).max(500).optional().describe('Only events that these people caused; absent allows each.'),
    match: z.object({
      repository: refTo('Repository').optional().describe('Only events of this repository.'),
      eventTypes: z.array(z.string().min(1).max(200)).max(100).optional().describe('The sender\'s own event names: check_run.completed …'),
      conclusion: z.array(z.string().min(1).max(100)).max(50).optional().describe('How the check ended: failure, timed_out …'),
      pullRequestRequired: z.boolean().optional().describe('Only events that belong to a pull request.'),
      branches: patterns.optional().describe('Branches that count, as glob patterns.'),
      paths: patterns.optional().describe('Changed files that count, as glob patterns.'),
      labels: patterns.optional().describe('Labels that count, as glob patterns.'),
    }).optional().describe('Every condition that is given must hold.'),
    cronExpression: z.string().max(200).regex(/^[0-9A-Za-z*,/-]+( +[0-9A-Za-z*,/-]+){4}$/, 'must be five fields: minute, hour, day of month, month, day of week').optional().describe('When it dispatches by itself: minute, hour, day of month, month, day of week.'),
    timeZone: z.string().max(100).optional().describe('IANA time zone of the schedule; default UTC.'),
    webhookTrigger: z.object({
      url: httpUrl.optional(),
      events: z.array(z.string().min(1).max(200)).max(100).optional().describe('Event types; "*" or absent means each.'),
      repository: z.string().max(500).optional(),
      action: z.string().max(100).optional(),
    }).optional().describe('Dispatches on a webhook that fits.'),
    commentTrigger: z.object({
      pattern: z.string().min(1).max(1000).describe('Regular expression that the comment must match.'),
      repos: z.array(refTo('Repository')).max(500).optional(),
    }).optional().describe('Dispatches on a comment that fits.'),
    labelTrigger: z.object({
      labels: z.array(z.string().min(1).max(200)).min(1).max(100),
      action: z.enum(['added', 'removed']).optional().describe('Default: added.'),
    }).optional().describe('Dispatches when one of the labels is put on or taken off.'),
    agentStack: refTo('AgentStack').describe('The agent that gets the task.'),
    taskKind: z.string().min(1).max(100).describe('Kind of the runs that it makes: ci-repair, review …'),
    promptTemplate: z.string().max(65_536).optional().describe('The task, with {{ repository }}, {{ sha }} and other facts of the event filled in.'),
    contextLabels: z.array(refTo('AgentContextLabel')).max(100).optional().describe('Reviewed texts that are put into the prompt.'),
    contextBundleTemplate: z.object({
      include: z.array(z.string().min(1).max(200)).max(100).optional().describe('What the agent is given: changed-files, failing-job-log, pull-request-summary, recent-commits, repository-instructions …'),
      maxBytes: z.number().int().min(1).max(10_000_000).optional(),
      redactSecrets: z.boolean().default(true),
    }).optional().describe('What is gathered for the run.'),
    runnerPool: refTo('RunnerPool').optional(),
    workspacePolicyRef: refTo('KradleWorkspacePolicy').optional(),
    approvalPolicy: z.object({
      requireFor: z.array(z.enum(['dispatch', 'tool-use', 'write-back', 'secret-access', 'network-expanded', 'branch-push', 'release', 'escalation'])).optional(),
    }).optional().describe('What a person approves in runs of this rule.'),
    dedupePolicy: z.object({
      key: z.string().min(1).max(1000).optional().describe('Events with the same key are one, with facts of the event filled in as in the prompt.'),
      window: duration.optional().describe('How long they are.'),
    }).optional().describe('When two events count as one.'),
    concurrencyPolicy: z.object({
      mode: z.enum(['allow', 'coalesce', 'queue', 'reject', 'replace']).default('coalesce').describe('What becomes of an event while a run of the rule works: another run, none, a later one, a refusal, or in its place.'),
      maxActive: z.number().int().min(1).max(1000).optional().describe('Runs of this rule at the same time.'),
      maxActivePerPullRequest: z.number().int().min(1).max(100).optional(),
    }).optional().describe('What happens when a run of the rule is under way.'),
    writeBackPolicy: writeBackPolicy.optional().describe('What may leave the workspace, other than the agent says.'),
    deadline: duration.optional().describe('Wall-clock ceiling of its runs.'),
  }),
  status: () => z.object({
    phase: z.enum(['Active', 'Paused', 'Invalid']).optional(),
    message: z.string().optional(),
    lastTriggeredAt: timestamp.optional(),
    lastRun: refTo('AgentDispatchRun').optional(),
    nextRunAt: timestamp.optional().describe('When the schedule dispatches next.'),
    executionSummary: z.object({
      created: z.number().int().optional(),
      coalesced: z.number().int().optional(),
      deduplicated: z.number().int().optional(),
      rejected: z.number().int().optional(),
      failed: z.number().int().optional(),
    }).optional().describe('How many events came to what.'),
  }),
  columns: [
    { name: 'Agent', path: 'spec.agentStack', type: 'ref' },
    { name: 'Task', path: 'spec.taskKind', type: 'string' },
    { name: 'Sources', path: 'spec.sources', type: 'string' },
    { name: 'State', path: 'spec.lifecycleState', type: 'phase' },
    { name: 'Schedule', path: 'spec.cronExpression', type: 'string', priority: 1 },
    { name: 'Last triggered', path: 'status.lastTriggeredAt', type: 'age' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.agentStack', kind: 'AgentStack' },
    { path: 'spec.repository', kind: 'Repository' },
    { path: 'spec.match.repository', kind: 'Repository' },
    { path: 'spec.commentTrigger.repos[]', kind: 'Repository' },
    { path: 'spec.contextLabels[]', kind: 'AgentContextLabel' },
    { path: 'spec.runnerPool', kind: 'RunnerPool' },
    { path: 'spec.workspacePolicyRef', kind: 'KradleWorkspacePolicy' },
    { path: 'status.lastRun', kind: 'AgentDispatchRun' },
  ],
  search: ['spec.displayName', 'spec.description', 'spec.agentStack', 'spec.taskKind'],
  form: {
    promptTemplate: { widget: 'textarea' },
    cronExpression: { placeholder: '0 6 * * 1-5' },
    timeZone: { placeholder: 'Europe/Berlin' },
    dedupePolicy: { advanced: true },
    concurrencyPolicy: { advanced: true },
    contextBundleTemplate: { advanced: true },
    runnerPool: { advanced: true },
    workspacePolicyRef: { advanced: true },
    deadline: { advanced: true },
  },
});
