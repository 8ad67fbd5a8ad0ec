import type { GitRepository } from '../gitRepositories';

/** A branch that somebody deleted, and whose commits are kept for a while. */
export interface DeletedBranch {
  readonly name: string;
  readonly sha: string;
  /** First line of its last commit. */
  readonly subject: string;
  /** Name of the account. */
  readonly deletedBy: string;
  /** RFC 3339. */
  readonly deletedAt: string;
}

/** Hidden references: `refs/kradle/deleted/SECONDS-ACTOR/BRANCH`, with the slashes of the branch written as %2F. They keep its commits. */
const PREFIX = 'refs/kradle/deleted/';
export const DELETED_BRANCH_DAYS = 90;
const MAX_KEPT = 1000;
/** A reference is a file. */
const MAX_NAME_BYTES = 240;

/** Keeps what branches had that were deleted just now, and forgets what was deleted long ago. One git reads, one writes, however many there are. */
export async function keepDeletedBranches(repository: GitRepository, deleted: readonly { readonly name: string; readonly sha: string }[], opts: { by: string; atMs: number }): Promise<void> {
  if (deleted.length === 0) return;
  const folder = `${PREFIX}${Math.floor(opts.atMs / 1000)}-${opts.by.replace(/[^\w@-]/g, '-')}`;
  const kept = deleted.slice(0, MAX_KEPT).filter(({ name }) => Buffer.byteLength(escape(name)) <= MAX_NAME_BYTES);
  const before = await listRefs(repository);
  const names = new Set(kept.map(({ name }) => name));
  const oldest = opts.atMs / 1000 - DELETED_BRANCH_DAYS * 86_400;
  // One place per name: the last deletion is what can be taken back.
  const forgotten = before.filter((entry, index) => entry.seconds < oldest || names.has(entry.name) || index >= MAX_KEPT - kept.length);
  const lines = [...forgotten.map(({ ref, sha }) => `delete ${ref} ${sha}\n`), ...kept.map(({ name, sha }) => `update ${folder}/${escape(name)} ${sha}\n`)];
  await repository.git.run(['update-ref', '--stdin'], { gitDir: repository.path, input: lines.join('') });
}

/** The youngest first. */
export async function listDeletedBranches(repository: GitRepository): Promise<DeletedBranch[]> {
  const refs = await listRefs(repository);
  return refs.map(({ name, sha, by, seconds, subject }) => ({ name, sha, subject, deletedBy: by, deletedAt: new Date(seconds * 1000).toISOString() }));
}

/** Forgets a deleted branch, because it is there again. */
export async function forgetDeletedBranch(repository: GitRepository, name: string): Promise<void> {
  const refs = (await listRefs(repository)).filter((entry) => entry.name === name);
  if (refs.length > 0) await repository.git.run(['update-ref', '--stdin'], { gitDir: repository.path, input: refs.map(({ ref, sha }) => `delete ${ref} ${sha}\n`).join('') });
}

interface KeptRef {
  readonly ref: string;
  readonly name: string;
  readonly sha: string;
  readonly by: string;
  readonly seconds: number;
  readonly subject: string;
}

async function listRefs(repository: GitRepository): Promise<KeptRef[]> {
  const { stdout } = await repository.git.run(['for-each-ref', '--format=%(objectname) %(refname) %(contents:subject)', PREFIX], { gitDir: repository.path });
  const refs = stdout.toString('utf8').split('\n').flatMap((line): KeptRef[] => {
    const match = /^([0-9a-f]{40}) (refs\/kradle\/deleted\/(\d+)-([^/ ]+)\/([^ ]+)) ?(.*)$/.exec(line);
    if (match === null) return [];
    const [, sha = '', ref = '', seconds = '', by = '', name = '', subject = ''] = match;
    return [{ ref, sha, seconds: Number(seconds), by, name: unescape(name), subject }];
  });
  return refs.sort((left, right) => right.seconds - left.seconds || (left.name < right.name ? -1 : 1));
}

function escape(text: string): string {
  return text.replace(/[%/]/g, (character) => (character === '%' ? '%25' : '%2F'));
}

function unescape(text: string): string {
  return text.replace(/%(25|2F)/g, (_, code: string) => (code === '25' ? '%' : '/'));
}
