import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Option, type Command } from 'commander';
import type { CommandContext } from '../commandContext';
import { EXIT } from '../exitCode';
import { VERSION } from '../version';

interface ServeFlags {
  readonly host?: string;
  readonly port?: string;
  readonly sshPort?: string;
  readonly logLevel?: string;
}

export function registerServe(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .helpGroup('Server:')
    .description('start the server and the console')
    .option('--host <address>', 'address to listen on (KRADLE_HOST, 127.0.0.1)')
    .option('--port <number>', 'port to listen on, 0 for any free one (KRADLE_PORT, 3080)')
    .option('--ssh-port <number>', 'port of git over SSH, 0 for any free one, off for none (KRADLE_SSH_PORT, 3022 or a free one)')
    .addOption(new Option('--log-level <level>', 'lowest level to log (KRADLE_LOG_LEVEL, info)').choices(['trace', 'debug', 'info', 'warn', 'error', 'silent']))
    .action((flags: ServeFlags) => serveUntilStopped(flags, context));
}

async function serveUntilStopped(flags: ServeFlags, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const [{ loadConfig }, { serve }] = await Promise.all([import('../../app/config'), import('../../app/serve')]);
  const { config } = await loadConfig({ flags: { ...flags, dataDir: context.options().dataDir }, env: context.env });
  const consoleDir = fileURLToPath(new URL('../renderer', import.meta.url));
  const server = await serve(config, {
    // The bundle's entry lies beside this chunk.
    program: [process.execPath, fileURLToPath(new URL('kradle.js', import.meta.url))],
    environment: context.env,
    version: VERSION,
    ...(existsSync(consoleDir) ? { consoleDir } : {}),
  });
  const facts = { ready: true, url: server.url, ...(server.ssh === undefined ? {} : { ssh: server.ssh }), signInLink: server.signInLink, dataDir: config.dataDir, pid: process.pid };
  terminal.out(context.format() === 'json' ? `${JSON.stringify(facts)}\n` : banner(facts, context));
  const signal = await stopSignal();
  if (signal === 'SIGINT' && terminal.errIsTerminal) terminal.err('\nStopping. Press Ctrl-C again to stop at once.\n');
  process.once('SIGINT', () => process.exit(EXIT.interrupted));
  process.once('SIGTERM', () => process.exit(EXIT.interrupted));
  await server.close();
  // Whatever still keeps the process alive has nothing left to do.
  process.exit(EXIT.ok);
}

function banner(facts: { signInLink: string; dataDir: string; ssh?: { host: string; port: number } }, { terminal, format }: CommandContext): string {
  if (format() !== undefined && format() !== 'table') return `${facts.signInLink}\n`;
  const { style } = terminal;
  return [
    '',
    `  ${style.bold(`Kradle ${VERSION}`)} is ready.`,
    '',
    `  Open   ${style.cyan(facts.signInLink)}`,
    `         ${style.dim('The link signs you in once; "kradle open" prints another.')}`,
    ...(facts.ssh === undefined ? [] : [`  SSH    ssh://git@${facts.ssh.host}:${facts.ssh.port}`]),
    `  Data   ${facts.dataDir}`,
    '  Stop   Ctrl-C. Runs that are going go on, and are picked up at the next start.',
    '',
    '',
  ].join('\n');
}

/** The first signal that asks the process to stop. */
async function stopSignal(): Promise<NodeJS.Signals> {
  return await new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
  });
}
