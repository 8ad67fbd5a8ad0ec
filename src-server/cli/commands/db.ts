import type { Command } from 'commander';
import { formatBytes } from '#shared/kind/table';
import type { CheckReport } from '../../app/check/checkInstallation';
import type { CommandContext } from '../commandContext';
import { EXIT } from '../exitCode';
import { interruptible } from '../interruptible';
import { printValue } from '../objectOutput';
import { createProgressLine } from '../progressLine';
import { countOf, safeLine } from '../terminalText';
import { renderTextTable } from '../textTable';

export function registerDb(program: Command, context: CommandContext): void {
  const db = program.command('db').helpGroup('Server:').description('check or move the database of this machine');
  db.command('check')
    .description('look whether everything in the database is as it should be; changes nothing, and the server may serve')
    .option('--blobs', 'read every artifact\'s content, too')
    .option('--repositories', 'have git look through every repository, too')
    .action((flags: { blobs?: boolean; repositories?: boolean }) => check(flags, context));
  db.command('copy')
    .description('copy the whole database into an empty one, between SQLite and Postgres or within one of them')
    .requiredOption('--from <database>', 'data folder, or postgres://…; it may be served meanwhile')
    .requiredOption('--to <database>', 'data folder, or postgres://…; without a server')
    .action((flags: { from: string; to: string }) => copy(flags, context));
}

async function check(flags: { blobs?: boolean; repositories?: boolean }, context: CommandContext): Promise<void> {
  const [{ loadConfig }, { databaseAddress }, { dataDirAt }, { checkInstallation }] = await Promise.all([
    import('../../app/config'), import('../../app/databaseAddress'), import('../../app/dataDir'), import('../../app/check/checkInstallation'),
  ]);
  const { config } = await loadConfig({ flags: { dataDir: context.options().dataDir }, env: context.env });
  const dataDir = dataDirAt(config.dataDir);
  const progress = createProgressLine(context.terminal);
  const report = await checkInstallation({
    database: databaseAddress(config, dataDir),
    dataDir,
    blobs: flags.blobs === true,
    repositories: flags.repositories === true,
    environment: context.env,
    onProgress: progress.report,
    onStep: progress.step,
  }).finally(() => progress.clear());
  if (report.problems.length > 0) context.setExitCode(EXIT.failed);
  if (await printValue(context, report)) return;
  context.terminal.out(checkText(report, context));
}

function checkText({ database, blobs, repositories, problems }: CheckReport, { terminal }: CommandContext): string {
  const { style } = terminal;
  const lines = [
    `Database      ${database.engine === 'sqlite' ? 'SQLite' : 'Postgres'} at ${database.where}, schema ${database.schemaVersion}`,
    `Revisions     ${database.head}, history from ${database.floor}`,
    `Contents      ${countOf(database.objects, 'object')}, ${countOf(database.changes, 'change')}, ${countOf(database.events, 'event')} in ${countOf(database.streams, 'stream')}`,
    ...(blobs === undefined ? [] : [`Blobs         ${countOf(blobs.files, 'file')}, ${formatBytes(blobs.sizeBytes)}; ${countOf(blobs.artifacts, 'content')} of artifacts`]),
    ...(repositories === undefined ? [] : [`Repositories  ${countOf(repositories.folders, 'folder')} for ${countOf(repositories.objects, 'repository object')}`]),
  ];
  const found = problems.map(({ part, problem, count, example }) => `${style.red('wrong:')} ${part}: ${safeLine(problem)}${detail(count, example)}`);
  return [...lines, '', ...(found.length === 0 ? [style.green('Nothing is wrong.')] : found), ''].join('\n');
}

function detail(count: number, example: string | undefined): string {
  const shown = example === undefined ? '' : safeLine(example);
  if (shown === '') return count === 1 ? '' : ` (${count} times)`;
  return count === 1 ? ` (${shown})` : ` (${count} times, such as ${shown})`;
}

async function copy(flags: { from: string; to: string }, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const { copyDatabase } = await import('../../app/offline/copyDatabase');
  const progress = createProgressLine(terminal);
  const copied = await interruptible((signal) =>
    copyDatabase({ ...flags, signal, onProgress: ({ step, table, done, total }) => progress.report({ what: `rows of ${table} ${step === 'copy' ? 'copied' : 'read back'}`, done, total }) }),
  ).finally(() => progress.clear());
  if (await printValue(context, copied)) return;
  const rows = Object.entries(copied.tables).map(([table, { rows: count, sha256 }]) => [table, String(count), sha256]);
  terminal.out(renderTextTable([{ header: 'Table' }, { header: 'Rows', align: 'end' }, { header: 'SHA-256 on both sides' }], rows, Number.POSITIVE_INFINITY));
  terminal.err(`Copied ${copied.from} at revision ${copied.head}, history from ${copied.floor}; every row was read back and is the same.\n`);
}
