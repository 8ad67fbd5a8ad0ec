import type { Logger } from '../../../app/log';
import type { Actor } from '../../../resources/actor';
import { openPackCache, type PackCache } from '../git/packCache';
import { createServiceGate, type ServiceGate } from './serviceGate';

/** What all clones, fetches and pushes share. */
export interface GitServing {
  /** Every service of git for a client runs inside. */
  readonly gate: ServiceGate;
  /** Undefined before the start, and where programs inherit no open files (Windows): each fetch then makes its own pack. */
  packs(): PackCache | undefined;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface GitServingDeps {
  /** Folder of its own for kept packs. */
  readonly folder: string;
  /** Services at work at the same time. */
  readonly atOnce: number;
  readonly log: Logger;
  readonly now: () => number;
}

export function createGitServing({ folder, atOnce, log, now }: GitServingDeps): GitServing {
  let packs: PackCache | undefined;
  return {
    gate: createServiceGate({ atOnce }),
    packs: () => packs,
    async start() {
      if (process.platform !== 'win32') packs = await openPackCache({ folder, log, now });
    },
    async stop() {
      await packs?.close();
      packs = undefined;
    },
  };
}

/** Whose places at the gate an actor takes: a person's programs all take theirs. */
export function accountOf(actor: Actor): string {
  return `${actor.kind}/${actor.name}`;
}
