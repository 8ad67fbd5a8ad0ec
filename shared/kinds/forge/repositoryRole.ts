import { z } from 'zod';
import { REPOSITORY_ROLES } from '../../access/roles';

/** What somebody may do in a repository, from least to most. */
export const repositoryRole = z.enum(REPOSITORY_ROLES).describe('What may be done: read; triage issues; write, that is push; maintain settings; admin everything.');
