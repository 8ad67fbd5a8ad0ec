import type { Command } from 'commander';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { printValue } from '../objectOutput';
import { printDiff } from '../printDiff';
import { ACTIVE_RUNS, type RunObject } from '../runTypes';
import { addListOptions, joinSelectors, listObjects, type ListFlags } from './list';

/** Runs by name: list, read, cancel and retry them. */
export function registerRuns(program: Command, context: CommandContext): void {
  const runs = program
    .command('runs')
    .helpGroup('Agents:')
    .description('list runs, the newest first')
    .option('--active', 'only runs that have not ended')
    .option('--phase <phase>', 'only runs in this phase')
    .option('--repo <repository>', 'only runs in this repository')
    .option('--stack <agent>', 'only runs of this agent');
  addListOptions(runs).action(
    (flags: ListFlags & { active?: boolean; phase?: string; repo?: string; stack?: string }) =>
      listObjects(context, 'agentdispatchruns', {
        sort: '-metadata.creationTimestamp',
        ...flags,
        fieldSelector: joinSelectors([flags.fieldSelector, flags.active === true ? ACTIVE_RUNS : undefined], { 'status.phase': flags.phase, 'spec.repository': flags.repo, 'spec.agentStack': flags.stack }),
      }),
  );
  program
    .command('diff')
    .helpGroup('Agents:')
    .description('print what a run has changed as a patch, also while it works')
    .argument('<run>', 'name of the run')
    .argument('[path]', 'only this file')
    .action((run: string, path: string | undefined) => printDiff(context, route`/api/orgs/${context.org()}/agents/runs/${run}/diff`, path));
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
    .option('--write-back', 'only try its failed write-back again')
    .action(async (run: string, flags: { writeBack?: boolean }) => {
      if (flags.writeBack === true) {
        const object = await context.api().send<RunObject>('POST', route`/api/orgs/${context.org()}/agents/runs/${run}/write-back`, { body: {} });
        if (!(await printValue(context, object))) context.terminal.out(`The write-back of ${run} is tried again.\n`);
        return;
      }
      const answer = await context.api().send<{ run: string }>('POST', route`/api/orgs/${context.org()}/agents/runs/${run}/retry`, { body: {} });
      if (!(await printValue(context, answer))) context.terminal.out(`Run ${context.terminal.style.bold(answer.run)} retries ${run}.\n`);
    });
}
