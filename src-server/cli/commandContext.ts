import type { Command } from 'commander';
import { defaultDataDir } from './dataDirPath';
import { createApiClient, type ApiClient } from './apiClient';
import { findConnection, type Connection } from './connection';
import { findContext, readContexts, type SavedContext } from './contexts';
import type { ExitCode } from './exitCode';
import { loadKindCatalogue, type KindCatalogue } from './kindCatalogue';
import type { OutputFormat } from './objectOutput';
import type { Terminal } from './terminal';

/** Names the server of this machine's data folder among the contexts. */
export const LOCAL_CONTEXT = 'local';

/** Options that every command takes, before or after its name. */
export interface GlobalOptions {
  readonly server?: string;
  readonly token?: string;
  readonly dataDir?: string;
  readonly org?: string;
  readonly context?: string;
  readonly json?: boolean;
  readonly output?: OutputFormat;
}

/** What a command gets to work with. Nothing is opened before it is asked for, so that `kradle version` stays instant. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly options: () => GlobalOptions;
  readonly org: () => string;
  /** Undefined when the command line names none: the command has a default of its own. */
  readonly format: () => OutputFormat | undefined;
  readonly connection: () => Connection;
  readonly api: () => ApiClient;
  /** Kinds as the server serves them, asked for once. */
  readonly kinds: () => Promise<KindCatalogue>;
  readonly dataDir: () => string;
  /** What the process will answer, unless the command throws. */
  setExitCode(code: ExitCode): void;
  readonly exitCode: () => ExitCode;
}

export function createCommandContext(program: Command, opts: { terminal: Terminal; env: Readonly<Record<string, string | undefined>> }): CommandContext {
  const { terminal, env } = opts;
  let api: ApiClient | undefined;
  let kinds: Promise<KindCatalogue> | undefined;
  let exitCode: ExitCode = 0;
  const options = () => program.opts<GlobalOptions>();
  const dataDir = () => options().dataDir ?? defaultDataDir(env);
  /** The context that is named, or the one in use unless the command line is about a server or data folder of its own. */
  const chosenContext = (): SavedContext | undefined => {
    const name = options().context ?? (env.KRADLE_CONTEXT || undefined);
    if (name === LOCAL_CONTEXT) return undefined;
    const saved = readContexts(env);
    if (name !== undefined) return findContext(saved, name);
    if (options().dataDir !== undefined || env.KRADLE_DATA_DIR || saved.current === undefined) return undefined;
    return saved.contexts[saved.current];
  };
  const context: CommandContext = {
    terminal,
    env,
    options,
    // Like any shell program, an empty variable is no variable.
    org: () => options().org ?? (env.KRADLE_ORG || chosenContext()?.org || 'default'),
    format: () => (options().json === true ? 'json' : options().output),
    dataDir,
    connection: () => findConnection({ server: options().server ?? (env.KRADLE_SERVER || undefined), token: options().token ?? (env.KRADLE_TOKEN || undefined), dataDir: dataDir(), context: chosenContext() }),
    api: () => (api ??= createApiClient(context.connection, { onWarning: (text) => terminal.err(`${terminal.errStyle.yellow('Warning:')} ${text}\n`) })),
    kinds: () => (kinds ??= loadKindCatalogue(context.api())),
    setExitCode(code) {
      exitCode = code;
    },
    exitCode: () => exitCode,
  };
  return context;
}
