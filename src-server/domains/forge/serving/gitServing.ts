import type { Logger } from '../../../app/log';
import type { Actor } from '../../../resources/actor';
import type { ObjectRef } from '../../../resources/resourceClient';
import { AnswerShelf } from '../git/transport/answerShelf';
import type { GitRepositories } from '../git/gitRepositories';
import { openPackCache, type PackCache } from '../git/transport/packCache';
import { createMaintenance, type Maintenance, type MaintenanceResult } from './maintenance';
import { createServiceGate, type ServiceGate } from './serviceGate';

/** What all clones, fetches and pushes share. */
export interface GitServing {
  /** Every service of git for a client runs inside. */
  readonly gate: ServiceGate;
  readonly maintenance: Maintenance;
  /** Undefined before the start, and where programs inherit no open files (Windows): each fetch then makes its own pack. */
  packs(): PackCache | undefined;
  /** Whole answers for requests that ask the same. */
  readonly answers: AnswerShelf;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface GitServingDeps {
  /** Folder of its own for kept packs. */
  readonly packsFolder: string;
  /** Services at work at the same time. */
  readonly atOnce: number;
  readonly log: Logger;
  readonly now: () => number;
  readonly git: GitRepositories;
  readonly repositoriesRoot: string;
  /** Folders of repositories that may borrow objects. */
  readonly borrowersRoots: readonly string[];
  readonly onMaintained: (result: MaintenanceResult) => Promise<void>;
  /** Told of a repository that was pushed to, is at rest and needs nothing. */
  readonly onRest: (ref: ObjectRef) => Promise<void>;
}

export function createGitServing(deps: GitServingDeps): GitServing {
  const { packsFolder, atOnce, log, now, onMaintained, ...rest } = deps;
  const maintenance = createMaintenance({ ...rest, log, now, onDone: onMaintained });
  const answers = new AnswerShelf({ now });
  let packs: PackCache | undefined;
  return {
    gate: createServiceGate({ atOnce }),
    maintenance,
    packs: () => packs,
    answers,
    async start() {
      if (process.platform !== 'win32') packs = await openPackCache({ folder: packsFolder, log, now });
      await maintenance.start();
    },
    async stop() {
      await maintenance.stop();
      answers.close();
      await packs?.close();
      packs = undefined;
    },
  };
}

/** Whose places at the gate an actor takes: a person's programs all take theirs. */
export function accountOf(actor: Actor): string {
  return `${actor.kind}/${actor.name}`;
}
