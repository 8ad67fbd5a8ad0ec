import { createWriteStream } from 'node:fs';
import type { Command } from 'commander';
import { formatBytes } from '#shared/kind/table';
import type { CommandContext } from '../commandContext';
import { EXIT, usageError } from '../exitCode';
import { interruptible } from '../interruptible';
import { printValue } from '../objectOutput';
import { createProgressLine } from '../progressLine';
import { countOf } from '../terminalText';
import { VERSION } from '../version';

interface BackupFlags {
  readonly withoutRepositories?: boolean;
  readonly withoutBlobs?: boolean;
  readonly withKeys?: boolean;
}

/** What was made, for scripts and people. */
interface BackupFacts {
  readonly file: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly head: string;
  readonly objects: number;
  readonly repositories: number;
  readonly blobs: number;
  readonly contents: { readonly repositories: boolean; readonly blobs: boolean; readonly keys: boolean };
  readonly warnings: readonly string[];
}

export function registerBackup(program: Command, context: CommandContext): void {
  program
    .command('backup')
    .helpGroup('Server:')
    .description('write everything of this machine\'s data folder into one archive, while the server serves or not')
    .argument('[file]', 'file or folder to write to, - for standard output; default: kradle-backup-TIME.tar.gz here')
    .option('--without-repositories', 'leave the repositories out')
    .option('--without-blobs', 'leave the artifacts\' contents out')
    .option('--with-keys', 'take the administrator\'s token, the key of sessions and secrets, and the TLS keys along')
    .action((file: string | undefined, flags: BackupFlags) => backUp(file, flags, context));
}

async function backUp(output: string | undefined, flags: BackupFlags, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const toPipe = output === '-';
  if (toPipe && terminal.outIsTerminal) throw usageError('A backup is not for a terminal.', 'Name a file, or send it on: kradle backup - | …');
  const [{ loadConfig }, { databaseAddress }, { dataDirAt }, { createBackup }, { backupPath, writeBackupFile }] = await Promise.all([
    import('../../app/config'), import('../../app/databaseAddress'), import('../../app/dataDir'), import('../../app/backup/createBackup'), import('../../app/backup/backupFile'),
  ]);
  const { config } = await loadConfig({ flags: { dataDir: context.options().dataDir }, env: context.env });
  const dataDir = dataDirAt(config.dataDir);
  const file = toPipe ? '-' : await backupPath(output, new Date());
  const progress = createProgressLine(terminal);
  const { manifest, archive } = await interruptible((signal) => {
    const write = (destination: NodeJS.WritableStream & Parameters<typeof createBackup>[0]['destination']) =>
      createBackup({
        database: databaseAddress(config, dataDir),
        dataDir,
        include: { repositories: flags.withoutRepositories !== true, blobs: flags.withoutBlobs !== true, keys: flags.withKeys === true },
        kradleVersion: VERSION,
        destination,
        onProgress: progress.report,
        signal,
      });
    // Not process.stdout: that a pipe was closed must count as a failure here.
    return toPipe ? write(createWriteStream('', { fd: 1, autoClose: false })) : writeBackupFile(file, write);
  }).finally(() => progress.clear());
  const { head, tables, repositories, blobs, contents, warnings } = manifest;
  await report(context, { file, ...archive, head, objects: tables.object.rows, repositories, blobs, contents, warnings });
}

async function report(context: CommandContext, facts: BackupFacts): Promise<void> {
  const { terminal } = context;
  const { contents, warnings } = facts;
  if (warnings.length > 0) context.setExitCode(EXIT.failed);
  if (facts.file === '-') terminal.err(context.format() === 'json' ? `${JSON.stringify(facts)}\n` : `${summary(facts)}\n`);
  else if (!(await printValue(context, facts))) {
    terminal.out(`${facts.file}\n`);
    terminal.err(`${summary(facts)}\n`);
  }
  for (const warning of warnings) terminal.err(`${terminal.errStyle.yellow('warning:')} ${warning}\n`);
  if (context.format() !== undefined) return;
  terminal.err(
    contents.keys
      ? 'It holds the keys of this installation: whoever has it can sign in as the administrator and read its secrets.\n'
      : 'The keys are not in it: after a restore elsewhere people sign in again, and encrypted secrets cannot be read without secret.key. Take them along with --with-keys.\n',
  );
}

function summary({ head, objects, repositories, blobs, contents, sizeBytes, sha256 }: BackupFacts): string {
  const parts = [
    countOf(objects, 'object'),
    contents.repositories ? `${repositories} ${repositories === 1 ? 'repository' : 'repositories'}` : 'no repositories',
    contents.blobs ? countOf(blobs, 'blob') : 'no blobs',
  ];
  return `Revision ${head}: ${parts.join(', ')}; ${formatBytes(sizeBytes)}, SHA-256 ${sha256}.`;
}
