import type { Command } from 'commander';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { CliError, EXIT, type ExitCode } from '../exitCode';
import { organizationOf, readManifests, type Manifest } from '../manifests';
import { printValue, type AnyObject } from '../objectOutput';

interface ApplyAnswer {
  readonly operation: 'created' | 'configured' | 'unchanged';
  readonly resource: AnyObject;
}

export function registerApply(program: Command, context: CommandContext): void {
  program
    .command('apply')
    .helpGroup('Objects:')
    .description('create objects, or change them to what the files say')
    .requiredOption('-f, --file <path...>', 'file, folder, or - for standard input; YAML or JSON, several documents in one')
    .option('--dry-run', 'check everything and store nothing')
    .action(async (flags: { file: string[]; dryRun?: boolean }) => {
      const manifests = await readManifests(flags.file, context.terminal);
      const answers: ApplyAnswer[] = [];
      const failures: ExitCode[] = [];
      for (const manifest of manifests) {
        try {
          const answer = await applyManifest(context, manifest, flags.dryRun === true);
          answers.push(answer);
          if (context.format() === undefined) context.terminal.out(resultLine(answer, flags.dryRun === true));
        } catch (error) {
          // One bad object does not keep the others from being applied; a server that is gone does.
          if (!(error instanceof CliError) || error.exitCode === EXIT.unreachable) throw error;
          context.terminal.err(`${context.terminal.errStyle.red('error:')} ${manifest.where}: ${describe(manifest.object)}: ${error.message}\n`);
          failures.push(error.exitCode);
        }
      }
      await printValue(context, { items: answers.map((answer) => answer.resource) });
      const [first, ...rest] = failures;
      if (first === undefined) return;
      if (manifests.length > 1) context.terminal.err(`${failures.length} of ${manifests.length} objects failed.\n`);
      context.setExitCode(rest.every((code) => code === first) ? first : EXIT.failed);
    });
}

async function applyManifest(context: CommandContext, { object }: Manifest, dryRun: boolean): Promise<ApplyAnswer> {
  const org = await organizationOf(object, context.org());
  return await context.api().send<ApplyAnswer>('POST', route`/api/orgs/${org}/resources`, { query: { dryRun: dryRun || undefined }, body: object });
}

function resultLine({ operation, resource }: ApplyAnswer, dryRun: boolean): string {
  return `${describe(resource)} ${operation}${dryRun ? ' (dry run)' : ''}\n`;
}

function describe(object: AnyObject): string {
  return `${object.kind.toLowerCase()}/${object.metadata.name}`;
}
