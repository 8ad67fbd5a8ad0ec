import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** One line of the table. */
export interface BenchRow {
  readonly measure: string;
  readonly figure: string;
  readonly budget: string;
  /** What the figure is relative to, when it is a ratio. */
  readonly peer?: string;
  readonly ok: boolean;
}

export interface BenchContext {
  /** The project's folder. */
  readonly root: string;
}

export interface BenchServer {
  readonly url: string;
  readonly token: string;
  /** From the spawn to the first answer of /healthz. */
  readonly readyMs: number;
  readonly headers: Readonly<Record<string, string>>;
  rssMiB(): number;
  gitUrl(repository: string): string;
  /** Calls the REST door below /api/orgs/default; throws on any refusal. */
  call<TAnswer = unknown>(method: string, path: string, body?: unknown): Promise<TAnswer>;
  stop(): Promise<void>;
}

export function makeDataDir(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'kradle-bench-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }) };
}

/** Starts a built Kradle as a process of its own on a free port and resolves once it answers. */
export async function startServer(root: string, dataDir: string): Promise<BenchServer> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join(root, 'dist/server/kradle.js'), 'serve', '--port', '0', '--data-dir', dataDir, '--log-level', 'error'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, KRADLE_SKIP_BUILD: '1' },
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let url: string | undefined;
  while (url === undefined) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    url = await answeringUrl(join(dataDir, 'server.json'), child.pid);
    if (url === undefined) await delay(5);
  }
  const readyMs = performance.now() - startedAt;
  const token = readFileSync(join(dataDir, 'admin-token'), 'utf8').trim();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const address = url;
  return {
    url: address, token, readyMs, headers,
    rssMiB: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
    gitUrl: (repository) => `${address.replace('://', `://bench:${token}@`)}/git/default/${repository}.git`,
    async call<TAnswer>(method: string, path: string, body?: unknown) {
      const response = await fetch(`${address}/api/orgs/default${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return JSON.parse(text) as TAnswer;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function answeringUrl(serverFile: string, pid: number | undefined): Promise<string | undefined> {
  try {
    const { url, pid: owner } = JSON.parse(readFileSync(serverFile, 'utf8')) as { url: string; pid: number };
    if (owner !== pid) return undefined;
    return (await fetch(`${url}/healthz`)).ok ? url : undefined;
  } catch {
    return undefined;
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
