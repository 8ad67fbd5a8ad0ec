import type { z } from 'zod';
import type { setViewedInput } from '#shared/api/pulls';
import type { viewedMarks } from '#shared/api/pullViews';
import { StatusError } from '#shared/api/status';
import { toActorReference } from '../../../../resources/actorReference';
import type { ResourceClient } from '../../../../resources/resourceClient';
import type { ForgeContext } from '../../forgeContext';
import { findEntry } from '../../git/objects/tree';
import type { OpenPull } from '../openPull';
import { personalName, ViewedFiles } from './personalNotes';

type Marks = z.output<typeof viewedMarks>;

/** As many as a change has files that somebody looks at one by one. */
const MAX_MARKS = 5_000;

/** The files of a pull request that whoever asks has looked at, each with the blob that it had then. */
export async function readViewed(ctx: ForgeContext, resources: ResourceClient, { pullRequest }: OpenPull): Promise<Marks> {
  const name = personalName(pullRequest, toActorReference(resources.actor));
  const found = await ctx.resources.find(ViewedFiles, { org: pullRequest.spec.organizationRef, name });
  return { items: found?.spec.files ?? [] };
}

/**
 * Marks a file as looked at, as the blob that was looked at: a push that changes the file makes the mark worth nothing by itself. Throws
 * NotFound for a file that is on neither side of the change.
 */
export async function setViewed(ctx: ForgeContext, resources: ResourceClient, opts: { open: OpenPull; input: z.output<typeof setViewedInput> }): Promise<Marks> {
  const { open, input } = opts;
  const { pullRequest } = open;
  const owner = toActorReference(resources.actor);
  const org = pullRequest.spec.organizationRef;
  const name = personalName(pullRequest, owner);
  const sha = input.viewed ? (input.sha ?? (await presentBlob(open, input.path))) : undefined;
  const change = (files: readonly { path: string; sha: string }[]): { path: string; sha: string }[] => {
    const others = files.filter(({ path }) => path !== input.path);
    return sha === undefined ? others : [...others, { path: input.path, sha }].slice(-MAX_MARKS);
  };
  return ctx.locks.run(`personal/${org}/${name}`, async () => {
    // A mark of one's own is no act that anybody has to know of, so it leaves no record.
    if ((await ctx.resources.find(ViewedFiles, { org, name })) === undefined) {
      const created = await ctx.resources.create(ViewedFiles, org, { metadata: { name }, spec: { organizationRef: org, pullRequest: pullRequest.metadata.name, owner, files: change([]) } });
      return { items: created.spec.files };
    }
    const changed = await ctx.resources.mutate(ViewedFiles, { org, name }, ({ spec }) => {
      spec.files = change(spec.files);
    });
    return { items: changed.spec.files };
  });
}

/** The file on the new side, or on the old side of one that goes. */
async function presentBlob({ git, ends, pullRequest }: OpenPull, path: string): Promise<string> {
  for (const commit of [ends?.head, ends?.base]) {
    const entry = git === undefined || commit === undefined ? undefined : await findEntry(git, commit, path);
    if (entry !== undefined && entry.type !== 'directory') return entry.sha;
  }
  throw new StatusError('NotFound', `"${path}" is in no side of ${pullRequest.metadata.name}`, { code: 'PATH_NOT_FOUND' });
}
