import type { KradleObject } from '#shared/kind/defineKind';
import type { Clock } from '../app/clock';
import type { Logger } from '../app/log';
import type { ResourceClient } from '../resources/resourceClient';
import { keyOf, requestOf, type Controller, type ReconcileRequest, type Runnable } from './controller';
import { createControllerRunner, type ControllerRunner, type ControllerRunnerOptions, type ReconcileObservation } from './controllerRunner';
import { createInformer, type ObjectListener } from './informer';
import { createReflector, type Reflector, type ReflectorOptions } from './reflector';

export interface ManagerOptions {
  /** Acts for the system. */
  readonly resources: ResourceClient;
  /** The store's newest revision. */
  readonly head: () => Promise<string>;
  readonly clock: Clock;
  readonly uuid: () => string;
  readonly log: Logger;
  readonly observe?: (observation: ReconcileObservation) => void;
}

export interface ManagerState {
  readonly informers: readonly { readonly name: string; readonly synced: boolean; readonly position: string; /** That are kept track of. */ readonly objects: number }[];
  readonly controllers: readonly { readonly name: string; readonly ready: number; readonly delayed: number; readonly completed: number }[];
}

/** Runs controllers over one informer. Everything is added before the start. */
export interface Manager extends Runnable {
  add(controller: Controller): void;
  /** Follows objects for something that keeps what it needs of them itself. The start does not wait for it. */
  addReflector(options: Pick<ReflectorOptions, 'name' | 'source' | 'sink'> & { size: () => number }): Reflector;
  /** Workers on keys of their own choosing, for what is not about one kind. They start and stop with the controllers. */
  addRunner(options: Pick<ControllerRunnerOptions, 'name' | 'concurrency' | 'reconcile'>): ControllerRunner;
  /**
   * Resolves when the informers have seen everything that was written before, and every key that followed from it has been worked
   * on. Keys that wait for a time (`requeueAfterMs`, back-off) do not count.
   */
  drain(): Promise<void>;
  /** For people who look for the reason why something does not move. */
  state(): ManagerState;
}

export function createManager(options: ManagerOptions): Manager {
  const { resources, clock, uuid, log, observe } = options;
  const informer = createInformer({ resources, clock, log });
  const reflectors: { name: string; reflector: Reflector; size: () => number }[] = [];
  const runners: ControllerRunner[] = [];

  let stopped = false;
  let stop: () => void = () => undefined;
  const stopping = new Promise<void>((resolve) => { stop = resolve; });

  const allReflectors = (): Reflector[] => [...(informer.isNeeded ? [informer.reflector] : []), ...reflectors.map(({ reflector }) => reflector)];

  function addRunner(runner: Pick<ControllerRunnerOptions, 'name' | 'concurrency' | 'reconcile'>): ControllerRunner {
    if (runners.some(({ name }) => name === runner.name)) throw new Error(`there are two controllers named "${runner.name}"`);
    const { name, concurrency } = runner;
    const made = createControllerRunner({ name, concurrency, reconcile: (key, ctx) => runner.reconcile(key, ctx), clock, uuid, log, observe });
    runners.push(made);
    return made;
  }

  function add(controller: Controller): void {
    const { queue } = addRunner({
      name: controller.name,
      concurrency: controller.concurrency,
      reconcile: (key, ctx) => controller.reconcile(requestOf(key), ctx),
    });
    const enqueue = (request: ReconcileRequest): void => queue.add(keyOf(request));
    informer.listen(controller.kind, { changed: enqueue, gone: enqueue });
    for (const watch of controller.watches ?? []) {
      if ('map' in watch) informer.listen(watch.kind, pointersOf(watch.map, (key) => queue.add(key)));
      else informer.listenByName(watch.kind, { changed: (ref) => watch.dependents(ref).forEach(enqueue), missed: () => informer.refsOf(controller.kind).forEach(enqueue) });
    }
  }

  async function drain(): Promise<void> {
    for (;;) {
      const completedBefore = completed();
      const head = await options.head();
      await Promise.all(allReflectors().map((each) => each.catchUp(head)));
      // Whatever was in flight may have written after `head` was read: only a round in which nothing ran says that all is done.
      if (runners.every(({ queue }) => queue.idle) && completed() === completedBefore) return;
      await Promise.all(runners.map(({ queue }) => queue.drain()));
    }
  }

  function completed(): number {
    return runners.reduce((sum, { queue }) => sum + queue.completed, 0);
  }

  return {
    name: 'controllers',
    add,
    addRunner,
    addReflector({ name, source, sink, size }) {
      const reflector = createReflector({ name, source, sink, clock, log });
      reflectors.push({ name, reflector, size });
      return reflector;
    },
    drain,
    async start() {
      for (const each of allReflectors()) each.start();
      if (informer.isNeeded) await Promise.race([informer.reflector.synced, stopping]);
      // Whoever stops a start that still waits for its first lists wants no controller to run.
      if (!stopped) for (const runner of runners) runner.start();
    },
    async stop() {
      stopped = true;
      stop();
      await Promise.all(runners.map((runner) => runner.stop()));
      await Promise.all(allReflectors().map((each) => each.stop()));
    },
    state: () => ({
      informers: [
        { name: 'controllers', synced: informer.reflector.hasSynced, position: informer.reflector.position, objects: informer.size },
        ...reflectors.map(({ name, reflector, size }) => ({ name, synced: reflector.hasSynced, position: reflector.position, objects: size() })),
      ],
      controllers: runners.map(({ name, queue }) => ({ name, ready: queue.depth, delayed: queue.delayed, completed: queue.completed })),
    }),
  };
}

/** Enqueues whom an object points at, and whom it pointed at before: that has changed, too. */
function pointersOf(map: (object: KradleObject) => readonly ReconcileRequest[], enqueue: (key: string) => void): ObjectListener {
  const pointed = new Map<string, readonly string[]>();
  function follow(key: string, now: readonly string[], last: readonly string[]): void {
    const touched = new Set([...(pointed.get(key) ?? []), ...last]);
    if (now.length === 0) pointed.delete(key);
    else pointed.set(key, now);
    // Each once: a worker may take the first one right away.
    touched.forEach(enqueue);
  }
  return {
    changed(ref, object) {
      const now = map(object).map(keyOf);
      follow(keyOf(ref), now, now);
    },
    gone: (ref, object) => follow(keyOf(ref), [], object === undefined ? [] : map(object).map(keyOf)),
  };
}
