import { randomUUID } from 'node:crypto';
import pino from 'pino';
import type { Controller } from '../../src-server/runtime/controller';
import type { ReconcileObservation } from '../../src-server/runtime/controllerRunner';
import { createManager, type Manager } from '../../src-server/runtime/manager';
import { createTestResources, type TestResources } from './testResources';

export interface LogLine { readonly msg: string; readonly controller?: string; readonly key?: string; readonly reconcileId?: string; readonly level: number }

export interface TestManagerOptions {
  readonly controllers?: (made: TestResources) => Controller[];
  readonly configure?: (manager: Manager, made: TestResources) => void;
  readonly made?: TestResources;
}

export interface TestManager extends TestResources {
  readonly manager: Manager;
  readonly lines: LogLine[];
  readonly observations: ReconcileObservation[];
}

/** A manager over the write path with throw-away kinds; `running` is where it is put to be stopped after the test. */
export async function createTestManager(running: Manager[], opts: TestManagerOptions = {}): Promise<TestManager> {
  const made = opts.made ?? await createTestResources();
  const lines: LogLine[] = [];
  const observations: ReconcileObservation[] = [];
  const log = pino({ level: 'info', base: undefined }, { write: (line: string) => { lines.push(JSON.parse(line) as LogLine); } });
  const manager = createManager({
    resources: made.resources,
    head: async () => (await made.store.revisions()).head,
    clock: made.clock,
    uuid: randomUUID,
    log,
    observe: (observation) => { observations.push(observation); },
  });
  for (const controller of opts.controllers?.(made) ?? []) manager.add(controller);
  opts.configure?.(manager, made);
  running.push(manager);
  return { ...made, manager, lines, observations };
}

/** A document of a throw-away kind, as people write it: not what the types promise. */
export function document(name: string, spec: object = {}, metadata: object = {}): never {
  return { metadata: { name, ...metadata }, spec } as never;
}
