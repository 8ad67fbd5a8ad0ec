import type { z } from 'zod';
import type { releaseNotes, releaseNotesInput } from '#shared/api/releases';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import type { ForgeContext } from '../forgeContext';
import type { GitRepository } from '../git/gitRepositories';
import { resolveRevision } from '../git/objects/resolve';
import { type OpenRepository, resolveRef } from '../repositories/openRepository';

const MAX_COMMITS = 100_000;
const MAX_LISTED = 500;

/** Notes for a release, from the pull requests that were merged since the tag before it. */
export async function writeReleaseNotes(ctx: ForgeContext, repository: OpenRepository, input: z.output<typeof releaseNotesInput>): Promise<z.output<typeof releaseNotes>> {
  const { git, org, name } = repository;
  const tagged = await resolveRevision(git, `refs/tags/${input.tag}`);
  const target = tagged ?? (await resolveRef(repository, input.target));
  const previousTag = input.previousTag ?? (await tagBefore(git, { sha: target.sha, tag: input.tag }));
  const previous = previousTag === undefined ? undefined : await resolveRef(repository, `refs/tags/${previousTag}`);
  const commits = await commitsBetween(git, previous?.sha, target.sha);
  const { items } = await ctx.resources.list(PullRequest, { org, fieldSelector: `spec.repository=${name},status.phase=Merged` });
  const merged = items
    .filter(({ status }) => status?.merge !== undefined && commits.has(status.merge.sha))
    .sort((left, right) => ((left.status?.merge?.mergedAt ?? '') < (right.status?.merge?.mergedAt ?? '') ? -1 : 1));
  const lines = merged.slice(0, MAX_LISTED).map(({ metadata, spec }) => `- ${escapeMarkdown(spec.title)} ([#${spec.number ?? metadata.name}](/o/${org}/pulls/${metadata.name})) by ${spec.author?.name ?? 'somebody'}`);
  const range = previousTag === undefined ? undefined : `[${escapeMarkdown(previousTag)}…${escapeMarkdown(input.tag)}](/o/${org}/repositories/${name}/compare/${encodeURIComponent(`${previousTag}...${input.tag}`)})`;
  const notes = [
    '## What is new',
    lines.length === 0 ? (commits.size === 0 ? 'Nothing changed.' : `${commits.size.toLocaleString('en')} ${commits.size === 1 ? 'commit' : 'commits'}, none of them by a pull request.`) : lines.join('\n'),
    ...(range === undefined ? [] : [`All changes: ${range}`]),
  ].join('\n\n');
  return { notes: `${notes}\n`, ...(previousTag === undefined ? {} : { previousTag }), pullRequests: merged.length };
}

/** The newest tag in the history of a commit that is neither the new one nor on the same commit. */
async function tagBefore(git: GitRepository, target: { sha: string; tag: string }): Promise<string | undefined> {
  const { stdout } = await git.git.run(['for-each-ref', `--merged=${target.sha}`, '--sort=-creatordate', '--format=%(refname:strip=2)%00%(objectname)%00%(*objectname)', 'refs/tags'], { gitDir: git.path, maxBytes: 64 * 1024 * 1024 });
  for (const line of stdout.toString('utf8').split('\n')) {
    const [name = '', oid = '', peeled = ''] = line.split('\0');
    if (name !== '' && name !== target.tag && oid !== target.sha && peeled !== target.sha) return name;
  }
  return undefined;
}

async function commitsBetween(git: GitRepository, from: string | undefined, to: string): Promise<Set<string>> {
  const { stdout } = await git.git.run(['rev-list', `--max-count=${MAX_COMMITS}`, to, ...(from === undefined ? [] : [`^${from}`]), '--'], { gitDir: git.path });
  return new Set(stdout.toString('latin1').split('\n').filter((sha) => sha !== ''));
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~]/g, '\\$&');
}
