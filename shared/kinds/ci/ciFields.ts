import { z } from 'zod';
import { duration, quantity } from '../../kind/fields';

/** Whether code is that of people who may push here. Work on a fork is untrusted. Source: seeds, 003, kinds 22, 50 and 51. */
export const trustTier = z.enum(['trusted', 'untrusted']).describe('untrusted work gets no secrets and no access to the cluster.');

/** How CI work ended, in the words that providers agree on. Source: seeds, 004 external-object-mapping, "Pipeline mapping". */
export const ciConclusion = z.enum(['success', 'failure', 'cancelled', 'timed_out', 'skipped', 'neutral', 'action_required', 'stale']).describe('How it ended.');

/** CPU and memory as Kubernetes writes them. */
export const computeResources = z.object({
  requests: z.object({ cpu: quantity.optional(), memory: quantity.optional(), 'ephemeral-storage': quantity.optional() }).optional().describe('What is set aside.'),
  limits: z.object({ cpu: quantity.optional(), memory: quantity.optional(), 'ephemeral-storage': quantity.optional() }).optional().describe('What may be used at most.'),
});

/** What CI work runs. */
export const stepFields = {
  image: z.string().min(1).max(500).optional().describe('Container image to run in; absent means the pool\'s.'),
  command: z.array(z.string().max(65_536)).min(1).max(200).optional().describe('Program and arguments, each on its own: no shell reads them.'),
  script: z.string().max(65_536).optional().describe('Lines for sh, where a program and arguments are not enough.'),
  workingDirectory: z.string().max(1000).optional().describe('Folder within the checkout.'),
  env: z.record(z.string(), z.string()).optional().describe('Environment variables. Never secrets: those come by a grant.'),
  timeout: duration.optional().describe('It is stopped when it takes longer.'),
} as const;
