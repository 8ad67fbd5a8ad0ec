import type { Command } from 'commander';
import { ApiError, route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { CliError, EXIT, usageError } from '../exitCode';
import { organizationOf, readManifests } from '../manifests';
import { printValue } from '../objectOutput';
import { askYesNo } from '../prompt';
import { splitKindAndName } from './get';

interface DeleteFlags {
  readonly file?: string[];
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly ignoreNotFound?: boolean;
}

interface Target {
  readonly org: string;
  readonly kind: string;
  readonly singular: string;
  readonly name: string;
}

export function registerDelete(program: Command, context: CommandContext): void {
  program
    .command('delete')
    .alias('rm')
    .helpGroup('Objects:')
    .description('delete objects, and what they own')
    .argument('[kind]', 'kind, plural or short name; or KIND/NAME')
    .argument('[name...]', 'names of objects')
    .option('-f, --file <path...>', 'delete the objects of files or folders, the last first')
    .option('-y, --yes', 'do not ask')
    .option('--ignore-not-found', 'what is not there counts as deleted')
    .option('--dry-run', 'check everything and delete nothing')
    .action(async (kind: string | undefined, names: string[], flags: DeleteFlags) => {
      const targets = await findTargets(context, { kind, names, files: flags.file });
      const list = targets.map((target) => `${target.singular}/${target.name}`).join(', ');
      if (flags.yes !== true && flags.dryRun !== true && context.terminal.interactive && !(await askYesNo(context.terminal, `Delete ${list}?`))) {
        throw new CliError('Nothing was deleted.', { exitCode: EXIT.interrupted });
      }
      const deleted: unknown[] = [];
      for (const target of targets) {
        const gone = await deleteTarget(context, target, flags);
        deleted.push({ kind: target.kind, name: target.name, deleted: gone });
        if (context.format() === undefined && gone) context.terminal.out(`${target.singular}/${target.name} deleted${flags.dryRun === true ? ' (dry run)' : ''}\n`);
      }
      await printValue(context, { items: deleted });
    });
}

async function findTargets(context: CommandContext, from: { kind: string | undefined; names: string[]; files: string[] | undefined }): Promise<Target[]> {
  const catalogue = await context.kinds();
  if (from.files !== undefined) {
    if (from.kind !== undefined) throw usageError('Give either a kind and names, or files with -f.');
    const manifests = await readManifests(from.files, context.terminal);
    return await Promise.all(
      manifests.reverse().map(async ({ object }) => {
        const { plural, singular } = catalogue.find(object.kind);
        return { org: await organizationOf(object, context.org()), kind: plural, singular, name: object.metadata.name };
      }),
    );
  }
  const [kindName, names] = splitKindAndName(from.kind ?? '', from.names);
  if (kindName === '' || names.length === 0) throw usageError('Say what to delete: a kind and names, or files with -f.', 'For example: kradle delete repository demo');
  const kind = catalogue.find(kindName);
  return names.map((name) => ({ org: context.org(), kind: kind.plural, singular: kind.singular, name }));
}

/** Whether it was there. */
async function deleteTarget(context: CommandContext, target: Target, flags: DeleteFlags): Promise<boolean> {
  try {
    await context.api().send('DELETE', route`/api/orgs/${target.org}/resources/${target.kind}/${target.name}`, { query: { dryRun: flags.dryRun } });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404 && flags.ignoreNotFound === true) return false;
    throw error;
  }
}
