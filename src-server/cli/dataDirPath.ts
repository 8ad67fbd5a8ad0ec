import { homedir } from 'node:os';
import { join } from 'node:path';

/** The data folder that serves when the command line names none: KRADLE_DATA_DIR, else `~/.kradle`. */
export function defaultDataDir(env: Readonly<Record<string, string | undefined>>): string {
  return env.KRADLE_DATA_DIR || join(homedir(), '.kradle');
}
