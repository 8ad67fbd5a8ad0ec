import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { closest } from '#shared/kind/closest';
import { CliError, EXIT, usageError } from './exitCode';

/** A server that this person is signed in to. */
const savedContext = z.object({
  server: z.string().min(1),
  /** The organization that commands are about unless they say another one. */
  org: z.string().min(1).optional(),
  account: z.string().optional(),
  token: z.string().min(1),
});
const contextFile = z.object({ current: z.string().optional(), contexts: z.record(z.string(), savedContext).default({}) });

export type SavedContext = z.output<typeof savedContext>;
export type SavedContexts = z.output<typeof contextFile>;

type Env = Readonly<Record<string, string | undefined>>;

/** `KRADLE_CONTEXTS_FILE`, else `kradle/contexts.json` in the folder for settings (https://specifications.freedesktop.org/basedir-spec). */
export function contextsPath(env: Env): string {
  return env.KRADLE_CONTEXTS_FILE || join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'kradle', 'contexts.json');
}

export function readContexts(env: Env): SavedContexts {
  const path = contextsPath(env);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return { contexts: {} };
    throw new CliError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  try {
    return contextFile.parse(JSON.parse(text));
  } catch (cause) {
    // What is in it may be a token: the fault is not quoted.
    throw new CliError(`${path} is not a file of contexts.`, { exitCode: EXIT.usage, hint: 'Delete it, and sign in again with "kradle login URL".', cause });
  }
}

/** Replaces the file at once, so that a crash leaves the old one; only its owner may read it, because tokens are in it. */
export function writeContexts(env: Env, contexts: SavedContexts): void {
  const path = contextsPath(env);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, `${JSON.stringify(contexts, null, 2)}\n`, { mode: 0o600 });
    chmodSync(temporary, 0o600);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** The context of a name. Throws a usage error that names the near one. */
export function findContext({ contexts }: SavedContexts, name: string): SavedContext {
  const found = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (found !== undefined) return found;
  const near = closest(name, Object.keys(contexts));
  throw usageError(`There is no context "${name}".${near === undefined ? '' : ` Did you mean ${near}?`}`, 'List them with "kradle context list"; make one with "kradle login URL".');
}
