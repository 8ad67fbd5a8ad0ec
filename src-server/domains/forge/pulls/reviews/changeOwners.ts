import { findEntry } from '../../git/objects/tree';
import type { GitRepository } from '../../git/gitRepositories';
import { LruCache } from '../../git/lruCache';
import { ObjectTooLarge } from '../../git/objects/objectReader';
import { type CodeOwners, type OwnerRule, type OwnersFault, parseCodeOwners } from './codeOwners';
import type { PullFacts } from '../pullFacts';

/** Where a CODEOWNERS file may be; the first that is there counts. The last three and their order are GitHub's. */
export const CODEOWNERS_PATHS = ['.kradle/CODEOWNERS', '.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'] as const;

/** Who owns the files of a change, by the CODEOWNERS file of a commit of its target. */
export interface ChangeOwners {
  readonly path: string;
  readonly faults: readonly OwnersFault[];
  /** The changed files that have owners, by the rule that decides. */
  readonly groups: readonly OwnedFiles[];
}

export interface OwnedFiles {
  readonly rule: OwnerRule;
  readonly files: readonly string[];
}

/** GitHub's own bound. */
const MAX_BYTES = 3 * 1024 * 1024;

/** By the blob's id: a file is the same wherever it is. */
const parsed = new LruCache<CodeOwners>(200_000);
/** By repository, file and change. */
const owned = new LruCache<ChangeOwners>(500_000);

/**
 * Reads who owns what a pull request changes; undefined where the target has no CODEOWNERS file. It is the target's file that counts: a
 * change of the file itself gives nobody a say before it is merged. A renamed file is its owners' under both names.
 */
export async function readChangeOwners(git: GitRepository, commits: { target: string; head: string }, facts: PullFacts): Promise<ChangeOwners | undefined> {
  const file = await findFile(git, commits.target);
  if (file === undefined) return undefined;
  const key = [git.path, file.path, file.sha, facts.mergeBaseSha ?? '', commits.head].join('\0');
  const known = owned.get(key);
  if (known !== undefined) return known;
  const owners = await readFile(git, file.sha);
  const groups = new Map<OwnerRule, Set<string>>();
  for (const [path, oldPath] of facts.paths) {
    for (const each of path === oldPath ? [path] : [path, oldPath]) {
      const rule = owners.ruleFor(each);
      if (rule === undefined || rule.owners.length === 0) continue;
      const files = groups.get(rule) ?? new Set();
      groups.set(rule, files.add(path));
    }
  }
  const answer: ChangeOwners = {
    path: file.path,
    faults: owners.faults,
    groups: [...groups].sort(([left], [right]) => left.line - right.line).map(([rule, files]) => ({ rule, files: [...files] })),
  };
  owned.set(key, answer, 1 + facts.paths.size);
  return answer;
}

async function findFile(git: GitRepository, commit: string): Promise<{ path: string; sha: string } | undefined> {
  for (const path of CODEOWNERS_PATHS) {
    const entry = await findEntry(git, commit, path);
    if (entry?.type === 'file' || entry?.type === 'executable') return { path, sha: entry.sha };
  }
  return undefined;
}

async function readFile(git: GitRepository, sha: string): Promise<CodeOwners> {
  const known = parsed.get(sha);
  if (known !== undefined) return known;
  const owners = parseCodeOwners(await readText(git, sha));
  parsed.set(sha, owners, owners.rules.length + 1);
  return owners;
}

/** A file that is too large says so as a line that cannot be understood. */
async function readText(git: GitRepository, sha: string): Promise<string> {
  try {
    return (await git.objects.read(sha, MAX_BYTES))?.content.toString('utf8') ?? '';
  } catch (error) {
    if (error instanceof ObjectTooLarge) return '!the file is larger than 3 MiB and says nothing';
    throw error;
  }
}
