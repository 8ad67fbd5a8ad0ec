import { z } from 'zod';
import { duration, objectName, timestamp } from '../../kind/fields';

/** A repository, wherever it is: forks and templates may be of another organization. */
export const repositoryAddress = z.object({ organization: objectName, repository: objectName });
export type RepositoryAddress = z.output<typeof repositoryAddress>;

/**
 * What another git host is shown. The Secret's keys decide how: `username` and `password` (or `token`) for https, `privateKey` (with
 * `knownHosts`) for ssh.
 */
export const gitCredential = z.object({ secretName: objectName.describe('Name of the Secret: username and password, a token, or privateKey for ssh.') })
  .describe('What the other host is shown, kept in a Secret of the organization.');

/** A repository that is kept the same as one elsewhere. */
export const mirrorSpec = z.object({
  direction: z.enum(['pull', 'push']).describe('pull: branches and tags come from there, and nobody pushes here. push: they go there after every push.'),
  url: z.string().min(1).max(4096).describe('Address of the other repository: https, ssh or git.'),
  interval: duration.default('1h').describe('How often they are compared; one minute at least.'),
  credential: gitCredential.optional(),
  refs: z.array(z.string().min(1).max(255)).max(100).optional().describe('Branches and tags that are mirrored, as names or patterns (refs/heads/release/*); absent means all.'),
  prune: z.boolean().default(true).describe('What was deleted at the source is deleted at the copy.'),
  force: z.boolean().default(false).describe('push: overwrite what the other side has that is not here.'),
  lfs: z.boolean().default(true).describe('Large files (Git LFS) are mirrored, too.'),
  paused: z.boolean().default(false).describe('Nothing is mirrored until this is taken back.'),
}).describe('Keep it the same as a repository elsewhere.');
export type MirrorSpec = z.output<typeof mirrorSpec>;

export const mirrorStatus = z.object({
  phase: z.enum(['Waiting', 'Syncing', 'Synced', 'Diverged', 'Failed', 'Paused']).optional(),
  message: z.string().optional().describe('What went wrong, in words.'),
  startedAt: timestamp.optional(),
  lastSyncAt: timestamp.optional().describe('When the last one ended, well or not.'),
  lastSuccessAt: timestamp.optional(),
  nextSyncAt: timestamp.optional(),
  failures: z.number().int().optional().describe('Failed one after the other.'),
  /** The address and refs that the last sync was of; another one begins anew. */
  observedGeneration: z.number().int().optional(),
  requestedAt: timestamp.optional().describe('When somebody last asked for a sync.'),
  updatedRefs: z.number().int().optional(),
  refs: z.array(z.object({
    ref: z.string(),
    result: z.enum(['created', 'updated', 'forced', 'deleted', 'rejected', 'diverged', 'ignored']),
    message: z.string().optional(),
  })).optional().describe('What the last sync that changed or was refused something did, at most 100.'),
}).describe('How mirroring goes.');
