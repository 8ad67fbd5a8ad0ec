import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Duplex, Readable, type Writable } from 'node:stream';
import { isStatusError, StatusError } from '#shared/api/status';
import { configVariables, gitEnvironment, type GitEnvironmentSource, type GitIdentity } from './process/gitEnvironment';
import { GitError } from './process/gitError';
import { isPlainPath, pathBytes } from './objects/pathText';

export interface GitOptions extends GitEnvironmentSource {
  /** Program to start; looked up on the PATH of the environment. Default `git`. */
  readonly program?: string;
}

export interface GitVersion {
  readonly major: number;
  readonly minor: number;
  readonly text: string;
}

export interface GitProcessOptions {
  /** Repository to work on, given as `--git-dir`: git then neither searches for one nor asks who owns it. */
  readonly gitDir?: string;
  readonly workTree?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Settings of this process only; they replace the defaults of the identity with the same key. */
  readonly config?: readonly (readonly [string, string])[];
  readonly identity?: GitIdentity;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the process and everything it started is killed. Default 60,000; 0 for no limit. */
  readonly timeoutMs?: number;
  /** Opens a channel to the hooks that the process starts: what they write to and read from descriptor 3. */
  readonly channel?: boolean;
  /** An open file that the process writes to instead of `stdout`, which stays empty. */
  readonly outputFd?: number;
  /** Paths that follow the arguments, as `pathText.ts` writes them. Those that are no UTF-8 take the process's input. */
  readonly paths?: readonly string[] | undefined;
}

export interface GitRunOptions extends GitProcessOptions {
  readonly input?: string | Buffer;
  /** Bytes of standard output that are accepted. Default 32 MiB. */
  readonly maxBytes?: number;
  /** Exit codes that are answers, not failures. Default only 0. */
  readonly okCodes?: readonly number[];
}

export interface GitOutput {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A running git process. The caller owns its streams and must await `ended`. */
export interface GitProcess {
  readonly pid: number | undefined;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The server's end of the channel, when one was asked for. The owner reads it to its end. */
  readonly channel?: Duplex;
  /** The last 8 KiB of standard error so far. */
  stderrTail(): string;
  /** Kills the process and all that it started. Who still reads its output gets an error, never a text that looks whole. */
  kill(): void;
  /**
   * Settles when the process has ended and its streams are closed: the exit code, undefined after a signal. Rejects with the
   * signal's reason after an abort, with GitError after a timeout, and with ServiceUnavailable (`GIT_MISSING`) when there is no git.
   */
  readonly ended: Promise<number | undefined>;
}

/** System git. The only place of the server that starts git processes: argument arrays, never a shell. */
export interface Git {
  /** Runs to the end and answers the whole output. Rejects with GitError, or with the signal's reason after an abort. */
  run(args: readonly string[], options?: GitRunOptions): Promise<GitOutput>;
  start(args: readonly string[], options?: GitProcessOptions): GitProcess;
  /** Version of the program, asked once; undefined when there is none. */
  version(): Promise<GitVersion | undefined>;
  /** Is there a git that can do everything Kradle needs (2.38, the first with `merge-tree --write-tree`)? */
  usable(): Promise<boolean>;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;
const STDERR_TAIL_BYTES = 8 * 1024;

export function createGit(options: GitOptions): Git {
  const program = options.program ?? 'git';
  let versionOnce: Promise<GitVersion | undefined> | undefined;

  const git: Git = {
    start: (args, processOptions = {}) => startProcess(options, program, { args, options: processOptions }),
    run: async (args, runOptions = {}) => runToEnd(git.start(args, runOptions), args, runOptions),
    version: () => (versionOnce ??= readVersion(git)),
    async usable() {
      const version = await git.version();
      return version !== undefined && (version.major > 2 || (version.major === 2 && version.minor >= 38));
    },
  };
  return git;
}

/** `git version 2.39.5 (Apple Git-154)` and the like; undefined for anything else. */
export function parseGitVersion(text: string): GitVersion | undefined {
  const match = /^git version (\d+)\.(\d+)\S*/.exec(text);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]), text: match[0].slice('git version '.length) };
}

/** Settings of one process laid over others: a key that occurs in both is taken from the second. */
export function mergeEnvironmentConfig(env: Readonly<Record<string, string>>, config: readonly (readonly [string, string])[]): Record<string, string> {
  const count = Number(env.GIT_CONFIG_COUNT ?? 0);
  const replaced = new Set(config.map(([key]) => key.toLowerCase()));
  const kept: [string, string][] = [];
  for (let index = 0; index < count; index += 1) {
    const key = env[`GIT_CONFIG_KEY_${index}`] ?? '';
    if (!replaced.has(key.toLowerCase())) kept.push([key, env[`GIT_CONFIG_VALUE_${index}`] ?? '']);
  }
  return { ...env, ...configVariables([...kept, ...config]) };
}

