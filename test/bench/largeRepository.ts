import { access, cp, link, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../harness/git';
import type { TestServer } from '../harness/startServer';
import { fastImport } from './generateRepository';
import { largeHistory, type LargeHistorySize } from './largeHistory';

/** Goes up with every change of what is generated, so that nobody measures what an earlier version left. */
const VERSION = 1;

export interface LargeRepositoryOptions extends Partial<LargeHistorySize> {
  /** Further branches `team-N/branch-M`, packed. Default 0. */
  readonly branches?: number;
}

/**
 * Path of a bare repository of 100,000 files and 50,000 commits (see `largeHistory.ts` for what is in it), made once per version in
 * the folder for temporary files and the same every time. For reading only: {@link placeLargeRepository} gives a server its own copy.
 */
export async function largeRepository(options: LargeRepositoryOptions = {}): Promise<string> {
  const { files = 100_000, commits = 50_000, branches = 0 } = options;
  const folder = join(tmpdir(), `kradle-large-repository-${VERSION}`);
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${files}-${commits}-${branches}.git`);
  if (await access(path).then(() => true, () => false)) return path;
  const making = `${path}.${process.pid}`;
  await rm(making, { recursive: true, force: true });
  if (branches === 0) {
    await fastImport(making, largeHistory({ files, commits }), process.env);
    await rm(join(making, 'hooks'), { recursive: true, force: true });
    // What fast-import writes has few deltas; a client that pushes sends better packs.
    await git(['repack', '-adfq', '--window=5', '--depth=20'], { cwd: making });
    await git(['pack-refs', '--all'], { cwd: making });
  } else {
    await copyRepository(await largeRepository({ files, commits }), making);
    const [tip = ''] = (await git(['rev-list', '--max-count=1', 'main'], { cwd: making })).split('\n');
    const commitsOfMain = (await git(['rev-list', '--first-parent', `--max-count=${branches}`, tip], { cwd: making })).trim().split('\n');
    const lines = Array.from({ length: branches }, (_, index) => `create refs/heads/team-${index % 100}/branch-${index} ${commitsOfMain[index % commitsOfMain.length] ?? tip}\n`);
    await git(['update-ref', '--stdin'], { cwd: making, input: lines.join('') });
    await git(['pack-refs', '--all'], { cwd: making });
  }
  await rename(making, path).catch(async (error: NodeJS.ErrnoException) => {
    // Somebody else was faster; both made the same.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    await rm(making, { recursive: true, force: true });
  });
  return path;
}

/**
 * Creates a repository on a server and puts the large one's objects and references into it, as links: no bytes are copied. Then one
 * branch, `bench/placed`, is pushed, so that the server notices.
 */
export async function placeLargeRepository(server: TestServer, opts: { readonly name: string; readonly org?: string; readonly source: string }): Promise<void> {
  const { name, org = 'default', source } = opts;
  await server.api('POST', `/api/orgs/${org}/repositories`, { name });
  const target = join(server.dataDir, `repositories/${org}/${name}.git`);
  await linkPacks(source, target);
  await cp(join(source, 'packed-refs'), join(target, 'packed-refs'));
  await git(['push', '--quiet', server.gitUrl(name, org), 'main~1:refs/heads/bench/placed'], { cwd: source });
}

async function copyRepository(source: string, target: string): Promise<void> {
  await git(['init', '--quiet', '--bare', '--template=', '--initial-branch=main', target], { cwd: tmpdir() });
  await linkPacks(source, target);
  await cp(join(source, 'packed-refs'), join(target, 'packed-refs'));
}

async function linkPacks(source: string, target: string): Promise<void> {
  await mkdir(join(target, 'objects/pack'), { recursive: true });
  for (const name of await readdir(join(source, 'objects/pack'))) await link(join(source, 'objects/pack', name), join(target, 'objects/pack', name));
}
