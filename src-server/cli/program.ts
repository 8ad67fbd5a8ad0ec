import { Command, CommanderError, Option } from 'commander';
import { isStatusError } from '#shared/api/status';
import { createCommandContext, type CommandContext } from './commandContext';
import { registerAgent } from './commands/agent';
import { registerApply } from './commands/apply';
import { registerApprovals } from './commands/approvals';
import { registerAudit } from './commands/audit';
import { registerAuth } from './commands/auth';
import { registerBackup } from './commands/backup';
import { registerCompletion } from './commands/completion';
import { registerConfigMaps } from './commands/configmaps';
import { registerConfig } from './commands/config';
import { registerContext } from './commands/context';
import { registerCreate } from './commands/create';
import { registerDb } from './commands/db';
import { registerDelete } from './commands/delete';
import { registerDemo } from './commands/demo';
import { registerDispatch } from './commands/dispatch';
import { registerEdit } from './commands/edit';
import { registerGet } from './commands/get';
import { registerImport } from './commands/import';
import { registerInternal } from './commands/internal';
import { registerInvite } from './commands/invite';
import { registerKinds } from './commands/kinds';
import { registerKubeconfig } from './commands/kubeconfig';
import { registerList } from './commands/list';
import { registerLogin } from './commands/login';
import { registerLogs } from './commands/logs';
import { registerMcp } from './commands/mcp';
import { registerOpen } from './commands/open';
import { registerOrg } from './commands/org';
import { registerPulls } from './commands/pulls';
import { registerRepository } from './commands/repository';
import { registerRestore } from './commands/restore';
import { registerRuns } from './commands/runs';
import { registerSecrets } from './commands/secrets';
import { registerServe } from './commands/serve';
import { registerSshKey } from './commands/sshKey';
import { registerStatus } from './commands/status';
import { registerToken } from './commands/token';
import { registerVersion } from './commands/version';
import { CliError, EXIT, type ExitCode } from './exitCode';
import { OUTPUT_FORMATS } from './objectOutput';
import type { Terminal } from './terminal';

/** Builds the command line. Commands register in the order in which the help lists them. */
export function createProgram(opts: { terminal: Terminal; env: Readonly<Record<string, string | undefined>> }): { program: Command; context: CommandContext } {
  const program = new Command('kradle')
    .description('A forge whose every object is a Kubernetes-style resource, with coding agents as first-class workers.')
    .option('--server <url>', 'server to talk to (KRADLE_SERVER, the one of the data folder)')
    .option('--token <token>', 'access token (KRADLE_TOKEN, admin-token of the data folder)')
    .option('--context <context>', 'server that you are signed in to (KRADLE_CONTEXT, the one in use); "local" is the one of the data folder')
    .option('--data-dir <folder>', 'data folder of this machine (KRADLE_DATA_DIR, ~/.kradle)')
    .option('--org <organization>', 'organization (KRADLE_ORG, that of the context, default)')
    .option('--json', 'the same as -o json')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(OUTPUT_FORMATS))
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: (text) => opts.terminal.out(text), writeErr: (text) => opts.terminal.err(text) })
    .showHelpAfterError('(add --help for what it takes)')
    .helpCommand('help [command]', 'show what a command takes')
    .exitOverride();
  const context = createCommandContext(program, opts);
  for (const register of REGISTRATIONS) register(program, context);
  return { program, context };
}

/** Runs one command line (without `node` and the script) and answers the exit code. Throws nothing that it can say. */
export async function runProgram(args: readonly string[], opts: { terminal: Terminal; env: Readonly<Record<string, string | undefined>> }): Promise<ExitCode> {
  const { terminal } = opts;
  const { program, context } = createProgram(opts);
  if (args.length === 0) {
    terminal.out(program.helpInformation());
    return EXIT.ok;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return context.exitCode();
  } catch (error) {
    return reportError(error, terminal);
  }
}

function reportError(error: unknown, terminal: Terminal): ExitCode {
  // Commander has printed its own; help and version end with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const { errStyle } = terminal;
  if (error instanceof CliError) {
    terminal.err(`${errStyle.red('error:')} ${error.message}\n${error.hint === undefined ? '' : `${errStyle.dim(error.hint)}\n`}`);
    return error.exitCode;
  }
  // What this process refuses itself: settings, a port, a data folder.
  if (isStatusError(error)) {
    terminal.err(`${errStyle.red('error:')} ${error.message}\n`);
    return error.reason === 'Conflict' ? EXIT.conflict : error.reason === 'Invalid' ? EXIT.usage : EXIT.failed;
  }
  terminal.err(`${errStyle.red('error:')} kradle failed, which is a mistake in it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.failed;
}

const REGISTRATIONS: readonly ((program: Command, context: CommandContext) => void)[] = [
  registerServe,
  registerOpen,
  registerLogin,
  registerContext,
  registerKubeconfig,
  registerMcp,
  registerStatus,
  registerAudit,
  registerSecrets,
  registerConfigMaps,
  registerBackup,
  registerRestore,
  registerDb,
  registerDemo,
  registerRepository,
  registerImport,
  registerPulls,
  registerAgent,
  registerDispatch,
  registerRuns,
  registerLogs,
  registerApprovals,
  registerOrg,
  registerInvite,
  registerToken,
  registerSshKey,
  registerAuth,
  registerCreate,
  registerApply,
  registerEdit,
  registerGet,
  registerList,
  registerDelete,
  registerKinds,
  registerConfig,
  registerCompletion,
  registerVersion,
  registerInternal,
];