async function readVersion(git: Git): Promise<GitVersion | undefined> {
  try {
    const { stdout } = await git.run(['--version'], { timeoutMs: 10_000 });
    return parseGitVersion(stdout.toString());
  } catch (error) {
    if (error instanceof GitError || isStatusError(error)) return undefined;
    throw error;
  }
}

function startProcess(source: GitOptions, program: string, request: { args: readonly string[]; options: GitProcessOptions }): GitProcess {
  const { args, options } = request;
  options.signal?.throwIfAborted();
  const globals = [
    ...(options.gitDir === undefined ? [] : [`--git-dir=${options.gitDir}`]),
    ...(options.workTree === undefined ? [] : [`--work-tree=${options.workTree}`]),
  ];
  const base = gitEnvironment(source, options.identity ?? 'isolated', options.env);
  const env = options.config === undefined ? base : mergeEnvironmentConfig(base, options.config);
  const cwd = options.cwd ?? options.gitDir ?? source.emptyHome;
  const { paths = [] } = options;
  const whole = [...globals, ...args];
  const plain = paths.every(isPlainPath);
  // Arguments are UTF-8 in Node; xargs hands on bytes as they are, and `-x` keeps it from starting git twice.
  const child = spawn(plain ? program : 'xargs', plain ? [...whole, ...paths] : ['-0', '-x', program, ...whole], {
    cwd,
    env,
    stdio: ['pipe', options.outputFd ?? 'pipe', 'pipe', ...(options.channel === true ? ['pipe'] : [])] as ['pipe', 'pipe', 'pipe'],
    // A process group of its own: upload-pack starts pack-objects, and both must end together.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const stdout = (child.stdout as Readable | null) ?? Readable.from([]);
  const tail = collectTail(child.stderr);
  const command = `git ${args[0] ?? ''}`;
  // A process that ends without reading its input breaks the pipe; its exit code says what happened.
  child.stdin.on('error', () => undefined);
  if (!plain) child.stdin.end(Buffer.concat(paths.map((path) => Buffer.concat([pathBytes(path), Buffer.alloc(1)]))));
  const kill = (): void => {
    killGroup(child);
    // Unread output would keep the process from counting as closed.
    stdout.destroy();
  };
  const channel = options.channel === true ? { channel: child.stdio[3] as Duplex } : {};
  return { pid: child.pid, stdin: child.stdin, stdout, stderr: child.stderr, ...channel, stderrTail: tail, kill, ended: whenEnded(child, { command, cwd, options, kill, tail }) };
}

function whenEnded(child: ChildProcess, context: { command: string; cwd: string; options: GitProcessOptions; kill: () => void; tail: () => string }): Promise<number | undefined> {
  const { command, options, kill, tail } = context;
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const ended = new Promise<number | undefined>((resolve, reject) => {
    let reason: unknown;
    const onAbort = (): void => {
      reason ??= options.signal?.reason;
      kill();
    };
    const timer = timeoutMs === 0 ? undefined : setTimeout(() => {
      reason ??= new GitError(command, { failure: 'timeout', stderr: tail() });
      kill();
    }, timeoutMs);
    options.signal?.addEventListener('abort', onAbort, { once: true });
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
      act();
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      settle(() => reject(error.code === 'ENOENT' ? notStarted(command, context.cwd, error) : error));
    });
    child.once('close', (code) => settle(() => (reason === undefined ? resolve(code ?? undefined) : reject(asError(reason)))));
  });
  // Whoever owns the process awaits `ended`, perhaps only after its streams: it must not count as unhandled before that.
  ended.catch(() => undefined);
  return ended;
}

async function runToEnd(child: GitProcess, args: readonly string[], options: GitRunOptions): Promise<GitOutput> {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) child.kill();
    else chunks.push(chunk);
  });
  if (!child.stdin.writableEnded) child.stdin.end(options.input);
  const code = await child.ended;
  const command = `git ${args[0] ?? ''}`;
  if (size > maxBytes) throw new GitError(command, { failure: 'overflow', stderr: child.stderrTail() });
  if (code === undefined || !(options.okCodes ?? [0]).includes(code)) {
    throw new GitError(command, { failure: 'failed', exitCode: code, stderr: child.stderrTail() });
  }
  return { code, stdout: Buffer.concat(chunks, size), stderr: child.stderrTail() };
}

function collectTail(stream: Readable): () => string {
  let tail = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    const joined = Buffer.concat([tail, chunk]);
    tail = joined.length > STDERR_TAIL_BYTES ? joined.subarray(joined.length - STDERR_TAIL_BYTES) : joined;
  });
  return () => tail.toString('utf8');
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // It ended between the check and the signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Node says the same for a program and for a folder that is missing. */
function notStarted(command: string, cwd: string, cause: Error): Error {
  if (!existsSync(cwd)) return new GitError(command, { failure: 'failed', stderr: 'the folder to work in does not exist', cause });
  return new StatusError('ServiceUnavailable', 'This needs git 2.38 or newer on the server, and there is none; install git and try again', { code: 'GIT_MISSING', cause });
}

/** Whoever aborts may give any reason; a rejection is an error. */
function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('git was aborted', { cause: reason });
}
