import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../../app/log';
import type { ObjectRef } from '../../../resources/resourceClient';
import { isBareRepository } from '../git/upkeep/bareRepository';
import type { GitRepositories } from '../git/gitRepositories';
import { type LeftoverAges, removeLeftovers } from '../git/upkeep/leftovers';
import { maintainRepository, type MaintenanceTask } from '../git/upkeep/maintenance';
import { dueTasks, readRepositoryShape } from '../git/upkeep/repositoryShape';
import { endLeftoverProcesses } from './leftoverProcess';
import { type MaintenanceRecord, readRecord, writeRecord } from './maintenanceRecord';

export interface MaintenanceResult {
  readonly org: string;
  readonly repository: string;
  readonly tasks: readonly MaintenanceTask[];
  readonly tookMs: number;
  /** What went wrong, in git's words; absent when nothing did. */
  readonly failure?: string;
}

export interface MaintenanceDeps {
  readonly git: GitRepositories;
  readonly log: Logger;
  readonly now: () => number;
  /** Folder that holds `<org>/<name>.git`. */
  readonly repositoriesRoot: string;
  /** Folders of the same kind whose repositories may borrow objects from those. */
  readonly borrowersRoots: readonly string[];
  /** Repositories that are cared for at the same time. Default 1. */
  readonly atOnce?: number;
  /** Milliseconds without a push after which a repository is looked at. Default 2,000. */
  readonly quietMs?: number;
  /** Milliseconds from the start to the first look at all repositories. Default 30,000. */
  readonly startDelayMs?: number;
  /** Milliseconds between looks at all repositories. Default one hour. */
  readonly everyMs?: number;
  /** Milliseconds after which a repository that has changed is swept. Default 14 days. */
  readonly sweepEveryMs?: number;
  /** Told of each run, for the repository's status. */
  readonly onDone?: (result: MaintenanceResult) => Promise<void>;
  /** Told of a repository that was pushed to, is at rest and needs nothing. */
  readonly onRest?: (ref: ObjectRef) => Promise<void>;
}

/** Cares for all repositories, beside everything else: never two at once for one, and nothing waits for it. */
export interface Maintenance {
  /** References of a repository have moved. */
  noteMoved(org: string, repository: string): void;
  /** Ends what runs in this folder, because it is about to go or to move. */
  release(path: string): void;
  /** Looks at one repository now; for tests and for whoever cannot wait. `tasks`: do these, due or not. */
  care(org: string, repository: string, tasks?: readonly MaintenanceTask[]): Promise<MaintenanceResult | undefined>;
  readonly stats: { readonly running: number; readonly waiting: number; readonly done: number; readonly failed: number };
  /** When it resolves, nothing is at work any more that an earlier server has started. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const DAY_MS = 24 * 3_600_000;
/** Git holds a lock for moments. */
const LOCK_AGE_MS = 15_000;
const TEMPORARY_AGE_MS = 3_600_000;
/** How long a start waits at most until every repository was looked at for locks, which takes about a millisecond each; the others follow while it serves. */
const LOCKS_WAIT_MS = 3_000;

export function createMaintenance(deps: MaintenanceDeps): Maintenance {
  return new BackgroundMaintenance(deps);
}

interface Visit {
  readonly org: string;
  readonly repository: string;
  readonly path: string;
}

class BackgroundMaintenance implements Maintenance {
  readonly #deps: Required<Omit<MaintenanceDeps, 'onDone' | 'onRest'>> & Pick<MaintenanceDeps, 'onDone' | 'onRest'>;
  readonly #moved = new Map<string, number>();
  readonly #quiet = new Map<string, NodeJS.Timeout>();
  readonly #waiting = new Map<string, Visit>();
  readonly #running = new Map<string, { readonly abort: AbortController; readonly done: Promise<unknown> }>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #done = 0;
  #failed = 0;

  constructor(deps: MaintenanceDeps) {
    this.#deps = { atOnce: 1, quietMs: 2000, startDelayMs: 30_000, everyMs: 3_600_000, sweepEveryMs: 14 * DAY_MS, ...deps };
  }

