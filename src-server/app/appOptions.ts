import type { Config } from './config';
import type { DataDir } from './dataDir';
import type { Logger } from './log';

/** How this same program is started again, as a runner or as the demo agent: an executable and its first arguments. */
export type ProgramCommand = readonly [string, ...string[]];

export interface ServeOptions {
  readonly program: ProgramCommand;
  /** The user's environment: where git and agents are found, and what agents may inherit from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Folder of the built console; absent when there is none. */
  readonly consoleDir?: string;
}

export interface AppOptions extends ServeOptions {
  readonly config: Config;
  readonly dataDir: DataDir;
  readonly log: Logger;
}
