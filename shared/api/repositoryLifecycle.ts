/** Inputs and outputs of what happens to a repository as a whole. */
import { z } from 'zod';
import { objectName, timestamp } from '../kind/objectMeta';
import { actorReference } from '../kind/fields';
import { repositoryAddress } from '../kinds/forge/repositoryOrigin';
import { repositoryParam } from './forge';
import { orgParam } from './paging';

const newName = objectName.max(100);
const visibility = z.enum(['public', 'internal', 'private']);

export const forkInput = repositoryParam.extend({
  organization: objectName.optional().describe('Where the fork goes; default: the organization that the repository is of.'),
  name: newName.optional().describe('Default: the name of the repository, with a number where that is taken.'),
  visibility: visibility.optional().describe('At most that of the repository; default: as visible as it, and private in another organization unless it is public.'),
  defaultBranchOnly: z.boolean().default(false).describe('Only the default branch comes along.'),
});
export const forksInput = repositoryParam;
export const syncForkInput = repositoryParam.extend({
  branch: z.string().min(1).max(255).optional().describe('Default: the default branch. It is made where the fork lacks it.'),
});
export const renameInput = repositoryParam.extend({ name: newName.describe('The new name.') });
export const reviewTransferInput = repositoryParam.extend({ organization: objectName.describe('Where it would go.') });
export const transferInput = repositoryParam.extend({
  organization: objectName.describe('Where it goes.'),
  name: newName.optional().describe('Its name there; default: the one it has.'),
});
export const createFromTemplateInput = repositoryParam.extend({
  organization: objectName.optional().describe('Where the new repository goes; default: the organization of the template.'),
  name: newName.describe('Name of the new repository.'),
  visibility: visibility.default('private'),
  description: z.string().max(2000).optional(),
  allBranches: z.boolean().default(false).describe('A fresh commit for each branch of the template, and not for its default branch only.'),
});
export const restoreInput = orgParam.extend({ id: objectName, name: newName.optional().describe('Another name, where the old one is taken.') });
export const deletedParam = orgParam.extend({ id: objectName.describe('Id of the deleted repository, as the list has it.') });

/** What became of a repository, and where it is now. */
export const movedRepository = z.object({ organization: objectName, repository: objectName });
export type MovedRepository = z.output<typeof movedRepository>;

export const location = z.object({
  organization: objectName,
  repository: objectName,
  moved: z.boolean().describe('It was asked for by an address that it had earlier.'),
});

export const transferReview = z.object({
  allowed: z.boolean(),
  /** What is in the way; a transfer is refused for each of them. */
  blockers: z.array(z.string()),
  /** What does not go along, a sentence each. */
  left: z.array(z.string()),
  objects: z.array(z.object({ kind: z.string(), count: z.number().int() })).describe('What goes along.'),
});
export type TransferReview = z.output<typeof transferReview>;

export const forkView = z.object({
  organization: objectName,
  repository: objectName,
  visibility: z.string(),
  createdAt: timestamp,
  createdBy: actorReference.optional(),
  pushedAt: timestamp.optional(),
  archived: z.boolean(),
});
export const forkNetwork = z.object({
  parent: repositoryAddress.optional().describe('What it is a fork of; absent where there is none, or it is not yours to see.'),
  root: repositoryAddress.optional().describe('Where the network begins.'),
  /** Forks that may be seen. */
  items: z.array(forkView),
  total: z.number().int().describe('All of its forks, those included that are not shown.'),
  /** Commits of the default branch against that of the parent. */
  ahead: z.number().int().optional(),
  behind: z.number().int().optional(),
});
export type ForkNetwork = z.output<typeof forkNetwork>;

export const syncedFork = z.object({ branch: z.string(), before: z.string().optional(), after: z.string(), result: z.enum(['up-to-date', 'fast-forward', 'created']) });

export const deletedRepository = z.object({
  id: objectName,
  organization: objectName,
  repository: objectName,
  visibility: z.string(),
  description: z.string().optional(),
  deletedAt: timestamp,
  deletedBy: z.string().optional(),
  purgeAt: timestamp.describe('When it goes for good.'),
  phase: z.enum(['Deleting', 'Deleted', 'Restoring', 'Purging']),
  sizeBytes: z.number().int().optional(),
  objects: z.array(z.object({ kind: z.string(), count: z.number().int() })),
  nameTaken: z.boolean().describe('Another repository has the name: it can be restored under another.'),
});
export type DeletedRepositoryView = z.output<typeof deletedRepository>;
