import { createHash } from 'node:crypto';
import type { GitRepository } from '../gitRepositories';
import { LruCache } from '../lruCache';
import { GitError } from '../process/gitError';

/** A change of more than this is another one whenever its commits are: telling costs more than asking once more. */
const MAX_DIFF_BYTES = 64 * 1024 * 1024;

/** By repository and the two commits. */
const known = new LruCache<string | undefined>(20_000);

/**
 * What a change does, whatever commit it sits on: equal for two diffs with the same lines in the same surroundings, wherever in the file
 * they are. Like `git patch-id`, but white space counts, and so do modes and the bytes of binary files. Undefined where the change is too
 * large to tell, or a commit is gone.
 */
export async function changeId(repository: GitRepository, base: string, head: string): Promise<string | undefined> {
  const key = `${repository.path}\0${base}\0${head}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const id = await readChangeId(repository, base, head);
  known.set(key, id);
  return id;
}

async function readChangeId(repository: GitRepository, base: string, head: string): Promise<string | undefined> {
  if ((await repository.objects.info(base)) === undefined || (await repository.objects.info(head)) === undefined) return undefined;
  const child = repository.git.start(['diff-tree', '-r', '--patch', '--full-index', '--no-renames', '--no-ext-diff', '--no-textconv', '--no-color', '--unified=3', '--end-of-options', base, head, '--'], { gitDir: repository.path });
  child.stdin.end();
  const hash = createHash('sha256');
  let rest: Buffer = Buffer.alloc(0);
  let size = 0;
  let index: Buffer = Buffer.alloc(0);
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_DIFF_BYTES) {
      child.kill();
      await child.ended;
      return undefined;
    }
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
      const line = bytes.subarray(start, end + 1);
      start = end + 1;
      // No line of a file's content begins like these: those have a sign or a space in front.
      if (startsWith(line, 'index ')) index = Buffer.from(line);
      else if (startsWith(line, '@@ ')) hash.update('@@\n');
      else if (startsWith(line, 'Binary files ')) hash.update(index);
      else hash.update(line);
    }
    rest = Buffer.from(bytes.subarray(start));
  }
  hash.update(rest);
  const code = await child.ended;
  if (code !== 0) throw new GitError('git diff-tree', { failure: 'failed', exitCode: code, stderr: child.stderrTail() });
  return hash.digest('hex');
}

function startsWith(line: Buffer, text: string): boolean {
  return line.length >= text.length && line.toString('latin1', 0, text.length) === text;
}
