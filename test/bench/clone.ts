import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from '../harness/git';
import { startServer, type TestServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';
import { median, ms, type BenchRow } from './benchRow';
import { generateRepository } from './generateRepository';
import { startHttpBackend } from '../harness/httpBackend';

const PAIRS = 15;
const BUDGET_RATIO = 1.15;
const BIG_FILE_BYTES = 48 * 1024 * 1024;

interface Place {
  /** Folder for sources and clones. */
  readonly work: string;
  readonly server: TestServer;
  /** Address of the peer. */
  readonly peer: string;
}

/** HTTP clones from Kradle against `git http-backend` on the same repository: many small objects, and many bytes. */
export async function run(): Promise<BenchRow[]> {
  await using work = await tempDir('kradle-bench-clone-');
  await using server = await startServer({ args: ['--log-level', 'error'] });
  const stored = join(server.dataDir, 'repositories/default');
  const peer = await startHttpBackend(stored);
  try {
    const place = { work: work.path, server, peer: peer.url };
    const history = join(work.path, 'history.git');
    await generateRepository(history, { files: 20_000, commits: 5000, environment: process.env });
    const big = await bigFileRepository(work.path);
    return [
      await compare(place, { name: 'history', source: history, label: '20,000 files, 5,000 commits' }),
      await compare(place, { name: 'big', source: big, label: `one file of ${BIG_FILE_BYTES / 1024 / 1024} MiB` }),
    ];
  } finally {
    peer.close();
  }
}

/** Clones in pairs; who goes first changes each time, because the one before leaves the machine as it is. */
async function compare({ work, server, peer }: Place, repository: { name: string; source: string; label: string }): Promise<BenchRow> {
  const { name, source, label } = repository;
  await server.api('POST', '/api/orgs/default/repositories', { name });
  await git(['push', '--quiet', server.gitUrl(name), 'HEAD:refs/heads/main'], { cwd: source });
  await git(['repack', '-adq'], { cwd: join(server.dataDir, `repositories/default/${name}.git`) });
  const clone = async (url: string): Promise<number> => {
    const target = join(work, 'clone');
    const startedAt = performance.now();
    await git(['clone', '--quiet', '--bare', url, target], { cwd: work });
    const tookMs = performance.now() - startedAt;
    await rm(target, { recursive: true });
    return tookMs;
  };
  const kradle: number[] = [];
  const backend: number[] = [];
  for (let pair = 0; pair <= PAIRS; pair += 1) {
    const turns = [
      async () => kradle.push(await clone(server.gitUrl(name))),
      async () => backend.push(await clone(`${peer}/${name}.git`)),
    ];
    for (const turn of pair % 2 === 0 ? turns : turns.reverse()) await turn();
  }
  // The first pair warms the page cache.
  const ratio = median(kradle.slice(1).map((tookMs, index) => tookMs / (backend[index + 1] ?? Number.NaN)));
  return {
    measure: `HTTP clone (${label})`, figure: `${ratio.toFixed(2)}x (${ms(median(kradle.slice(1)))})`, budget: `${BUDGET_RATIO}x`,
    peer: `git http-backend: ${ms(median(backend.slice(1)))}`, ok: ratio <= BUDGET_RATIO,
  };
}

/** Bytes that do not compress: what counts is how they are passed on. */
async function bigFileRepository(work: string): Promise<string> {
  const folder = join(work, 'big');
  await git(['init', '--quiet', folder], { cwd: work });
  await writeFile(join(folder, 'big.bin'), randomBytes(BIG_FILE_BYTES));
  await git(['add', '.'], { cwd: folder });
  await git(['commit', '--quiet', '-m', 'One big file'], { cwd: folder });
  return folder;
}
