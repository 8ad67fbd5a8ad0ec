import { pipeline } from 'node:stream/promises';
import { StatusError } from '#shared/api/status';
import type { Endpoint } from '../../../http/endpoint';
import type { ForgeContext } from '../forgeContext';
import { mergeBase, readCommit } from '../git/history/commits';
import { type PatchFormat, streamPatch } from '../git/history/patch';
import { requireRevision } from '../git/objects/resolve';
import { openRepository, type OpenRepository } from '../repositories/openRepository';
import { attachment, setSafeHeaders } from './downloadHeaders';

/**
 * Changes as text for other programs: `…/repositories/REPO/patches/SHA.patch`, or `BASE...HEAD.diff`, or `BASE..HEAD.patch`. A `.patch` is for
 * `git am`, one mail a commit; a `.diff` is for `git apply`.
 */
export function createPatchEndpoint(ctx: ForgeContext): Endpoint {
  return {
    methods: ['GET'],
    pattern: /^\/api\/orgs\/(?<org>[^/]+)\/repositories\/(?<repo>[^/]+)\/patches\/(?<spec>.+)\.(?<format>patch|diff)$/,
    openapi: { path: '/api/orgs/{org}/repositories/{repository}/patches/{specAndFormat}', summary: 'A commit (SHA) or a comparison (BASE...HEAD, BASE..HEAD) as .patch or .diff', tags: ['Repositories'], answers: 'text/plain' },
    async handle(request) {
      const { org = '', repo = '', spec = '', format = '' } = request.params;
      if (format !== 'patch' && format !== 'diff') throw new StatusError('NotFound', 'Changes end in .patch or .diff');
      const repository = await openRepository(ctx, ctx.resources.as(request.actor), { org, name: repo });
      const range = await readRange(repository, spec, format);
      setSafeHeaders(request, { immutable: false });
      request.res.setHeader('Content-Type', 'text/plain; charset=utf-8');
      if (request.url.searchParams.get('download') !== null) request.res.setHeader('Content-Disposition', attachment(`${spec.replaceAll('/', '-')}.${format}`));
      await pipeline(streamPatch(repository.git, { ...range, format, signal: request.signal }), request.res);
    },
  };
}

/** The two commits to compare; no base is the empty tree. */
async function readRange({ git }: OpenRepository, spec: string, format: PatchFormat): Promise<{ base: string | undefined; head: string }> {
  const [, base, dots, head] = /^(.+?)(\.{2,3})(.+)$/.exec(spec) ?? [];
  if (base === undefined || head === undefined) {
    const { sha } = await requireRevision(git, spec);
    return { base: (await readCommit(git, sha)).parents[0], head: sha };
  }
  const [from, to] = await Promise.all([requireRevision(git, base), requireRevision(git, head)]);
  // Mails are those of head that base lacks, whichever way the two are compared.
  if (dots === '..' || format === 'patch') return { base: from.sha, head: to.sha };
  return { base: await mergeBase(git, from.sha, to.sha), head: to.sha };
}
