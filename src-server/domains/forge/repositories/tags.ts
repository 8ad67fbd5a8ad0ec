import type { z } from 'zod';
import type { createTagInput, deleteTagInput, refsInput } from '#shared/api/code';
import type { gitTag } from '#shared/api/git';
import { StatusError } from '#shared/api/status';
import type { Actor } from '../../../resources/actor';
import { commitIdentityOf } from './commitIdentity';
import type { ForgeContext } from '../forgeContext';
import { formatSignature } from '../git/objects/commitObject';
import { tagRef } from '../git/refs/refName';
import { listRefs, updateRef } from '../git/refs/refs';
import { requireRevision } from '../git/objects/resolve';
import { noteRefs, requireRefsVerb } from '../push/refAccess';
import { type BranchDeps, readContinue, requireAllowed, tellRefs } from './branches';
import type { OpenRepository } from './openRepository';

/** Tags, the newest first. */
export async function listTags(repository: OpenRepository, input: z.output<typeof refsInput>): Promise<{ items: z.output<typeof gitTag>[]; total: number; continue?: string }> {
  const page = await listRefs(repository.git, { kind: 'tags', limit: input.limit, offset: readContinue(input.continue), ...(input.q === undefined ? {} : { search: input.q }) });
  return {
    items: page.items.map((ref) => ({ name: ref.name, sha: ref.sha, subject: ref.tag?.subject ?? ref.subject, taggedAt: ref.date ?? '', annotated: ref.tag !== undefined })),
    total: page.total,
    ...(page.nextOffset === undefined ? {} : { continue: String(page.nextOffset) }),
  };
}

/**
 * Makes a tag at a commit, as far as the rules of the repository let this actor; with a message an annotated one. Throws AlreadyExists,
 * Forbidden (POLICY_DENIED) and Invalid for a name that git would not take.
 */
export async function addTag(deps: BranchDeps, repository: OpenRepository, opts: { actor: Actor; input: z.output<typeof createTagInput> }): Promise<{ name: string; sha: string }> {
  const { ctx } = deps;
  const { actor, input } = opts;
  const ref = tagRef(input.name, 'name');
  const rule = await requireRefsVerb(ctx, repository, { verb: 'create-tag', actor });
  const { sha } = await requireRevision(repository.git, input.from);
  if ((await repository.git.objects.resolve(ref)) !== undefined) throw new StatusError('AlreadyExists', `There is already a tag "${input.name}"`, { code: 'TAG_EXISTS' });
  await requireAllowed(ctx, repository, { actor, change: { ref, oldSha: undefined, newSha: sha, forced: false } });
  const message = input.message?.trim() ?? '';
  const oid = message === '' ? sha : await writeTag(ctx, repository, { actor, name: input.name, sha, message });
  await updateRef(repository.git, { ref, newOid: oid, expectedOid: undefined, reason: 'tag: created' });
  await noteRefs(repository, { verb: 'create-tag', actor, rule, moved: [{ ref, newOid: oid }] });
  await tellRefs(deps, repository, ref);
  return { name: input.name, sha };
}

/** Deletes a tag, as far as the rules of the repository let this actor. Throws NotFound and Forbidden (POLICY_DENIED). */
export async function removeTag(deps: BranchDeps, repository: OpenRepository, opts: { actor: Actor; input: z.output<typeof deleteTagInput> }): Promise<{ deleted: true; name: string; sha: string }> {
  const { actor, input } = opts;
  const ref = tagRef(input.name, 'name');
  const rule = await requireRefsVerb(deps.ctx, repository, { verb: 'delete-tag', actor });
  const oid = await repository.git.objects.resolve(ref);
  if (oid === undefined) throw new StatusError('NotFound', `Repository "${repository.name}" has no tag "${input.name}"`, { code: 'REVISION_NOT_FOUND' });
  await requireAllowed(deps.ctx, repository, { actor, change: { ref, oldSha: oid, newSha: undefined, forced: false } });
  await updateRef(repository.git, { ref, newOid: undefined, expectedOid: oid, reason: 'tag: deleted' });
  await noteRefs(repository, { verb: 'delete-tag', actor, rule, moved: [{ ref, oldOid: oid }] });
  await tellRefs(deps, repository, ref);
  return { deleted: true, name: input.name, sha: oid };
}

async function writeTag(ctx: ForgeContext, repository: OpenRepository, tag: { actor: Actor; name: string; sha: string; message: string }): Promise<string> {
  const by = await commitIdentityOf(ctx.resources, repository.org, tag.actor);
  const content = Buffer.concat([
    Buffer.from(`object ${tag.sha}\ntype commit\ntag ${tag.name}\ntagger `),
    formatSignature(by, new Date(ctx.clock.now())),
    Buffer.from(`\n\n${tag.message}\n`),
  ]);
  const { stdout } = await repository.git.git.run(['hash-object', '-t', 'tag', '-w', '--stdin'], { gitDir: repository.git.path, input: content });
  return stdout.toString('latin1').trim();
}
