import type { ReleaseView } from '#shared/api/releases';
import type { ReleaseObject } from './releaseStatus';

/** The release that is the latest of a repository: of those that may be, the one that was made so last. */
export function latestOf(releases: readonly ReleaseObject[]): ReleaseObject | undefined {
  return releases
    .filter((release) => release.status?.phase === 'Published' && release.status.latestAt !== undefined)
    .sort((left, right) => compare(right.status?.latestAt, left.status?.latestAt) || compare(right.metadata.name, left.metadata.name))[0];
}

/** Drafts first, then what was published last. */
export function inOrder(releases: readonly ReleaseObject[]): ReleaseObject[] {
  const at = (release: ReleaseObject): string => release.status?.publishedAt ?? release.metadata.creationTimestamp;
  return [...releases].sort((left, right) => Number(right.spec.draft) - Number(left.spec.draft) || compare(at(right), at(left)) || compare(left.metadata.name, right.metadata.name));
}

export function toReleaseView(release: ReleaseObject, latest: ReleaseObject | undefined): ReleaseView {
  const { spec, status = {}, metadata } = release;
  return {
    name: metadata.name,
    repository: spec.repository,
    tag: spec.tag,
    title: spec.title ?? spec.tag,
    notes: spec.notes ?? '',
    draft: spec.draft,
    prerelease: spec.prerelease,
    latest: latest?.metadata.name === metadata.name,
    mayBeLatest: spec.latest && !spec.prerelease,
    ...(spec.target === undefined ? {} : { target: spec.target }),
    ...(status.sha === undefined ? {} : { sha: status.sha }),
    tagMissing: status.phase === 'TagMissing',
    ...(spec.createdBy === undefined ? {} : { createdBy: spec.createdBy }),
    createdAt: metadata.creationTimestamp,
    ...(status.publishedAt === undefined ? {} : { publishedAt: status.publishedAt }),
    assets: [...(status.assets ?? [])].sort((left, right) => compare(left.name, right.name)),
    resourceVersion: metadata.resourceVersion,
  };
}

function compare(left: string | undefined, right: string | undefined): number {
  return (left ?? '') < (right ?? '') ? -1 : (left ?? '') > (right ?? '') ? 1 : 0;
}
