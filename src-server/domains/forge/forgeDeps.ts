import type { AnyKind } from '#shared/kind/defineKind';
import type { Clock } from '../../app/clock';
import type { Logger } from '../../app/log';
import type { Relocation } from '../../resources/relocation';
import type { ResourceClient } from '../../resources/resourceClient';
import type { BlobRemoval, BlobStore } from '../../store/blobStore';
import type { EventLog } from '../../store/eventLog';
import type { RepositoryWorkspaces } from './lifecycle/removeWorkspaces';
import type { ImportPolicyReader } from './mirrors/otherHosts';
import type { SecretEntryReader } from './mirrors/remoteCredential';
import type { InspectionLimits } from './policies/inspectChanges';
import type { SignInPort } from './signInPort';
import type { SshSettings } from './ssh/gitSsh';

/** What the forge takes from the composition root. */
export interface ForgeDeps {
  /**
   * Acts for the system. Called at use, never while the forge is made: the resources need the forge's strategies first.
   */
  readonly resources: () => ResourceClient;
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly log: Logger;
  /** Folder for `<org>/<name>.git`. */
  readonly repositoriesRoot: string;
  /** Folder of the repositories that worktrees of runs hang on, which borrow objects from those. */
  readonly workspaceRepositoriesRoot: string;
  readonly blobs: BlobStore & BlobRemoval;
  /** Hexadecimal digests of the blobs that objects name. */
  readonly namedDigests: () => Promise<ReadonlySet<string>>;
  /** Folder that the forge may fill with what git needs beside repositories: push hooks, an empty home. */
  readonly gitRoot: string;
  /** What signs the commits that the forge makes; it is made where there is none. */
  readonly signingKeyFile: string;
  /** The process's environment: where git is found, and what the user's own git needs for imports. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Bytes of one pushed pack. */
  readonly maxPackBytes: number;
  /** How much of a push its policies look into. */
  readonly inspection?: InspectionLimits;
  /** People, requests and tickets. Called at use. */
  readonly signIn: () => SignInPort;
  /** Bytes of one large file (Git LFS). */
  readonly maxLfsFileBytes: number;
  /** Absent: no git over SSH. */
  readonly ssh?: SshSettings | undefined;
  /** Bytes of one file of a release. Default 2 GiB. */
  readonly maxReleaseFileBytes?: number;
  /** Clones, fetches and pushes that are served at the same time. */
  readonly maxGitServices: number;
  /** Moves objects to other names and organizations. Called at use, as `resources`. */
  readonly relocation: () => Relocation;
  /** Reads a Secret's entry for the server's own use: what other hosts are shown. */
  readonly readSecret: SecretEntryReader;
  readonly secretKind: AnyKind;
  /** Worktrees of agents, which hang on repositories. */
  readonly workspaces: RepositoryWorkspaces;
  /** How imports are made at this moment; in local mode with the user's credentials, and from folders. */
  readonly imports: ImportPolicyReader;
}
