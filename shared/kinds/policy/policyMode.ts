import { z } from 'zod';

/** How much a policy has to say. Source: seeds, 003, kinds 17 and 19. */
export const policyMode = z.enum(['audit', 'enforce', 'disabled']).describe('audit reports what breaks the policy, enforce refuses it, disabled leaves it alone.');
