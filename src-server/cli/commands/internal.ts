import type { Command } from 'commander';

/** Commands that programs call: the server starts them itself. They are not in the help. `runner` is in `kradle.ts`. */
export function registerInternal(program: Command): void {
  program
    .command('demo-agent', { hidden: true })
    .description('the sample ACP agent of "kradle demo", on standard input and output')
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async () => {
      const { runDemoAgent } = await import('../../demo/demoAgent');
      await runDemoAgent();
    });
}
