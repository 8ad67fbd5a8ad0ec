/**
 * Whose git this is. `isolated`: nothing of the machine's or the user's configuration counts. `user`: the user's own configuration,
 * credential helpers and ssh agent are wanted, because the user asked for something outside (an import in local mode).
 */
export type GitIdentity = 'isolated' | 'user';

export interface GitEnvironmentSource {
  /** The environment of the process, read once by the configuration. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** An empty directory that serves as HOME of isolated processes. */
  readonly emptyHome: string;
}

/** Variables that any program needs to start at all, by platform. */
const MACHINE_VARIABLES = ['PATH', 'Path', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'SYSTEMROOT', 'ComSpec', 'PATHEXT', 'LD_LIBRARY_PATH'];

/**
 * Settings that hold for every isolated git process, whatever a repository's own configuration says: an agent may write to the
 * configuration of its workspace, and none of these may start a program of its choice.
 */
const ISOLATED_CONFIG: readonly (readonly [string, string])[] = [
  // Kradle's repositories may be owned by another user than the server's (a volume, a container's root).
  ['safe.directory', '*'],
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.quotePath', 'false'],
  ['protocol.ext.allow', 'never'],
  ['submodule.recurse', 'false'],
  ['commit.gpgSign', 'false'],
  ['tag.gpgSign', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['advice.detachedHead', 'false'],
];

/** The whole environment of a git process. `extra` wins over everything else. */
export function gitEnvironment(source: GitEnvironmentSource, identity: GitIdentity, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const base = identity === 'user' ? userEnvironment(source) : isolatedEnvironment(source);
  return {
    ...base,
    GIT_TERMINAL_PROMPT: '0',
    // A repository can name a remote to get missing objects from, and with it a program.
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
    // A reference in refs/replace would show other content than what an id stands for and every clone gets.
    GIT_NO_REPLACE_OBJECTS: '1',
    LC_ALL: 'C',
    // Git 3 changes both defaults; these repositories stay readable for every client and for isomorphic-git.
    GIT_DEFAULT_HASH: 'sha1',
    GIT_DEFAULT_REF_FORMAT: 'files',
    ...extra,
  };
}

/** `-c` settings as variables, so that they reach the git processes that git starts, and no argument list shows them. */
export function configVariables(config: readonly (readonly [string, string])[]): Record<string, string> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(config.length) };
  config.forEach(([key, value], index) => {
    variables[`GIT_CONFIG_KEY_${index}`] = key;
    variables[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  return variables;
}

function isolatedEnvironment(source: GitEnvironmentSource): Record<string, string> {
  return {
    ...pick(source.environment, MACHINE_VARIABLES),
    HOME: source.emptyHome,
    XDG_CONFIG_HOME: source.emptyHome,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    // No isolated process talks to a remote. Older gits do not know GIT_NO_LAZY_FETCH; this they all obey, whatever is configured.
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_AUTHOR_NAME: 'Kradle',
    GIT_AUTHOR_EMAIL: 'kradle@localhost',
    GIT_COMMITTER_NAME: 'Kradle',
    GIT_COMMITTER_EMAIL: 'kradle@localhost',
    ...configVariables(ISOLATED_CONFIG),
  };
}

/** The user's environment without the variables that would point git at another repository (set when a hook started the server). */
function userEnvironment(source: GitEnvironmentSource): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(source.environment)) {
    if (value === undefined || name.startsWith('KRADLE_')) continue;
    if (name.startsWith('GIT_') && !USER_GIT_VARIABLES.has(name)) continue;
    result[name] = value;
  }
  return { ...result, ...configVariables(USER_CONFIG) };
}

const USER_GIT_VARIABLES = new Set(['GIT_SSH', 'GIT_SSH_COMMAND', 'GIT_SSL_CAINFO', 'GIT_SSL_NO_VERIFY', 'GIT_PROXY_COMMAND', 'GIT_CONFIG_GLOBAL', 'GIT_ASKPASS']);

const USER_CONFIG: readonly (readonly [string, string])[] = [
  ['safe.directory', '*'],
  ['core.hooksPath', '/dev/null'],
  ['protocol.ext.allow', 'never'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
];

function pick(source: Readonly<Record<string, string | undefined>>, names: readonly string[]): Record<string, string> {
  const result: Record<string, string> = {};
  for (const name of names) {
    const value = source[name];
    if (value !== undefined) result[name] = value;
  }
  return result;
}
