import type { Command } from 'commander';
import type { z } from 'zod';
import type { inviteOutput } from '#shared/api/people';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { EXIT, usageError } from '../exitCode';
import { printValue } from '../objectOutput';
import { safeLine } from '../terminalText';

interface InviteFlags {
  readonly role?: string;
  readonly team?: string[];
  readonly message?: string;
  readonly days?: string;
}

export function registerInvite(program: Command, context: CommandContext): void {
  program
    .command('invite')
    .helpGroup('People:')
    .description('ask people into the organization; prints a link for each, which is shown once')
    .argument('<email...>', 'their addresses')
    .option('--role <role>', 'what they become: viewer, reviewer, developer, maintainer, admin')
    .option('--team <team...>', 'teams that they join')
    .option('--message <text>', 'words to them')
    .option('--days <count>', 'days until the link is good no more')
    .action((emails: string[], flags: InviteFlags) => invite(context, emails, flags));
}

async function invite(context: CommandContext, emails: readonly string[], { role, team: teams, message, days }: InviteFlags): Promise<void> {
  if (days !== undefined && !/^\d+$/.test(days)) throw usageError(`--days must be a whole number, not "${days}".`);
  const body = { emails, role, teams, message, days: days === undefined ? undefined : Number(days) };
  const answer = await context.api().send<z.output<typeof inviteOutput>>('POST', route`/api/orgs/${context.org()}/invites`, { body });
  if (answer.refused.length > 0) context.setExitCode(EXIT.failed);
  if (await printValue(context, answer)) return;
  const { terminal } = context;
  for (const { email, link, mail } of answer.invites) {
    terminal.out(`${safeLine(email)}  ${link}\n`);
    if (mail === 'off') terminal.err(`The server sends no mail: hand ${safeLine(email)} the link yourself. It is not shown again.\n`);
  }
  for (const { email, message: why } of answer.refused) terminal.err(`${terminal.errStyle.red('error:')} ${safeLine(email)}: ${safeLine(why)}\n`);
}
