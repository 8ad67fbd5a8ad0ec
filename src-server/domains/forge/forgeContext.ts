import { join } from 'node:path';
import type { Clock } from '../../app/clock';
import type { Logger } from '../../app/log';
import type { Relocation } from '../../resources/relocation';
import type { ResourceClient } from '../../resources/resourceClient';
import type { EventLog } from '../../store/eventLog';
import type { ActorReference } from '../../resources/actorReference';
import type { RepositoryFiles } from './files/repositoryFiles';
import type { LfsLocks } from './lfs/lfsLocks';
import type { ActorOf } from './permissions/actorOf';
import type { GitRepositories } from './git/gitRepositories';
import type { LruCache } from './git/lruCache';
import type { InFlight } from './concurrency/inFlight';
import type { KeyedLock } from './concurrency/keyedLock';
import type { Signing } from './signatures/signing';
import type { GitServing } from './serving/gitServing';

/** What every part of the forge works with. */
export interface ForgeContext {
  /** Acts for the system; `as(actor)` for whoever asks. */
  readonly resources: ResourceClient;
  /** Moves objects as they are; behind the verbs that ask first. */
  readonly relocation: Relocation;
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly log: Logger;
  readonly git: GitRepositories;
  /** Who signed what, and the signature of what the forge makes itself. */
  readonly signing: Signing;
  /** Bytes of repositories that are no git objects. */
  readonly files: RepositoryFiles;
  /** Files that somebody works on and nobody else may change meanwhile. */
  readonly fileLocks: LfsLocks;
  /** Addresses of a repository for git, as the server is reached now. */
  readonly cloneUrls: (org: string, name: string) => { readonly http?: string; readonly ssh?: string };
  /** Folder that holds `<org>/<name>.git`. */
  readonly repositoriesRoot: string;
  /** One thing at a time per pull request, and per repository where branches move. */
  readonly locks: KeyedLock;
  /** Pushes and syncs under way, by the folder of their repository: what moves a repository waits for them. */
  readonly writing: InFlight;
  /** What clones, fetches and pushes share, whatever door they come by. */
  readonly serving: GitServing;
  /**
   * Who brought a commit to a branch, or deleted one, by {@link moverKey}, noted before git moves it: whoever evaluates first can name
   * them. A hint of this process; after a restart the forge says that it does not know.
   */
  readonly movers: LruCache<ActorReference>;
  /** Who an object's reference names, to act in their name when they are not there. */
  readonly actorOf: ActorOf;
}

/** `moved`: the commit that came, or the full name of the reference that went. */
export function moverKey(repositoryPath: string, moved: string): string {
  return `${repositoryPath}\0${moved}`;
}

/** Where the bytes of a repository are. Both names are object names, so neither can leave the root. */
export function repositoryPath(root: string, org: string, name: string): string {
  return join(root, org, `${name}.git`);
}
