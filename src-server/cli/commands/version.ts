import type { Command } from 'commander';
import type { CommandContext } from '../commandContext';
import { printValue } from '../objectOutput';
import { VERSION } from '../version';

export function registerVersion(program: Command, context: CommandContext): void {
  program
    .version(`kradle ${VERSION}`, '-V, --version', 'print the version')
    .command('version')
    .helpGroup('This program:')
    .description('print the version of this program')
    .action(async () => {
      const facts = { version: VERSION, node: process.version, platform: `${process.platform}-${process.arch}` };
      if (!(await printValue(context, facts))) context.terminal.out(`kradle ${VERSION}\n`);
    });
}
