import type { Command } from 'commander';
import type { CommandContext } from '../commandContext';

/** Programs start it and talk to it: nothing but the protocol goes to standard output. */
export function registerMcp(program: Command, context: CommandContext): void {
  program
    .command('mcp')
    .helpGroup('Server:')
    .description('speak the Model Context Protocol on standard input and output, for agents and editors')
    .action(async () => {
      const { terminal, env } = context;
      const [{ StdioServerTransport }, { bridgeMcp }] = await Promise.all([import('@modelcontextprotocol/sdk/server/stdio.js'), import('../mcpBridge')]);
      const local = new StdioServerTransport(terminal.stdin);
      // The transport does not look for the end of its input, which is how a client leaves.
      terminal.stdin.once('end', () => void local.close());
      const failure = await bridgeMcp({
        local,
        connect: context.connection,
        org: context.options().org ?? (env.KRADLE_ORG || undefined),
        report: ({ message, hint }) => terminal.err(`${terminal.errStyle.red('error:')} ${message}\n${hint === undefined ? '' : `${hint}\n`}`),
      });
      if (failure !== undefined) context.setExitCode(failure.exitCode);
    });
}
