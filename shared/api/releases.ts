/** Inputs and outputs of the releases of a repository. */
import { z } from 'zod';
import { objectName } from '../kind/objectMeta';
import { releaseAsset } from '../kinds/forge/release';
import { actorReference, timestamp } from '../kind/fields';
import { repositoryParam } from './forge';
import { expectedVersion } from './paging';

const release = z.string().min(1).max(255).describe('Name of the Release object, its tag, or "latest".');

const written = {
  target: z.string().min(1).max(255).optional().describe('Branch or commit for a tag that is not there yet; absent means the default branch.'),
  title: z.string().max(300).optional(),
  notes: z.string().max(262_144).optional().describe('Markdown.'),
};

export const releaseParam = repositoryParam.extend({ release });
export const listReleasesInput = repositoryParam.extend({
  q: z.string().max(200).optional().describe('Part of the tag or title.'),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  continue: z.string().max(40).optional(),
});
export const createReleaseInput = repositoryParam.extend({
  tag: z.string().min(1).max(244),
  ...written,
  draft: z.boolean().default(false),
  prerelease: z.boolean().default(false),
  latest: z.boolean().default(true),
});
export const updateReleaseInput = releaseParam.extend({
  ...written,
  draft: z.boolean().optional().describe('false publishes it, and makes the tag when it is not there.'),
  prerelease: z.boolean().optional(),
  latest: z.boolean().optional().describe('true makes it the latest now.'),
  resourceVersion: expectedVersion,
});
export const deleteReleaseInput = releaseParam.extend({ deleteTag: z.boolean().default(false).describe('Delete the tag, too.'), resourceVersion: expectedVersion });
export const deleteAssetInput = releaseParam.extend({ asset: z.string().min(1).max(255) });
export const releaseNotesInput = repositoryParam.extend({
  tag: z.string().min(1).max(244).describe('The new tag, there or not.'),
  target: z.string().min(1).max(255).optional().describe('Where the new tag will point; absent means the default branch.'),
  previousTag: z.string().min(1).max(244).optional().describe('Absent: the newest tag before it.'),
});

export const releaseView = z.object({
  name: objectName,
  repository: z.string(),
  tag: z.string(),
  title: z.string().describe('The tag where it has no title of its own.'),
  notes: z.string(),
  draft: z.boolean(),
  prerelease: z.boolean(),
  latest: z.boolean().describe('It is the latest.'),
  mayBeLatest: z.boolean().describe('It may be the latest, once it is published.'),
  target: z.string().optional(),
  sha: z.string().optional().describe('Commit of the tag; absent while there is no tag.'),
  tagMissing: z.boolean().describe('Published, and the tag is gone.'),
  createdBy: actorReference.optional(),
  createdAt: timestamp,
  publishedAt: timestamp.optional(),
  assets: z.array(releaseAsset),
  resourceVersion: z.string(),
});
export type ReleaseView = z.output<typeof releaseView>;

export const releasePage = z.object({ items: z.array(releaseView), total: z.number().int(), continue: z.string().optional() });
export const releaseNotes = z.object({ notes: z.string(), previousTag: z.string().optional(), pullRequests: z.number().int() });
