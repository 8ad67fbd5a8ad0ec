import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { actorReference, digest, objectName, objectReference, organizationRef, refTo, timestamp } from '../../kind/fields';
import { isPlainObject } from '../../kind/paths';
import { writeBackTarget } from './writeBack';

/** Source: seeds, 003 section 9.1, plus `dispatch` for the gate in front of a run. */
export const approvalAction = z.enum(['tool-use', 'secret-access', 'write-back', 'release', 'escalation', 'dispatch']);

/** The agent's own option, verbatim (ACP `PermissionOption`). */
export const permissionOption = z.object({
  optionId: z.string().min(1),
  name: z.string(),
  kind: z.enum(['allow_once', 'allow_always', 'reject_once', 'reject_always']),
});

export const AgentApproval = defineKind({
  names: { kind: 'AgentApproval', plural: 'agentapprovals', singular: 'agentapproval', shortNames: ['approval'], title: 'Approvals' },
  context: 'agents',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Human gate for tools, secrets, write-back, and release actions',
  upgrade: upgradeAction,
  spec: () => z.object({
    organizationRef,
    dispatchRun: refTo('AgentDispatchRun'),
    attempt: refTo('AgentDispatchAttempt').optional(),
    action: approvalAction.describe('What is asked for.'),
    requestedBy: actorReference.describe('Who asks.'),
    summary: z.string().max(2000).optional().describe('What it is about, in one line.'),
    options: z.array(permissionOption).max(50).optional().describe('The agent\'s own options, verbatim.'),
    toolCall: z.record(z.string(), z.unknown()).optional().describe('What the agent wants to do, as it said it: title, kind, rawInput, content with the diff, locations.'),
    requestId: z.string().optional().describe('The agent\'s request, unique within the attempt.'),
    policyReasons: z.array(z.string()).optional().describe('Rules that ask for the approval.'),
    artifactRefs: z.array(refTo('KradleArtifact')).optional().describe('What to look at before deciding.'),
    grantRefs: z.array(objectReference).max(500).optional().describe('Grants whose use is asked for: the approval counts for these and no others.'),
    artifactDigest: digest.optional().describe('Digest of what is approved; checked again before it is applied.'),
    target: z.object({
      type: writeBackTarget.optional(),
      name: z.string().max(500).optional().describe('What it is done to, as the request names it: krate/42.'),
      repository: objectName.optional(),
      branch: z.string().optional(),
      baseBranch: z.string().optional(),
      baseSha: z.string().optional(),
      headSha: z.string().optional(),
      title: z.string().optional(),
    }).optional().describe('The exact mutation that approving carries out.'),
    riskWarnings: z.array(z.string()).optional().describe('What could go wrong.'),
    permissionSnapshotDigest: digest.optional().describe('Digest of the permission review that the request was made under.'),
    expiresAt: timestamp.optional().describe('A decision after this comes too late.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Approved', 'Denied']).optional(),
    createdAt: timestamp.optional(),
    decidedBy: actorReference.optional(),
    decidedAt: timestamp.optional(),
    optionId: z.string().optional().describe('The option that was chosen.'),
    comment: z.string().optional(),
    approvedActionSubset: z.array(z.string()).optional().describe('What of the request was approved, when not all of it.'),
    obsolete: z.boolean().optional().describe('The run ended before anyone answered.'),
    delivered: z.boolean().optional().describe('The answer reached the agent.'),
    applied: z.boolean().optional(),
    idempotencyKey: z.string().optional(),
    applyMessage: z.string().optional(),
  }),
  columns: [
    { name: 'Action', path: 'spec.action', type: 'string' },
    { name: 'Summary', path: 'spec.summary', type: 'string' },
    { name: 'Run', path: 'spec.dispatchRun', type: 'ref' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Decided by', path: 'status.decidedBy.name', type: 'string', priority: 1 },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.dispatchRun', kind: 'AgentDispatchRun', required: true, owner: true },
    { path: 'spec.attempt', kind: 'AgentDispatchAttempt' },
    { path: 'spec.artifactRefs[]', kind: 'KradleArtifact' },
  ],
  // What people look at when they answer is what is carried out.
  immutable: ['spec.dispatchRun', 'spec.attempt', 'spec.action', 'spec.options', 'spec.toolCall', 'spec.requestId', 'spec.artifactRefs', 'spec.artifactDigest', 'spec.grantRefs', 'spec.target'],
  actions: [{ name: 'decide', label: 'Decide', procedure: 'agents.decide' }],
  search: ['spec.summary', 'spec.dispatchRun'],
  authored: false,
});

/**
 * Older documents say what is to be done by an object, `action: { type: pull-request-comment, target: krate/42, summary }`, and who asked
 * by a string. Source: seeds, 002, "approval request".
 */
function upgradeAction(spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const upgraded = typeof spec.requestedBy === 'string' ? { ...spec, requestedBy: { kind: 'agent', name: spec.requestedBy } } : { ...spec };
  const { action } = spec;
  if (!isPlainObject(action)) return upgraded;
  const { type, target, summary, ...unknown } = action;
  // What has no place in the present shape stays where it was, for validation to name it.
  if (Object.keys(unknown).length > 0) return upgraded;
  const isAction = approvalAction.safeParse(type).success;
  const known = isPlainObject(spec.target) ? spec.target : {};
  const named = { ...(isAction || type === undefined ? {} : { type }), ...(target === undefined ? {} : { name: target }) };
  return {
    ...upgraded,
    action: isAction ? type : 'write-back',
    ...(Object.keys(named).length === 0 ? {} : { target: { ...known, ...named } }),
    ...(summary === undefined ? {} : { summary }),
  };
}
