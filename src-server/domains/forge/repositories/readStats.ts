import { z } from 'zod';
import type { contributorsView, filesInput } from '#shared/api/code';
import { createAnswerCache } from '../git/history/answerCache';
import { countCommits } from '../git/history/commits';
import type { GitRepository } from '../git/gitRepositories';
import { LruCache } from '../git/lruCache';
import { languageOf } from './language';
import { type OpenRepository, resolveRef } from './openRepository';
import { readPaths } from './readCode';

interface Stats {
  readonly commitCount: number;
  readonly languages: { name: string; files: number }[];
}

/** By repository and commit: neither changes. */
const stats = new LruCache<Stats>(2000);
const contributors = new LruCache<z.output<typeof contributorsView>>(500);
const MAX_SHOWN = 100;

/** How many commits a ref has, and its languages by number of files, most first. */
export async function readStats(repository: OpenRepository, input: z.output<typeof filesInput>, signal: AbortSignal): Promise<Stats> {
  const { sha } = await resolveRef(repository, input.ref);
  const key = `${repository.git.path}\0${sha}`;
  const known = stats.get(key);
  if (known !== undefined) return known;
  const [commitCount, { paths }] = await Promise.all([countCommits(repository.git, sha), readPaths(repository, { ...input, ref: sha }, signal)]);
  const found = { commitCount, languages: countLanguages(paths) };
  stats.set(key, found);
  return found;
}

/** Who wrote the commits of a ref, as .mailmap calls them. */
export async function readContributors(repository: OpenRepository, input: z.output<typeof filesInput>, signal: AbortSignal): Promise<z.output<typeof contributorsView>> {
  const { sha } = await resolveRef(repository, input.ref);
  const key = `${repository.git.path}\0${sha}`;
  const known = contributors.get(key) ?? (await kept.read(repository.git, sha)) ?? (await countAuthors(repository.git, sha, signal));
  contributors.set(key, known);
  return known;
}

const kept = createAnswerCache('contributors', (value): z.output<typeof contributorsView> | undefined =>
  z.object({ total: z.number(), items: z.array(z.object({ name: z.string(), email: z.string(), commits: z.number() })) }).safeParse(value).data);

async function countAuthors(git: GitRepository, sha: string, signal: AbortSignal): Promise<z.output<typeof contributorsView>> {
  const { stdout } = await git.git.run(['shortlog', '--summary', '--numbered', '--email', '--no-merges', sha, '--'], { gitDir: git.path, signal, maxBytes: 64 * 1024 * 1024, config: [['mailmap.blob', `${sha}:.mailmap`]] });
  const lines = stdout.toString('utf8').split('\n').filter((line) => line !== '');
  const items = lines.slice(0, MAX_SHOWN).flatMap((line) => {
    const match = /^\s*(\d+)\t(.*) <([^<>]*)>$/.exec(line);
    return match === null ? [] : [{ commits: Number(match[1]), name: match[2] ?? '', email: match[3] ?? '' }];
  });
  const answer = { total: lines.length, items };
  await kept.write(git, sha, answer);
  return answer;
}

/** By number of files, most first; at most ten. */
function countLanguages(paths: readonly string[]): { name: string; files: number }[] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const name = languageOf(path, undefined);
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, files]) => ({ name, files })).sort((left, right) => right.files - left.files || left.name.localeCompare(right.name)).slice(0, 10);
}