  get stats() {
    return { running: this.#running.size, waiting: this.#waiting.size, done: this.#done, failed: this.#failed };
  }

  async start(): Promise<void> {
    const ended = await endLeftoverProcesses(this.#deps.repositoriesRoot);
    // Not before: what was ended just now may have taken a lock a moment ago.
    const endedAt = Date.now();
    if (ended !== undefined && ended > 0) this.#deps.log.warn({ processes: ended }, 'ended what an earlier server had left at work in repositories');
    // Who made what was there before is gone, so nobody comes back for it; where that is not known, its age tells.
    const lockMs = ended === undefined ? LOCK_AGE_MS : 0;
    const unlocked = this.#clearAfterStart({ lockMs }, endedAt);
    if (ended !== undefined) void unlocked.then(() => this.#clearAfterStart({ lockMs, temporaryMs: 0 }, endedAt));
    // The first to write is not to meet a lock that nobody holds.
    await Promise.race([unlocked, delay(LOCKS_WAIT_MS, undefined, { ref: false })]);
    this.#look(this.#deps.startDelayMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const timer of this.#quiet.values()) clearTimeout(timer);
    this.#waiting.clear();
    const running = [...this.#running.values()];
    for (const { abort } of running) abort.abort(new Error('the server stops'));
    await Promise.all(running.map(({ done }) => done));
  }

  noteMoved(org: string, repository: string): void {
    const visit = this.#visit(org, repository);
    this.#moved.set(visit.path, (this.#moved.get(visit.path) ?? 0) + 1);
    clearTimeout(this.#quiet.get(visit.path));
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#quiet.delete(visit.path);
      this.#enqueue(visit);
    }, this.#deps.quietMs);
    timer.unref();
    this.#quiet.set(visit.path, timer);
  }

  release(path: string): void {
    this.#waiting.delete(path);
    clearTimeout(this.#quiet.get(path));
    this.#quiet.delete(path);
    this.#moved.delete(path);
    this.#running.get(path)?.abort.abort(new Error('the repository goes'));
  }

  async care(org: string, repository: string, tasks?: readonly MaintenanceTask[]): Promise<MaintenanceResult | undefined> {
    const visit = this.#visit(org, repository);
    while (this.#running.has(visit.path)) await this.#running.get(visit.path)?.done;
    return this.#run(visit, tasks);
  }

  #visit(org: string, repository: string): Visit {
    return { org, repository, path: join(this.#deps.repositoriesRoot, org, `${repository}.git`) };
  }

  #enqueue(visit: Visit): void {
    if (this.#stopped) return;
    this.#waiting.set(visit.path, visit);
    this.#next();
  }

  #next(): void {
    for (const [path, visit] of this.#waiting) {
      if (this.#running.size >= this.#deps.atOnce) return;
      if (this.#running.has(path)) continue;
      this.#waiting.delete(path);
      void this.#run(visit);
    }
  }

  /** Never rejects: what fails is logged, told, and tried again with the next look. */
  #run(visit: Visit, tasks?: readonly MaintenanceTask[]): Promise<MaintenanceResult | undefined> {
    const abort = new AbortController();
    const done = this.#careFor(visit, { tasks, signal: abort.signal })
      .catch((error: unknown) => {
        if (!abort.signal.aborted) this.#deps.log.warn({ err: error, org: visit.org, repository: visit.repository }, 'a repository could not be looked at for maintenance');
        return undefined;
      })
      .finally(() => {
        this.#running.delete(visit.path);
        this.#next();
      });
    this.#running.set(visit.path, { abort, done });
    return done;
  }

  async #careFor(visit: Visit, opts: { tasks: readonly MaintenanceTask[] | undefined; signal: AbortSignal }): Promise<MaintenanceResult | undefined> {
    const { path, org, repository } = visit;
    const { log, now } = this.#deps;
    if (!(await isBareRepository(path))) return undefined;
    await this.#clear(visit, { lockMs: LOCK_AGE_MS, temporaryMs: TEMPORARY_AGE_MS });
    const hasMoved = this.#moved.has(path);
    const record = await this.#takeMoves(path);
    const tasks = opts.tasks ?? this.#due(dueTasks(await readRepositoryShape(path), record.movesSinceGraph), record);
    if (tasks.length === 0) {
      await writeRecord(path, record);
      if (hasMoved) await this.#deps.onRest?.({ org, name: repository });
      return undefined;
    }
    const startedAt = now();
    const keepUnreachable = tasks.includes('sweep') && (await this.#isBorrowedFrom(path));
    let failure: string | undefined;
    try {
      await maintainRepository(this.#deps.git.open(path), { tasks, keepUnreachable, signal: opts.signal });
      if (tasks.includes('graph')) record.movesSinceGraph = 0;
      if (tasks.includes('sweep')) Object.assign(record, { movesSinceGraph: 0, movesSinceSweep: 0, sweptAt: now() });
      this.#done += 1;
    } catch (error) {
      if (opts.signal.aborted) return undefined;
      this.#failed += 1;
      failure = error instanceof Error ? error.message : String(error);
      log.warn({ err: error, org, repository, tasks }, 'maintenance of a repository failed');
    }
    await writeRecord(path, record);
    const result: MaintenanceResult = { org, repository, tasks, tookMs: now() - startedAt, ...(failure === undefined ? {} : { failure }) };
    if (failure === undefined) log.info({ org, repository, tasks, tookMs: result.tookMs }, 'repository maintained');
    await this.#deps.onDone?.(result).catch((error: unknown) => log.debug({ err: error, org, repository }, 'maintenance is not in the status'));
    return result;
  }

  async #takeMoves(path: string): Promise<MaintenanceRecord> {
    const moves = this.#moved.get(path) ?? 0;
    this.#moved.delete(path);
    const record = await readRecord(path, this.#deps.now());
    return { ...record, movesSinceGraph: record.movesSinceGraph + moves, movesSinceSweep: record.movesSinceSweep + moves };
  }

  #due(tasks: MaintenanceTask[], record: MaintenanceRecord): MaintenanceTask[] {
    const sweeps = record.movesSinceSweep > 0 && this.#deps.now() - record.sweptAt >= this.#deps.sweepEveryMs;
    return sweeps ? ['refs', 'sweep'] : tasks;
  }

  /** A lock that a killed git left refuses every push to its branch. */
  async #clearAfterStart(ages: LeftoverAges, at: number): Promise<void> {
    try {
      for await (const visit of this.#all()) {
        if (this.#stopped) return;
        await this.#clear(visit, ages, at);
      }
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'what an earlier server left in repositories could not be cleared');
    }
  }

  /** `at`: the moment that ages are counted to, in ms since 1970. */
  async #clear({ path, org, repository }: Visit, ages: LeftoverAges, at = Date.now()): Promise<void> {
    const removed = await removeLeftovers(path, ages, at);
    if (removed.length > 0) this.#deps.log.warn({ org, repository, removed: removed.slice(0, 20), count: removed.length }, 'removed what killed processes left in a repository');
  }

  #look(afterMs: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      void this.#enqueueAll().finally(() => this.#look(this.#deps.everyMs));
    }, afterMs);
    this.#timer.unref();
  }

  async #enqueueAll(): Promise<void> {
    try {
      for await (const visit of this.#all()) this.#enqueue(visit);
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'repositories could not be listed for maintenance');
    }
  }

  async *#all(): AsyncGenerator<Visit> {
    for await (const { org, name } of repositoriesIn(this.#deps.repositoriesRoot)) yield this.#visit(org, name);
  }

  /** Forks and the worktrees of runs hold on to objects that no reference here reaches. */
  async #isBorrowedFrom(path: string): Promise<boolean> {
    for (const root of this.#deps.borrowersRoots) {
      for await (const { org, name } of repositoriesIn(root)) {
        const objects = join(root, org, `${name}.git`, 'objects');
        const text = await readFile(join(objects, 'info/alternates'), 'utf8').catch(() => '');
        if (text.split('\n').some((line) => line !== '' && resolve(objects, line) === join(path, 'objects'))) return true;
      }
    }
    return false;
  }
}

async function* repositoriesIn(root: string): AsyncGenerator<{ org: string; name: string }> {
  for (const org of await readdir(root).catch(() => [])) {
    for (const folder of await readdir(join(root, org)).catch(() => [])) {
      if (folder.endsWith('.git')) yield { org, name: folder.slice(0, -'.git'.length) };
    }
  }
}
