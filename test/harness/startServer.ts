import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ErrorBody } from '#shared/api/status';
import { killTreeAtOnce } from './killTreeAtOnce';
import { cleanEnvironment, runProcess, type ProcessResult } from './runProcess';
import { tempDir } from './tempDir';

/** The built command; `buildOnce.ts` sees to it. */
export const KRADLE = fileURLToPath(new URL('../../dist/server/kradle.js', import.meta.url));

export interface StartOptions {
  /** Further variables of the server's environment; runners and agents get theirs from it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further arguments of `kradle serve`. */
  readonly args?: readonly string[];
  /** Say port and data folder by the environment instead of by flags. */
  readonly byEnvironment?: boolean;
  /** Use this data folder and leave it there; otherwise a temporary one that goes with the server. */
  readonly dataDir?: string;
}

/** A real `kradle serve` in a process of its own. */
export interface TestServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`; another after a restart. */
  readonly url: string;
  readonly pid: number;
  /** Signs in, once. */
  readonly signInLink: string;
  /** The administrator's. */
  readonly token: string;
  readonly dataDir: string;
  /** What the server wrote to standard error: its log. */
  readonly log: () => string;
  /** The REST door as the administrator. Throws {@link ApiFailure} for anything but 2xx. */
  api<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
  /** A request as the administrator, unless the headers say otherwise. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Clone address with the token in it. */
  gitUrl(repository: string, org?: string): string;
  /** Runs `kradle …` against this server's data folder. */
  cli(args: readonly string[], opts?: { input?: string; env?: Readonly<Record<string, string>>; cwd?: string }): Promise<ProcessResult>;
  /**
   * SIGKILL, and waits until the process is gone. The data folder stays. `withChildren`: to everything that it started, too, as when a container
   * or a machine dies; otherwise that goes on.
   */
  kill9(opts?: { withChildren?: boolean }): Promise<void>;
  /** Asks it to stop and answers its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Starts again on the same data folder, after {@link kill9} or {@link stop}. */
  restart(): Promise<void>;
}

export class ApiFailure extends Error {
  readonly status: number;
  readonly body: ErrorBody;

  constructor(request: string, status: number, body: ErrorBody) {
    super(`${request} answered ${status}: ${body.error?.message ?? JSON.stringify(body)}`);
    this.status = status;
    this.body = body;
  }
}

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly signInLink: string;
  readonly exited: Promise<number | null>;
}

/** Starts a server on a free port and resolves once it serves. */
export async function startServer(opts: StartOptions = {}): Promise<TestServer> {
  const folder = await tempDir('kradle-server-');
  const dataDir = opts.dataDir ?? join(folder.path, 'data');
  const home = join(folder.path, 'home');
  await mkdir(home);
  const byEnvironment = opts.byEnvironment === true;
  const env = { ...cleanEnvironment(home), ...(byEnvironment ? { KRADLE_PORT: '0', KRADLE_DATA_DIR: dataDir } : {}), ...opts.env };
  let log = '';
  const launch = () => launchServer(['serve', '--json', ...(byEnvironment ? [] : ['--port', '0', '--data-dir', dataDir]), ...(opts.args ?? [])], { env, onLog: (text) => (log += text) });
  let running = await launch();

  const server: TestServer = {
    get url() {
      return running.url;
    },
    get pid() {
      return running.child.pid ?? 0;
    },
    get signInLink() {
      return running.signInLink;
    },
    token: readFileSync(join(dataDir, 'admin-token'), 'utf8').trim(),
    dataDir,
    log: () => log,
    async api<T>(method: string, path: string, body?: unknown): Promise<T> {
      const response = await server.fetch(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }) });
      const answer: unknown = await response.json();
      if (!response.ok) throw new ApiFailure(`${method} ${path}`, response.status, answer as ErrorBody);
      return answer as T;
    },
    fetch(path, init = {}) {
      const headers = new Headers(init.headers);
      if (!headers.has('Authorization')) headers.set('Authorization', `Bearer ${server.token}`);
      return fetch(running.url + path, { redirect: 'manual', ...init, headers });
    },
    gitUrl(repository, org = 'default') {
      const url = new URL(`/git/${org}/${repository}.git`, running.url);
      [url.username, url.password] = ['una', server.token];
      return url.href;
    },
    cli: (args, cliOpts = {}) =>
      runProcess(process.execPath, [KRADLE, ...args], {
        ...cliOpts,
        env: { ...cleanEnvironment(home), KRADLE_DATA_DIR: dataDir, ...cliOpts.env },
      }),
    async kill9({ withChildren = false } = {}) {
      if (withChildren) await killTreeAtOnce(server.pid);
      else running.child.kill('SIGKILL');
      await running.exited;
    },
    async stop(signal = 'SIGTERM') {
      running.child.kill(signal);
      return running.exited;
    },
    async restart() {
      if (running.child.exitCode === null && running.child.signalCode === null) await server.stop();
      running = await launch();
    },
    async [Symbol.asyncDispose]() {
      // Runners are processes of their own and would go on in a folder that is about to go.
      await cancelActiveRuns(server);
      if (running.child.exitCode === null && running.child.signalCode === null) await server.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
  return server;
}

/** Starts the process and waits for the line in which it says that it serves. */
async function launchServer(args: readonly string[], opts: { env: Record<string, string>; onLog: (text: string) => void }): Promise<Running> {
  const child = spawn(process.execPath, [KRADLE, ...args], { env: opts.env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    opts.onLog(text);
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<{ url: string; signInLink: string }>((resolve) => lines.once('line', (line) => resolve(JSON.parse(line) as { url: string; signInLink: string })));
  const first = await Promise.race([ready, exited]);
  if (first === null || typeof first === 'number') throw new Error(`kradle ${args.join(' ')} exited with ${String(first)} before it served\n${stderr}`);
  return { child, ...first, exited };
}

async function cancelActiveRuns(server: TestServer): Promise<void> {
  const selector = encodeURIComponent('status.phase!=Completed,status.phase!=Failed,status.phase!=Cancelled');
  try {
    const { items } = await server.api<{ items: { metadata: { name: string } }[] }>('GET', `/api/orgs/default/resources?kind=agentdispatchruns&fieldSelector=${selector}`);
    for (const { metadata } of items) await server.api('POST', `/api/orgs/default/agents/runs/${metadata.name}/cancel`, { reason: 'The test is over.' });
  } catch {
    // The server is down already, or the test took its rights away: nothing of it can be asked.
  }
}
