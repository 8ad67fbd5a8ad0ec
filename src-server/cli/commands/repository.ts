import { Option, type Command } from 'commander';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { printValue, type AnyObject } from '../objectOutput';
import { addListOptions, listObjects, type ListFlags } from './list';
import { registerRepositoryBundles } from './repositoryBundles';
import { registerRepositoryMoves } from './repositoryMoves';

interface CreateFlags {
  readonly description?: string;
  readonly defaultBranch?: string;
  readonly visibility?: string;
  readonly initialize?: boolean;
  readonly importFrom?: string;
  readonly importCredential?: string;
  readonly mirrorOf?: string;
  readonly template?: boolean;
}

export function registerRepository(program: Command, context: CommandContext): void {
  const repository = program.command('repo').helpGroup('Code:').description('make, list, copy, move, delete and restore repositories');
  addListOptions(repository.command('list').alias('ls').description('list repositories')).action((flags: ListFlags) => listObjects(context, 'repositories', flags));
  repository
    .command('create')
    .description('make a repository, empty or with a first commit')
    .argument('<name>', 'name of the repository')
    .option('--description <text>', 'what it is for')
    .option('--default-branch <branch>', 'branch that clones check out')
    .addOption(new Option('--visibility <visibility>', 'who may see it').choices(['public', 'internal', 'private']))
    .option('--initialize', 'make a first commit with a README')
    .option('--import-from <address>', 'fill it from a git address, or a folder of the server\'s machine')
    .option('--import-credential <secret>', 'Secret that the other host is shown')
    .option('--mirror-of <address>', 'keep it the same as the repository there')
    .option('--template', 'others may be made from it')
    .action(async (name: string, { mirrorOf, ...flags }: CreateFlags) => {
      const { repository: object } = await context.api().send<{ repository: AnyObject }>('POST', route`/api/orgs/${context.org()}/repositories`, { body: { name, ...flags, ...(mirrorOf === undefined ? {} : { mirror: { direction: 'pull', url: mirrorOf } }) } });
      if (await printValue(context, object)) return;
      const url = cloneUrl(context, name);
      context.terminal.out(`${url}\n`);
      context.terminal.err(
        flags.importFrom !== undefined || mirrorOf !== undefined
          ? `Repository ${name} is being filled. See how it goes: kradle get repo ${name}\n`
          : flags.initialize === true
          ? `Repository ${name} is made. Clone it: git clone ${url}\n`
          : `Repository ${name} is made. Fill it from a folder that you have:\n  git remote add kradle ${url}\n  git push kradle HEAD\nGit asks for a password: any user name, and the token of ${context.dataDir()}/admin-token.\n`,
      );
    });
  registerRepositoryMoves(repository, context);
  registerRepositoryBundles(repository, context);
}

/** Address that git clones from and pushes to. */
export function cloneUrl(context: CommandContext, repository: string): string {
  return `${context.api().url}${route`/git/${context.org()}/${repository}`}.git`;
}
