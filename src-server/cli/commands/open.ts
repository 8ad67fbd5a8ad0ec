import type { Command } from 'commander';
import type { CommandContext } from '../commandContext';
import { printValue } from '../objectOutput';

export function registerOpen(program: Command, context: CommandContext): void {
  program
    .command('open')
    .helpGroup('Server:')
    .description('print a link that signs a browser in, once')
    .action(async () => {
      const link = await context.api().send<{ url: string }>('POST', '/api/sign-in-links', { body: {} });
      if (!(await printValue(context, link))) context.terminal.out(`${link.url}\n`);
    });
}
