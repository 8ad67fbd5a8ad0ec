import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CommandContext } from '../commandContext';
import { interruptible } from '../interruptible';
import { printValue } from '../objectOutput';
import { createProgressLine } from '../progressLine';
import { countOf } from '../terminalText';

export function registerRestore(program: Command, context: CommandContext): void {
  program
    .command('restore')
    .helpGroup('Server:')
    .description('make an empty data folder what it was when a backup was made')
    .argument('<file>', 'what "kradle backup" wrote')
    .option('--force', 'move what is in the data folder, and in the Postgres, aside')
    .action((file: string, flags: { force?: boolean }) => restore(file, flags, context));
}

async function restore(file: string, flags: { force?: boolean }, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const [{ loadConfig }, { dataDirAt }, { restoreBackup }] = await Promise.all([import('../../app/config'), import('../../app/dataDir'), import('../../app/backup/restoreBackup')]);
  const { config } = await loadConfig({ flags: { dataDir: context.options().dataDir }, env: context.env });
  const progress = createProgressLine(terminal);
  const { manifest, aside, asideSchema, warnings } = await interruptible((signal) =>
    restoreBackup({
      file: resolve(file),
      dataDir: dataDirAt(config.dataDir),
      ...(config.databaseUrl === undefined ? {} : { databaseUrl: config.databaseUrl }),
      force: flags.force === true,
      onProgress: progress.report,
      signal,
    }),
  ).finally(() => progress.clear());
  const { createdAt, head, tables, repositories, blobs, contents } = manifest;
  const facts = { dataDir: config.dataDir, database: config.databaseUrl === undefined ? 'sqlite' : 'postgres', createdAt, head, objects: tables.object.rows, repositories, blobs, contents, aside: aside ?? null, asideSchema: asideSchema ?? null, warnings };
  for (const warning of warnings) terminal.err(`${terminal.errStyle.yellow('warning:')} ${warning}\n`);
  if (await printValue(context, facts)) return;
  terminal.out(`Restored ${config.dataDir} as of ${createdAt}: revision ${head}, ${countOf(facts.objects, 'object')}, ${repositories} ${repositories === 1 ? 'repository' : 'repositories'}, ${countOf(blobs, 'blob')}.\n`);
  if (aside !== undefined) terminal.err(`What was there is in ${aside}; remove it when you do not need it any more.\n`);
  if (asideSchema !== undefined) terminal.err(`The old tables are in the schema ${asideSchema} of the same database.\n`);
  if (!contents.keys) terminal.err('The backup has no keys: those of this folder stay, or new ones are made at the first start, and people sign in again.\n');
}
