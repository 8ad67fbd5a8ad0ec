import type { FileHandle } from 'node:fs/promises';
import { open, rm } from 'node:fs/promises';
import type { Git, GitProcess } from '../git';
import type { PackRequest } from './packHook';

/** How far a pack has come. */
export interface PackState {
  readonly sizeBytes: number;
  /** `failed`: what was read of it is worth nothing. */
  readonly phase: 'writing' | 'complete' | 'failed';
  /** What git says to people when it is done. */
  readonly summary: readonly string[];
}

/** A pack that is being written into a file, for any number of readers of that file. */
export interface PackProduction {
  readonly path: string;
  readonly state: PackState;
  /** Called at every step until it is complete or has failed, and at once. Answers how to stop listening. */
  follow(listener: (state: PackState) => void): () => void;
  /** Ends the writing, if it is not over, and removes the file; readers that have it open keep it. */
  discard(): Promise<void>;
}

const LOOK_EVERY_MS = 20;

/** Starts to pack into a new file. Git writes to the file itself, so the bytes never pass through this process. */
export async function producePack(git: Git, opts: { gitDir: string; path: string; request: PackRequest }): Promise<PackProduction> {
  const { gitDir, path, request } = opts;
  const file = await open(path, 'wx', 0o600);
  let child: GitProcess;
  try {
    child = git.start(request.args.slice(1), { gitDir, timeoutMs: 0, outputFd: file.fd });
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    throw error;
  }
  child.stdin.end(request.input);
  return new Production(path, file, child);
}

class Production implements PackProduction {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #child: GitProcess;
  readonly #listeners = new Set<(state: PackState) => void>();
  readonly #over: Promise<void>;
  #state: PackState = { sizeBytes: 0, phase: 'writing', summary: [] };

  constructor(path: string, file: FileHandle, child: GitProcess) {
    this.path = path;
    this.#file = file;
    this.#child = child;
    this.#over = this.#watch();
  }

  get state(): PackState {
    return this.#state;
  }

  follow(listener: (state: PackState) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#state);
    return () => this.#listeners.delete(listener);
  }

  async discard(): Promise<void> {
    this.#child.kill();
    await rm(this.path, { force: true });
    await this.#over;
  }

  async #watch(): Promise<void> {
    let looking = false;
    const look = async (): Promise<void> => {
      if (looking) return;
      looking = true;
      const size = await this.#size();
      looking = false;
      if (size !== this.#state.sizeBytes && this.#state.phase === 'writing') this.#tell({ ...this.#state, sizeBytes: size });
    };
    const timer = setInterval(() => void look(), LOOK_EVERY_MS);
    const code = await this.#child.ended.catch(() => undefined);
    clearInterval(timer);
    const sizeBytes = await this.#size();
    await this.#file.close().catch(() => undefined);
    this.#tell({ sizeBytes, phase: code === 0 ? 'complete' : 'failed', summary: summaryOf(this.#child.stderrTail()) });
    this.#listeners.clear();
  }

  async #size(): Promise<number> {
    return (await this.#file.stat().catch(() => undefined))?.size ?? this.#state.sizeBytes;
  }

  #tell(state: PackState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

/** Of the progress of git only how it ended: `Total 12 (delta 3), reused 9 (delta 1), pack-reused 0`. */
function summaryOf(text: string): string[] {
  return text.split(/[\r\n]+/).map((line) => line.trim()).filter((line) => /, done\.?$|^Total \d/.test(line));
}
