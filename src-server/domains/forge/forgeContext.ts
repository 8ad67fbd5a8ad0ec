import { join } from 'node:path';
import type { Clock } from '../../app/clock';
import type { Logger } from '../../app/log';
import type { ResourceClient } from '../../resources/resourceClient';
import type { EventLog } from '../../store/eventLog';
import type { GitRepositories } from './git/gitRepositories';
import type { KeyedLock } from './keyedLock';

/** What every part of the forge works with. */
export interface ForgeContext {
  /** Acts for the system; `as(actor)` for whoever asks. */
  readonly resources: ResourceClient;
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly log: Logger;
  readonly git: GitRepositories;
  /** Folder that holds `<org>/<name>.git`. */
  readonly repositoriesRoot: string;
  /** One thing at a time per pull request, and per repository where branches move. */
  readonly locks: KeyedLock;
}

/** Where the bytes of a repository are. Both names are object names, so neither can leave the root. */
export function repositoryPath(root: string, org: string, name: string): string {
  return join(root, org, `${name}.git`);
}
