import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { Clock } from '../app/clock';
import type { Logger } from '../app/log';
import { organizationOf } from '../resources/objectScope';
import type { ResourceClient } from '../resources/resourceClient';
import type { Controller, ReconcileRequest, Runnable } from './controller';
import { createControllerRunner, type ControllerRunner, type ControllerRunnerOptions, type ReconcileObservation } from './controllerRunner';
import { createInformer, type Informer } from './informer';
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
  readonly informers: readonly { /** A kind, or what follows all of them. */ readonly kind: string; readonly synced: boolean; readonly position: string; readonly objects: number }[];
  readonly controllers: readonly { readonly name: string; readonly ready: number; readonly delayed: number; readonly completed: number }[];
}

/** Runs controllers over shared informers. Everything is added before the start. */
export interface Manager extends Runnable {
  add(controller: Controller): void;
  /** The cache of a kind, one for all who ask. */
  informer(kind: AnyKind): Informer;
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
  const informers = new Map<string, Informer>();
  const reflectors: { name: string; reflector: Reflector; size: () => number }[] = [];
  const runners: ControllerRunner[] = [];

  let started = false;
  let stopped = false;
  let stop: () => void = () => undefined;
  const stopping = new Promise<void>((resolve) => { stop = resolve; });

  function informer(kind: AnyKind): Informer {
    const known = informers.get(kind.names.plural);
    if (known !== undefined) return known;
    if (started) throw new Error(`the informer of ${kind.names.plural} was first asked for after the start`);
    const made = createInformer({ kind, resources, clock, log });
    informers.set(kind.names.plural, made);
    return made;
  }

  const allReflectors = (): Reflector[] => [...informers.values(), ...reflectors.map(({ reflector }) => reflector)];

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
    informer(controller.kind).onChange(({ object }) => queue.add(keyOf({ org: organizationOf(controller.kind, object), name: object.metadata.name })));
    for (const watch of controller.watches ?? []) {
      const enqueue = (object: KradleObject): void => {
        for (const request of watch.map(object)) queue.add(keyOf(request));
      };
      informer(watch.kind).onChange(({ object, previous }) => {
        enqueue(object);
        // What it pointed at before has changed, too.
        if (previous !== undefined) enqueue(previous);
      });
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
    informer,
    addReflector({ name, source, sink, size }) {
      const reflector = createReflector({ name, source, sink, clock, log });
      reflectors.push({ name, reflector, size });
      return reflector;
    },
    drain,
    async start() {
      started = true;
      for (const each of allReflectors()) each.start();
      await Promise.race([Promise.all([...informers.values()].map((each) => each.synced)), stopping]);
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
        ...[...informers.values()].map((each) => ({ kind: each.kind.names.kind, synced: each.hasSynced, position: each.position, objects: each.size })),
        ...reflectors.map(({ name, reflector, size }) => ({ kind: name, synced: reflector.hasSynced, position: reflector.position, objects: size() })),
      ],
      controllers: runners.map(({ name, queue }) => ({ name, ready: queue.depth, delayed: queue.delayed, completed: queue.completed })),
    }),
  };
}

function keyOf({ org, name }: ReconcileRequest): string {
  return `${org}/${name}`;
}

/** Neither an organization nor an object has a slash in its name. */
function requestOf(key: string): ReconcileRequest {
  const slash = key.indexOf('/');
  return { org: key.slice(0, slash), name: key.slice(slash + 1) };
}
