import { z } from 'zod';

/** What somebody may do in a repository, from least to most. */
export const repositoryRole = z.enum(['read', 'triage', 'write', 'maintain', 'admin']).describe('What may be done: read; triage issues; write, that is push; maintain settings; admin everything.');
