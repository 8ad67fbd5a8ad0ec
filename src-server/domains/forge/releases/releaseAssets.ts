import type { Readable } from 'node:stream';
import { StatusError } from '#shared/api/status';
import type { ReleaseView } from '#shared/api/releases';
import { Release } from '#shared/kinds/forge/release';
import { timestampOf } from '../../../app/clock';
import type { Actor } from '../../../resources/actor';
import { toActorReference } from '../../../resources/actorReference';
import type { ForgeContext } from '../forgeContext';
import { dropAsset, findRelease, getRelease, inTurn, pathOf, type ReleasePlace } from './releaseVerbs';

export interface NewAsset {
  readonly name: string;
  readonly contentType: string;
  /** What the content has to be: `sha256:<hex>`. */
  readonly digest?: string;
  readonly sizeBytes?: number;
  /** Take the place of a file of the same name. */
  readonly replace: boolean;
}

const MAX_ASSETS = 1000;

/**
 * Stores a file of a release, as a stream. It is there when all of it is, and not before. Throws AlreadyExists for a name that is taken,
 * Invalid (DIGEST_MISMATCH, SIZE_MISMATCH), RequestEntityTooLarge, and InsufficientStorage.
 */
export async function addAsset(ctx: ForgeContext, place: ReleasePlace, opts: { actor: Actor; release: string; asset: NewAsset; content: Readable; maxBytes: number }): Promise<ReleaseView> {
  const { asset, maxBytes } = opts;
  checkName(asset.name);
  const release = await findRelease(place, opts.release);
  const ref = { org: place.org, name: release.metadata.name };
  await place.resources.require('upload', Release, ref);
  requireFree(release.status?.assets, asset);
  const stored = await ctx.files.put({ repository: pathOf(ctx, place), use: 'releases' }, opts.content, {
    maxBytes, ...(asset.digest === undefined ? {} : { digest: asset.digest }), ...(asset.sizeBytes === undefined ? {} : { sizeBytes: asset.sizeBytes }),
  });
  let replaced: string | undefined;
  try {
    await inTurn(ctx, place, async () => {
      await ctx.resources.mutateStatus(Release, ref, (status) => {
        requireFree(status.assets, asset);
        replaced = status.assets?.find(({ name }) => name === asset.name)?.digest;
        const others = (status.assets ?? []).filter(({ name }) => name !== asset.name);
        status.assets = [...others, { name: asset.name, ...stored, contentType: asset.contentType, uploadedBy: toActorReference(opts.actor), uploadedAt: timestampOf(ctx.clock) }];
      });
    });
  } catch (error) {
    await dropAsset(ctx, place, stored.digest);
    throw error;
  }
  if (replaced !== undefined && replaced !== stored.digest) await dropAsset(ctx, place, replaced);
  return getRelease(place, release.metadata.name);
}

/** Takes a file from a release. Throws NotFound. */
export async function removeAsset(ctx: ForgeContext, place: ReleasePlace, opts: { release: string; asset: string }): Promise<ReleaseView> {
  const release = await findRelease(place, opts.release);
  const ref = { org: place.org, name: release.metadata.name };
  await place.resources.require('upload', Release, ref);
  const { digest } = requireAsset(release.status?.assets, opts.asset);
  await inTurn(ctx, place, async () => {
    await ctx.resources.mutateStatus(Release, ref, (status) => {
      status.assets = (status.assets ?? []).filter(({ name }) => name !== opts.asset);
    });
  });
  await dropAsset(ctx, place, digest);
  return getRelease(place, release.metadata.name);
}

type Assets = ReleaseView['assets'];

/** Throws NotFound. */
export function requireAsset(assets: Assets | undefined, name: string): Assets[number] {
  const found = assets?.find((asset) => asset.name === name);
  if (found === undefined) throw new StatusError('NotFound', `This release has no file "${name}"`, { code: 'ASSET_NOT_FOUND' });
  return found;
}

function requireFree(assets: Assets | undefined, { name, replace }: NewAsset): void {
  if (!replace && assets?.some((asset) => asset.name === name) === true) {
    throw new StatusError('AlreadyExists', `This release already has a file "${name}"; remove it first, or add ?replace to the address`, { code: 'ASSET_EXISTS' });
  }
  if ((assets?.length ?? 0) >= MAX_ASSETS) throw new StatusError('Invalid', `A release has at most ${MAX_ASSETS} files`, { code: 'TOO_MANY_ASSETS' });
}

function checkName(name: string): void {
  // eslint-disable-next-line no-control-regex -- control characters are what must not be in it
  if (name.length <= 255 && !/[\u0000-\u001f\u007f/\\]/.test(name) && name.trim() === name && name !== '.' && name !== '..' && name !== '') return;
  throw new StatusError('Invalid', `"${name}" cannot be the name of a file`, { causes: [{ code: 'FieldValueInvalid', field: 'asset', message: 'a file name has at most 255 characters, no slashes and no control characters' }] });
}
