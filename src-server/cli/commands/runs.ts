import type { Command } from 'commander';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { printValue } from '../objectOutput';
import { addListOptions, listObjects, type ListFlags } from './list';

/** Runs by name: list, cancel and retry them. */
export function registerRuns(program: Command, context: CommandContext): void {
  addListOptions(program.command('runs').helpGroup('Agents:').description('list runs, the newest first').option('--phase <phase>', 'only runs in this phase').option('--repo <repository>', 'only runs in this repository').option('--stack <agent>', 'only runs of this agent')).action(
    (flags: ListFlags & { phase?: string; repo?: string; stack?: string }) =>
      listObjects(context, 'agentdispatchruns', {
        sort: '-metadata.creationTimestamp',
        ...flags,
        fieldSelector: joinSelectors(flags.fieldSelector, { 'status.phase': flags.phase, 'spec.repository': flags.repo, 'spec.agentStack': flags.stack }),
      }),
  );
  program
    .command('cancel')
    .helpGroup('Agents:')
    .description('stop a run, and everything that its agent started')
    .argument('<run>', 'name of the run')
    .option('--reason <text>', 'why')
    .action(async (run: string, flags: { reason?: string }) => {
      const answer = await context.api().send('POST', route`/api/orgs/${context.org()}/agents/runs/${run}/cancel`, { body: flags });
      if (!(await printValue(context, answer))) context.terminal.out(`Run ${run} is being cancelled.\n`);
    });
  program
    .command('retry')
    .helpGroup('Agents:')
    .description('dispatch a run that has ended once more')
    .argument('<run>', 'name of the run')
    .action(async (run: string) => {
      const answer = await context.api().send<{ run: string }>('POST', route`/api/orgs/${context.org()}/agents/runs/${run}/retry`, { body: {} });
      if (!(await printValue(context, answer))) context.terminal.out(`Run ${context.terminal.style.bold(answer.run)} retries ${run}.\n`);
    });
}

/** Adds `field=value` requirements to a selector that may be there already. */
export function joinSelectors(selector: string | undefined, fields: Readonly<Record<string, string | undefined>>): string {
  const added = Object.entries(fields).flatMap(([field, value]) => (value === undefined ? [] : [`${field}=${value}`]));
  return [selector, ...added].filter((part) => part !== undefined && part !== '').join(',');
}
