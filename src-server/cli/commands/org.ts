import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { OrganizationDeletionView } from '#shared/api/organizations';
import { ApiError, route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { CliError, EXIT, usageError } from '../exitCode';
import { interruptible } from '../interruptible';
import { printValue } from '../objectOutput';
import { createProgressLine } from '../progressLine';
import { askLine } from '../prompt';

/** How often a deletion is asked after, in ms. */
const POLL_MS = 500;

export function registerOrg(program: Command, context: CommandContext): void {
  const org = program.command('org').helpGroup('People:').description('make, suspend and delete organizations');
  org
    .command('create')
    .description('make an organization; you become its owner')
    .argument('<slug>', 'short name in addresses')
    .option('--display-name <text>', 'what people call it')
    .option('--description <text>', 'what it is about')
    .action(async (slug: string, flags: { displayName?: string; description?: string }) => {
      const made = await context.api().send<{ organization: { metadata: { name: string } } }>('POST', '/api/orgs', { body: { slug, ...flags } });
      if (await printValue(context, made)) return;
      const { name } = made.organization.metadata;
      context.terminal.out(`organization/${name} created\n`);
      context.terminal.err(`Work in it with --org ${name}, and ask others in: kradle invite EMAIL --org ${name}\n`);
    });
  org
    .command('suspend')
    .description('let nothing be changed in an organization, and nothing run, until it is resumed')
    .argument('<organization>', 'which')
    .option('--reason <text>', 'what its members are told')
    .action((name: string, flags: { reason?: string }) => post(context, { org: name, verb: 'suspend', body: flags }));
  org.command('resume').description('end the suspension of an organization').argument('<organization>', 'which').action((name: string) => post(context, { org: name, verb: 'resume', body: {} }));
  org
    .command('delete')
    .description('delete an organization and everything in it, for good')
    .argument('<organization>', 'which')
    .option('--confirm <organization>', 'its name once more, instead of being asked for it')
    .option('--no-wait', 'do not wait until everything is gone')
    .action((name: string, flags: { confirm?: string; wait: boolean }) => deleteOrganization(context, name, flags));
}

async function post(context: CommandContext, { org, verb, body }: { org: string; verb: 'suspend' | 'resume'; body: object }): Promise<void> {
  const answer = await context.api().send<unknown>('POST', `${route`/api/orgs/${org}`}/${verb}`, { body });
  if (!(await printValue(context, answer))) context.terminal.out(`organization/${org} ${verb === 'suspend' ? 'suspended' : 'resumed'}\n`);
}

async function deleteOrganization(context: CommandContext, org: string, flags: { confirm?: string; wait: boolean }): Promise<void> {
  const confirm = flags.confirm ?? (await askForName(context, org));
  if (confirm !== org) throw new CliError('Nothing was deleted.', { exitCode: EXIT.interrupted });
  let deletion = await context.api().send<OrganizationDeletionView>('DELETE', route`/api/orgs/${org}`, { body: { confirm } });
  if (flags.wait) deletion = await interruptible((signal) => followDeletion(context, deletion, signal));
  if (await printValue(context, deletion)) return;
  context.terminal.out(`organization/${org} ${deletion.phase === 'Deleted' ? 'deleted' : 'is being deleted'}\n`);
}

async function askForName({ terminal }: CommandContext, org: string): Promise<string | undefined> {
  if (!terminal.interactive) throw usageError('Deleting an organization has to be confirmed.', `Add --confirm ${org}`);
  return askLine(terminal, `Everything in ${org} will be gone for good: repositories, issues, runs, people.\nType its name to delete it: `);
}

async function followDeletion(context: CommandContext, begun: OrganizationDeletionView, signal: AbortSignal): Promise<OrganizationDeletionView> {
  const progress = createProgressLine(context.terminal);
  let deletion = begun;
  try {
    while (deletion.phase !== 'Deleted') {
      progress.report({ what: 'objects left', done: deletion.objectsLeft.reduce((sum, { count }) => sum + count, 0) });
      await delay(POLL_MS, undefined, { signal });
      deletion = await context.api().get<OrganizationDeletionView>(route`/api/orgs/${begun.org}/deletion`);
    }
    return deletion;
  } catch (error) {
    // Whoever may not know of organizations that are gone is told of none.
    if (error instanceof ApiError && error.status === 404) return { ...deletion, phase: 'Deleted', objectsLeft: [], repositoryBytesLeft: 0 };
    throw error;
  } finally {
    progress.clear();
  }
}
