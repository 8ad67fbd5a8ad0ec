import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { actorReference, commitId, digest, organizationRef, refTo, timestamp } from '../../kind/fields';
import { external, externalRefs } from '../external/externalEnvelope';

/** A file that is offered with a release. Its bytes are kept by their digest. */
export const releaseAsset = z.object({
  name: z.string().min(1).max(255).describe('Name that it is downloaded under.'),
  digest: digest.describe('SHA-256 of its bytes.'),
  sizeBytes: z.number().int().min(0),
  contentType: z.string().max(255).describe('Media type, as whoever uploaded it said.'),
  downloadCount: z.number().int().min(0).optional().describe('How often it was downloaded; a part of a file counts when it is the first.'),
  uploadedBy: actorReference.optional(),
  uploadedAt: timestamp,
});

export const Release = defineKind({
  names: { kind: 'Release', plural: 'releases', singular: 'release', shortNames: ['rel'], title: 'Releases' },
  context: 'forge',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'A version of a repository that people use: its tag, notes and files',
  spec: () => z.object({
    organizationRef,
    repository: refTo('Repository'),
    tag: z.string().min(1).max(244).describe('Tag that the release is of; made when it is published, unless it is there.'),
    target: z.string().min(1).max(255).optional().describe('Branch or commit that a new tag points at; absent means the default branch.'),
    title: z.string().min(1).max(300).optional().describe('Its name; absent means that of the tag.'),
    notes: z.string().max(262_144).optional().describe('What is new, in Markdown.'),
    draft: z.boolean().default(false).describe('Not published yet: it has no tag of its own, and only those who may write releases find it on the page.'),
    prerelease: z.boolean().default(false).describe('Not meant for everybody yet; never the latest.'),
    latest: z.boolean().default(true).describe('May be the latest. Of those that may, it is the one that was published last.'),
    createdBy: actorReference.optional().describe('Who made it; filled in by the server.'),
    external,
  }),
  status: () => z.object({
    phase: z.enum(['Draft', 'Published', 'TagMissing']).optional().describe('TagMissing: it is published, and the repository has no such tag.'),
    message: z.string().optional(),
    sha: commitId.optional().describe('Commit of the tag.'),
    publishedAt: timestamp.optional(),
    latestAt: timestamp.optional().describe('Since when it may be the latest; the youngest of these is.'),
    assets: z.array(releaseAsset).max(1000).optional().describe('Its files. They are uploaded by PUT …/assets/NAME, and written here by the server alone.'),
  }),
  columns: [
    { name: 'Repository', path: 'spec.repository', type: 'ref' },
    { name: 'Tag', path: 'spec.tag', type: 'string' },
    { name: 'Title', path: 'spec.title', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Published', path: 'status.publishedAt', type: 'age' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.repository', kind: 'Repository', required: true, owner: true }, ...externalRefs],
  immutable: ['spec.repository', 'spec.tag'],
  search: ['spec.tag', 'spec.title'],
  form: { notes: { widget: 'textarea' }, createdBy: { advanced: true }, external: { advanced: true } },
});
