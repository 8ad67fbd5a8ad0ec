import type { Command } from 'commander';
import { cliReference } from '../cliReference';
import type { CommandContext } from '../commandContext';

/** Commands that programs call: the server starts them itself, or a script does. They are not in the help. `runner` is in `kradle.ts`. */
export function registerInternal(program: Command, context: CommandContext): void {
  program
    .command('demo-agent', { hidden: true })
    .description('the sample ACP agent of "kradle demo", on standard input and output')
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async () => {
      const { runDemoAgent } = await import('../../demo/demoAgent');
      await runDemoAgent();
    });
  program
    .command('__reference', { hidden: true })
    .description('print docs/reference/cli.md')
    .action(() => context.terminal.out(cliReference(program)));
}
