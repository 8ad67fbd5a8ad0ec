import { z } from 'zod';

/** What a run's outcome may be turned into. Source: seeds, 001 artifacts and write-back, "Write-back actions". */
export const writeBackTarget = z.enum([
  'branch-push', 'create-branch', 'pull-request', 'pull-request-comment', 'pull-request-review', 'issue-comment', 'check-rerun', 'workflow-rerun',
  'release-note', 'release-approval',
]);

/** What may be done with a run's outcome, and whether a person decides. Source: seeds, 002, "writeBackPolicy". */
export const writeBackPolicy = z.object({
  requireApproval: z.boolean().default(true).describe('A person approves before anything leaves the workspace.'),
  allowedTargets: z.array(writeBackTarget).optional().describe('What the outcome may become; absent allows each.'),
});
