import type { Command } from 'commander';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { followRun } from '../followRun';
import { printValue } from '../objectOutput';

export function registerDemo(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .helpGroup('Server:')
    .description('try it: a sample repository with a failing test, and an agent that needs no model and no key')
    .option('--no-follow', 'start it, and watch it in the console')
    .action(async (flags: { follow: boolean }) => {
      const { terminal } = context;
      const demo = await context.api().send<{ repository: string; stack: string; runName: string }>('POST', route`/api/orgs/${context.org()}/demo`, { body: {} });
      if (await printValue(context, demo)) return;
      terminal.err(`Agent ${demo.stack} works on the failing test of repository ${demo.repository}; its run is ${demo.runName}.\n`);
      if (!flags.follow) return terminal.out(`${demo.runName}\n`);
      context.setExitCode(await followRun(context, demo.runName, { json: false, ask: terminal.interactive }));
    });
}
