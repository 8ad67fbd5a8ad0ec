/** The permission review of the seeds: 001-api-contract-spec, "Permission review"; 002, "permission review response". */
import { z } from 'zod';
import { objectName } from '../kind/fields';
import { anyObject, orgParam } from './paging';

export const permissionReviewInput = orgParam.extend({
  repository: objectName,
  agentStack: objectName.optional(),
  stackRef: objectName.optional().describe('The same as agentStack.'),
  ref: z.string().max(255).optional().describe('Full reference name: refs/pull/42/head. Default: the default branch.'),
  actor: z.string().max(253).optional().describe('Who would dispatch; kept in the answer.'),
  triggerSource: z.string().min(1).max(100).default('manual').describe('What would start the run: manual, pull-request, ci …'),
  taskKind: z.string().max(100).optional(),
  runnerPool: objectName.optional(),
  runtimeIdentity: z.object({ serviceAccountRef: objectName }).optional(),
});

const requirement = z.object({
  owner: z.object({ kind: z.string(), name: z.string() }),
  keys: z.array(z.string()).optional(),
  purpose: z.string(),
  grant: z.string().nullable(),
  decision: z.enum(['allowed', 'requires-approval', 'missing-grant']),
});

export const permissionReviewOutput = z.object({
  decision: z.enum(['allowed', 'requires-approval', 'denied']),
  runtimeIdentity: z.object({ serviceAccountRef: z.string().nullable(), ready: z.boolean() }),
  runnerIdentity: z.object({ runnerPool: z.string().nullable(), ready: z.boolean() }),
  requiredRoles: z.array(z.object({ roleRef: z.string(), allowed: z.boolean() })),
  requiredSecrets: z.array(requirement.extend({ secretRef: z.string() })),
  requiredConfigs: z.array(requirement.extend({ configMapRef: z.string() })),
  /** Grants meant for the agent, whether they count here or not. */
  grants: z.array(z.object({ kind: z.string(), name: z.string(), source: z.string(), counts: z.boolean(), problem: z.string().optional(), approval: z.string().optional() })),
  missingGrants: z.array(z.object({ kind: z.string(), suggestedName: z.string(), reason: z.string(), message: z.string(), blocking: z.boolean() })),
  approvalRequirements: z.array(z.object({ action: z.string(), reason: z.string(), grant: z.string().optional() })),
  yamlPreview: z.array(z.string()).describe('Documents that would give what is missing.'),
  reasons: z.array(z.string()),
});
export type PermissionReview = z.output<typeof permissionReviewOutput>;

export const capabilityRequirements = z.object({ items: z.array(anyObject) });
