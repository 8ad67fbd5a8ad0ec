import type { Command } from 'commander';

/** Commands that the server starts itself: not for people, so not in the help. */
export function registerInternal(program: Command): void {
  program
    .command('runner', { hidden: true })
    .description('carry out one agent run; started by the server')
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async () => {
      const { startRunner } = await import('../../app/startRunner');
      process.exit(await startRunner(process.env));
    });
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
