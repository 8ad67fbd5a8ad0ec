import type { z } from 'zod';
import type { createReleaseInput, deleteReleaseInput, listReleasesInput, ReleaseView, updateReleaseInput } from '#shared/api/releases';
import { StatusError } from '#shared/api/status';
import { Release } from '#shared/kinds/forge/release';
import { Repository } from '#shared/kinds/forge/repository';
import type { Actor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';
import { type ForgeContext, repositoryPath } from '../forgeContext';
import { tagRef } from '../git/refs/refName';
import { type BranchDeps, readContinue } from '../repositories/branches';
import { openRepository } from '../repositories/openRepository';
import { addTag, removeTag } from '../repositories/tags';
import { type ReleaseObject, settleRelease } from './releaseStatus';
import { releaseName } from './releaseStrategy';
import { inOrder, latestOf, toReleaseView } from './releaseViews';

/** A repository, and who asks about it. */
export interface ReleasePlace {
  readonly org: string;
  readonly repository: string;
  readonly resources: ResourceClient;
}

/** One page of releases. Drafts are for those who could publish them. */
export async function listReleases(place: ReleasePlace, input: z.output<typeof listReleasesInput>): Promise<{ items: ReleaseView[]; total: number; continue?: string }> {
  const all = await readable(place);
  const latest = latestOf(all);
  const wanted = (input.q ?? '').toLowerCase();
  const found = inOrder(all).filter(({ spec }) => `${spec.tag}\n${spec.title ?? ''}`.toLowerCase().includes(wanted));
  const offset = readContinue(input.continue);
  const end = offset + input.limit;
  return { items: found.slice(offset, end).map((release) => toReleaseView(release, latest)), total: found.length, ...(end < found.length ? { continue: String(end) } : {}) };
}

/** By the name of the object, by the tag, or `latest`. Throws NotFound. */
export async function getRelease(place: ReleasePlace, selector: string): Promise<ReleaseView> {
  const all = await readable(place);
  const latest = latestOf(all);
  return toReleaseView(pick(all, latest, { selector, repository: place.repository }), latest);
}

/** The same, as the object that it is. */
export async function findRelease(place: ReleasePlace, selector: string): Promise<ReleaseObject> {
  const all = await readable(place);
  return pick(all, latestOf(all), { selector, repository: place.repository });
}

/** Makes a release and, unless it is a draft, its tag where there is none. Throws what making a tag throws, and Invalid naming the field. */
export async function createRelease(deps: BranchDeps, place: ReleasePlace, opts: { actor: Actor; input: z.output<typeof createReleaseInput> }): Promise<ReleaseView> {
  const { ctx } = deps;
  const { actor, input } = opts;
  const { org, repository, resources } = place;
  return inTurn(ctx, place, async () => {
    tagRef(input.tag);
    const { tag, target, title, notes, draft, prerelease, latest } = input;
    const object = {
      metadata: { name: releaseName(repository, input.tag) },
      spec: {
        organizationRef: org, repository, tag, draft, prerelease, latest,
        ...(target === undefined ? {} : { target }), ...(isBlank(title) ? {} : { title }), ...(isBlank(notes) ? {} : { notes }),
      },
    };
    // Everything is checked before the tag is made, which cannot be taken back unnoticed.
    await resources.create(Release, org, object, { dryRun: true });
    if (!draft) await makeTag(deps, place, { actor, tag, target, title });
    const created = await resources.create(Release, org, object);
    await settleRelease(ctx, { org, name: created.metadata.name });
    return getRelease(place, created.metadata.name);
  });
}

/** Changes a release; `draft: false` publishes one. Throws Conflict when it changed since `resourceVersion`. */
export async function updateRelease(deps: BranchDeps, place: ReleasePlace, opts: { actor: Actor; input: z.output<typeof updateReleaseInput> }): Promise<ReleaseView> {
  const { actor, input } = opts;
  const { org, resources } = place;
  return inTurn(deps.ctx, place, async () => {
    const { metadata, spec } = await findRelease(place, input.release);
    const ref = { org, name: metadata.name };
    if (input.resourceVersion !== undefined && input.resourceVersion !== metadata.resourceVersion) {
      throw new StatusError('Conflict', 'This release was changed by somebody else in the meantime; look at it again and retry', { code: 'RESOURCE_CHANGED' });
    }
    if (spec.draft && input.draft === false) {
      await resources.require('publish', Release, ref);
      await makeTag(deps, place, { actor, tag: spec.tag, target: input.target ?? spec.target, title: input.title ?? spec.title });
    }
    await resources.mutate(Release, ref, (draft) => {
      for (const field of ['title', 'notes', 'target'] as const) {
        if (input[field] === undefined) continue;
        if (isBlank(input[field])) delete draft.spec[field];
        else draft.spec[field] = input[field];
      }
      draft.spec.draft = input.draft ?? draft.spec.draft;
      draft.spec.prerelease = input.prerelease ?? draft.spec.prerelease;
      draft.spec.latest = input.latest ?? draft.spec.latest;
    });
    await settleRelease(deps.ctx, ref, { markLatest: input.latest === true });
    return getRelease(place, metadata.name);
  });
}

/** Deletes a release and its files; the tag only when that is asked for. */
export async function deleteRelease(deps: BranchDeps, place: ReleasePlace, opts: { actor: Actor; input: z.output<typeof deleteReleaseInput> }): Promise<{ deleted: true; name: string }> {
  const { ctx } = deps;
  const { actor, input } = opts;
  const { org, resources } = place;
  return inTurn(ctx, place, async () => {
    const { metadata, spec, status } = await findRelease(place, input.release);
    const ref = { org, name: metadata.name };
    await resources.delete(Release, ref, { expectedUid: metadata.uid, ...(input.resourceVersion === undefined ? {} : { expectedResourceVersion: input.resourceVersion }) });
    for (const { digest } of status?.assets ?? []) await dropAsset(ctx, place, digest);
    if (input.deleteTag && status?.sha !== undefined) {
      const repository = await openRepository(ctx, resources, { org, name: place.repository });
      await removeTag(deps, repository, { actor, input: { org, repository: place.repository, name: spec.tag } });
    }
    return { deleted: true, name: metadata.name };
  });
}

/** The repository needs the bytes no more, unless another of its releases has them. */
export async function dropAsset(ctx: ForgeContext, place: Pick<ReleasePlace, 'org' | 'repository'>, digest: string): Promise<void> {
  const { items } = await ctx.resources.list(Release, { org: place.org, fieldSelector: `spec.repository=${place.repository}` });
  if (items.some(({ status }) => status?.assets?.some((asset) => asset.digest === digest) === true)) return;
  await ctx.files.drop({ repository: pathOf(ctx, place), use: 'releases' }, digest);
}

export function pathOf(ctx: ForgeContext, place: Pick<ReleasePlace, 'org' | 'repository'>): string {
  return repositoryPath(ctx.repositoriesRoot, place.org, place.repository);
}

/** One after the other in a repository: a tag has one release, and a release one tag. */
export function inTurn<T>(ctx: ForgeContext, place: Pick<ReleasePlace, 'org' | 'repository'>, work: () => Promise<T>): Promise<T> {
  return ctx.locks.run(`releases/${place.org}/${place.repository}`, work);
}

async function readable({ org, repository, resources }: ReleasePlace): Promise<ReleaseObject[]> {
  // Who may not see the repository is told that there is none.
  await resources.get(Repository, { org, name: repository });
  const { items } = await resources.list(Release, { org, fieldSelector: `spec.repository=${repository}` });
  const isWriter = (await resources.may('push', Repository, { org, name: repository })).allowed;
  return items.filter(({ metadata, spec }) => metadata.deletionTimestamp === undefined && (isWriter || !spec.draft));
}

function pick(all: readonly ReleaseObject[], latest: ReleaseObject | undefined, wanted: { selector: string; repository: string }): ReleaseObject {
  const { selector, repository } = wanted;
  const found = selector === 'latest' ? latest : all.find(({ metadata }) => metadata.name === selector) ?? all.find(({ spec }) => spec.tag === selector);
  if (found !== undefined) return found;
  throw new StatusError('NotFound', selector === 'latest' ? `Repository "${repository}" has no published release yet` : `Repository "${repository}" has no release "${selector}"`, { code: 'RELEASE_NOT_FOUND' });
}

async function makeTag(deps: BranchDeps, place: ReleasePlace, opts: { actor: Actor; tag: string; target: string | undefined; title: string | undefined }): Promise<void> {
  const { org, resources } = place;
  const repository = await openRepository(deps.ctx, resources, { org, name: place.repository });
  if ((await repository.git.objects.resolve(tagRef(opts.tag))) !== undefined) return;
  const from = opts.target ?? repository.object.spec.defaultBranch;
  const message = isBlank(opts.title) ? opts.tag : opts.title;
  await addTag(deps, repository, { actor: opts.actor, input: { org, repository: place.repository, name: opts.tag, from, ...(message === undefined ? {} : { message }) } });
}

function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === '';
}
