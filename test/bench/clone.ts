import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateRepository } from './generateRepository';
import { makeDataDir, median, ms, startServer, type BenchContext, type BenchRow } from './benchServer';

const GIT_ENVIRONMENT = { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_GLOBAL: '/dev/null' };
const PAIRS = 7;
const BUDGET_RATIO = 1.15;

/** An HTTP clone from Kradle against `git http-backend` on the same repository, in turn. */
export async function run({ root }: BenchContext): Promise<BenchRow[]> {
  const dataDir = makeDataDir();
  const work = mkdtempSync(join(tmpdir(), 'kradle-bench-clone-'));
  const server = await startServer(root, dataDir.path);
  const peer = await startHttpBackend(join(dataDir.path, 'repositories/default'));
  try {
    await server.call('POST', '/repositories', { name: 'bench' });
    const source = join(work, 'source.git');
    await generateRepository(source, { files: 5000, commits: 2000, environment: GIT_ENVIRONMENT });
    git(['--git-dir', source, 'push', '--quiet', server.gitUrl('bench'), 'HEAD:refs/heads/main']);
    git(['--git-dir', join(dataDir.path, 'repositories/default/bench.git'), 'repack', '-adq']);
    const timed = { kradle: [] as number[], peer: [] as number[] };
    for (let pair = 0; pair <= PAIRS; pair += 1) {
      for (const [name, url] of [['kradle', server.gitUrl('bench')], ['peer', `${peer.url}/bench.git`]] as const) {
        const target = join(work, `clone-${name}-${pair}`);
        const startedAt = performance.now();
        git(['clone', '--quiet', '--bare', url, target]);
        // The first pair warms the page cache.
        if (pair > 0) timed[name].push(performance.now() - startedAt);
        rmSync(target, { recursive: true });
      }
    }
    const ratio = median(timed.kradle.map((value, index) => value / (timed.peer[index] ?? Number.NaN)));
    return [{
      measure: 'HTTP clone (5,000 files, 2,000 commits)', figure: `${ratio.toFixed(2)}x (${ms(median(timed.kradle))})`, budget: `${BUDGET_RATIO}x`,
      peer: `git http-backend ${ms(median(timed.peer))}`, ok: ratio <= BUDGET_RATIO,
    }];
  } finally {
    peer.close();
    await server.stop();
    rmSync(work, { recursive: true, force: true });
    dataDir.remove();
  }
}

function git(args: readonly string[]): void {
  const result = spawnSync('git', args, { encoding: 'utf8', env: GIT_ENVIRONMENT });
  if (result.status !== 0) throw new Error(`git ${args[0]}: ${result.stderr}`);
}

/** git's own CGI behind the smallest HTTP server that streams. */
async function startHttpBackend(projectRoot: string): Promise<{ url: string; close: () => void }> {
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://localhost');
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH, GIT_PROJECT_ROOT: projectRoot, GIT_HTTP_EXPORT_ALL: '1', PATH_INFO: url.pathname, QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: req.method, CONTENT_TYPE: req.headers['content-type'] ?? '', HTTP_CONTENT_ENCODING: req.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(req.headers['git-protocol'] ?? ''), GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*',
      },
    });
    req.pipe(child.stdin);
    let head = Buffer.alloc(0);
    const onHead = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      child.stdout.off('data', onHead);
      let status = 200;
      for (const line of head.subarray(0, end).toString().split('\r\n')) {
        const [name = '', value = ''] = line.split(': ', 2);
        if (name === 'Status') status = Number.parseInt(value, 10);
        else res.setHeader(name, value);
      }
      res.writeHead(status);
      res.write(head.subarray(end + 4));
      child.stdout.pipe(res);
    };
    child.stdout.on('data', onHead);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}
