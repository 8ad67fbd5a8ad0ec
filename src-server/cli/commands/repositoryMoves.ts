import type { Command } from 'commander';
import type { DeletedRepositoryView, TransferReview } from '#shared/api/repositoryLifecycle';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { CliError, EXIT, usageError } from '../exitCode';
import { printValue } from '../objectOutput';
import { askLine } from '../prompt';
import { renderTextTable } from '../textTable';

interface RepositoryAnswer {
  readonly repository: { readonly metadata: { readonly name: string }; readonly spec: { readonly organizationRef: string }; readonly status?: { readonly mirror?: { readonly phase?: string } } };
}

/** Verbs about a repository as a whole: copies, addresses, its end and its return. */
export function registerRepositoryMoves(repository: Command, context: CommandContext): void {
  const pathOf = (name: string): string => route`/api/orgs/${context.org()}/repositories/${name}`;
  const trashOf = (id: string): string => route`/api/orgs/${context.org()}/deleted-repositories/${id}`;
  const post = async (path: string, body: object, words: (answer: RepositoryAnswer) => string): Promise<void> => {
    const answer = await context.api().send<RepositoryAnswer>('POST', path, { body });
    if (!(await printValue(context, answer.repository))) context.terminal.out(`${words(answer)}\n`);
  };
  const nameOf = ({ repository: { metadata, spec } }: RepositoryAnswer): string => (spec.organizationRef === context.org() ? `repository/${metadata.name}` : `repository/${metadata.name} in ${spec.organizationRef}`);

  repository
    .command('fork')
    .description('make a copy that shares history, to work on it apart')
    .argument('<repository>', 'which')
    .option('--into <organization>', 'organization that the fork goes to')
    .option('--name <name>', 'name of the fork')
    .option('--default-branch-only', 'only the default branch comes along')
    .action((name: string, flags: { into?: string; name?: string; defaultBranchOnly?: boolean }) => post(`${pathOf(name)}/fork`, { organization: flags.into, name: flags.name, defaultBranchOnly: flags.defaultBranchOnly === true }, (answer) => `${nameOf(answer)} forked from ${name}`));
  repository
    .command('sync-fork')
    .description('move a branch of a fork forward to its parent\'s')
    .argument('<repository>', 'the fork')
    .option('--branch <branch>', 'which; the default branch where it is left out')
    .action(async (name: string, { branch }: { branch?: string }) => {
      const synced = await context.api().send<{ branch: string; after: string; result: string }>('POST', `${pathOf(name)}/sync-fork`, { body: { branch } });
      if (!(await printValue(context, synced))) context.terminal.out(`${synced.branch} is at ${synced.after.slice(0, 10)} (${synced.result})\n`);
    });
  repository
    .command('generate')
    .description('make a repository from a template')
    .argument('<template>', 'the template')
    .argument('<name>', 'name of the new repository')
    .option('--into <organization>', 'organization that it goes to')
    .option('--all-branches', 'a first commit for each branch of the template')
    .action((template: string, name: string, flags: { into?: string; allBranches?: boolean }) => post(`${pathOf(template)}/generate`, { name, organization: flags.into, allBranches: flags.allBranches === true }, (answer) => `${nameOf(answer)} made from ${template}`));
  repository
    .command('rename')
    .description('give a repository another name; its old address leads to it')
    .argument('<repository>', 'which')
    .argument('<name>', 'the new name')
    .action((from: string, name: string) => post(`${pathOf(from)}/rename`, { name }, (answer) => `repository/${from} is now ${nameOf(answer)}`));
  repository
    .command('transfer')
    .description('give a repository to another organization; says what stays behind, and asks')
    .argument('<repository>', 'which')
    .argument('<organization>', 'where it goes')
    .option('--name <name>', 'its name there')
    .option('--confirm <repository>', 'its name once more, instead of being asked for it')
    .action(async (name: string, organization: string, flags: { name?: string; confirm?: string }) => {
      const review = await context.api().get<TransferReview>(`${pathOf(name)}/transfer`, { organization });
      const blockers = flags.name === undefined ? review.blockers : review.blockers.filter((each) => !each.includes('give it another name'));
      if (blockers.length > 0) throw new CliError(`${name} cannot be transferred.\n${blockers.join('\n')}`, { exitCode: EXIT.failed });
      context.terminal.err(`${review.left.join('\n')}\n`);
      await confirm(context, { name, confirmed: flags.confirm, question: `${name} goes to ${organization} with everything that belongs to it.\nType its name to transfer it: ` });
      await post(`${pathOf(name)}/transfer`, { organization, name: flags.name }, (answer) => `repository/${name} is now ${nameOf(answer)}`);
    });
  for (const verb of ['archive', 'unarchive'] as const) {
    repository
      .command(verb)
      .description(verb === 'archive' ? 'let nothing be written to a repository' : 'let an archived repository be written to again')
      .argument('<repository>', 'which')
      .action((name: string) => post(`${pathOf(name)}/${verb}`, {}, () => `repository/${name} ${verb}d`));
  }
  repository
    .command('delete')
    .description('delete a repository; it can be restored for 14 days')
    .argument('<repository>', 'which')
    .option('--confirm <repository>', 'its name once more, instead of being asked for it')
    .action(async (name: string, flags: { confirm?: string }) => {
      await confirm(context, { name, confirmed: flags.confirm, question: `${name} and everything that belongs to it will be deleted. For 14 days an administrator can restore it.\nType its name to delete it: ` });
      const answer = await context.api().send<unknown>('DELETE', pathOf(name));
      if (!(await printValue(context, answer))) context.terminal.out(`repository/${name} deleted\n`);
    });
  repository
    .command('deleted')
    .description('list deleted repositories that can be restored')
    .action(async () => {
      const { items } = await context.api().get<{ items: DeletedRepositoryView[] }>(route`/api/orgs/${context.org()}/deleted-repositories`);
      if (await printValue(context, { items })) return;
      const columns = ['id', 'repository', 'deleted', 'by', 'gone for good'].map((header) => ({ header }));
      context.terminal.out(items.length === 0 ? 'None.\n' : renderTextTable(columns, items.map((item) => [item.id, item.repository, item.deletedAt.slice(0, 16), item.deletedBy ?? '', item.purgeAt.slice(0, 10)]), context.terminal.columns));
    });
  repository
    .command('restore')
    .description('bring a deleted repository back, whole')
    .argument('<id>', 'its id, as "repo deleted" shows it')
    .option('--name <name>', 'another name, where the old one is taken')
    .action((id: string, flags: { name?: string }) => post(`${trashOf(id)}/restore`, flags, (answer) => `${nameOf(answer)} restored`));
  repository
    .command('purge')
    .description('remove a deleted repository for good')
    .argument('<id>', 'its id, as "repo deleted" shows it')
    .option('--confirm <id>', 'its id once more, instead of being asked for it')
    .action(async (id: string, flags: { confirm?: string }) => {
      await confirm(context, { name: id, confirmed: flags.confirm, question: `${id} will be gone for good.\nType its id to remove it: ` });
      await context.api().send<unknown>('DELETE', trashOf(id));
      context.terminal.out(`${id} removed\n`);
    });
  const mirror = repository.command('mirror').description('keep repositories the same as others elsewhere');
  mirror
    .command('sync')
    .description('compare a mirror with the other repository now')
    .argument('<repository>', 'which')
    .action((name: string) => post(`${pathOf(name)}/mirror/sync`, {}, () => `repository/${name} is being compared; kradle get repo ${name} -o yaml shows how it goes`));
}

async function confirm({ terminal }: CommandContext, { name, confirmed, question }: { name: string; confirmed: string | undefined; question: string }): Promise<void> {
  if (confirmed === undefined && !terminal.interactive) throw usageError('This has to be confirmed.', `Add --confirm ${name}`);
  if ((confirmed ?? (await askLine(terminal, question))) !== name) throw new CliError('Nothing was changed.', { exitCode: EXIT.interrupted });
}
