import type { Command } from 'commander';
import type { CommandContext } from '../commandContext';
import { approvalText, askApproval, decideApproval, readApproval, type Decision, type DecisionAnswer } from '../decideApproval';
import { EXIT, usageError } from '../exitCode';
import { printValue } from '../objectOutput';
import { OPEN_APPROVALS } from '#shared/kinds/agents/approvalSelectors';
import { safeLine } from '../terminalText';
import { addListOptions, joinSelectors, listObjects, type ListFlags } from './list';

/** The inbox: what waits for an answer, and the answers. */
export function registerApprovals(program: Command, context: CommandContext): void {
  addListOptions(program.command('approvals').helpGroup('Agents:').description('list what waits for your answer').option('-a, --all', 'also what was answered').option('--run <run>', 'only of this run')).action(
    (flags: ListFlags & { all?: boolean; run?: string }) =>
      listObjects(context, 'agentapprovals', {
        sort: '-metadata.creationTimestamp',
        ...flags,
        fieldSelector: joinSelectors([flags.fieldSelector, flags.all === true ? undefined : OPEN_APPROVALS], { 'spec.dispatchRun': flags.run }),
      }),
  );
  program
    .command('approve')
    .helpGroup('Agents:')
    .description('say yes; on a terminal without --option, show the question and choose')
    .argument('<approval>', 'name of the approval')
    .option('--option <id>', 'the agent\'s option to choose; default: its one allow-once option')
    .option('--reason <text>', 'why')
    .action(async (name: string, flags: { option?: string; reason?: string }) => {
      if (flags.option === undefined && flags.reason === undefined && context.terminal.interactive && context.format() === undefined) {
        const answer = await askApproval(context, name);
        if (answer !== undefined) return report(context, answer);
        const { status } = await readApproval(context.api(), { org: context.org(), name });
        if (status?.phase !== undefined && status.phase !== 'Pending') context.terminal.err(`It was answered already: ${status.phase}${status.decidedBy === undefined ? '' : ` by ${status.decidedBy.name}`}.\n`);
        return context.setExitCode(EXIT.conflict);
      }
      await report(context, await decide(context, name, { decision: 'approve', optionId: flags.option, reason: flags.reason }));
    });
  program
    .command('deny')
    .helpGroup('Agents:')
    .description('say no')
    .argument('<approval>', 'name of the approval')
    .option('--option <id>', 'the agent\'s option to choose; default: its one reject option')
    .option('--reason <text>', 'why')
    .action(async (name: string, flags: { option?: string; reason?: string }) => {
      await report(context, await decide(context, name, { decision: 'deny', optionId: flags.option, reason: flags.reason }));
    });
}

/** An option that the agent did not offer is answered with those that it did. */
async function decide(context: CommandContext, name: string, decision: Decision): Promise<DecisionAnswer> {
  const at = { org: context.org(), name };
  if (decision.optionId !== undefined) {
    const approval = await readApproval(context.api(), at);
    const options = approval.spec.options ?? [];
    if (!options.some((option) => option.optionId === decision.optionId)) {
      throw usageError(`${name} has no option "${decision.optionId}".`, `${approvalText(approval, context.terminal.errStyle)}\nOptions: ${options.map((option) => `${option.optionId} (${safeLine(option.name)})`).join(', ') || 'none'}`);
    }
  }
  return await decideApproval(context.api(), at, decision);
}

async function report(context: CommandContext, answer: DecisionAnswer): Promise<void> {
  if (await printValue(context, answer)) return;
  const { approval } = answer;
  const chosen = approval.spec.options?.find((option) => option.optionId === approval.status?.optionId);
  context.terminal.out(`${approval.metadata.name} ${answer.phase}${chosen === undefined ? '' : ` (${safeLine(chosen.name)})`}\n`);
}
