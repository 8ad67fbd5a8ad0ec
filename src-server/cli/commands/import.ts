import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { CliError, EXIT, usageError } from '../exitCode';
import { printValue, type AnyObject } from '../objectOutput';
import { safeLine } from '../terminalText';
import { cloneUrl } from './repository';

interface RepositoryStatus {
  readonly phase?: string;
  readonly message?: string;
  readonly import?: { readonly stage?: string; readonly percent?: number };
}

const POLL_MS = 250;
/** `git@host:path`, the short form of ssh. */
const SCP_ADDRESS = /^[^/\s]+@[^/\s:]+:.+$/;

export function registerImport(program: Command, context: CommandContext): void {
  program
    .command('import')
    .helpGroup('Code:')
    .description('make a repository from a folder of the server\'s machine or a git address')
    .argument('<source>', 'folder or address')
    .option('--name <name>', 'name of the repository; default: the last part of the source')
    .option('--no-wait', 'do not wait until everything is there')
    .action(async (source: string, flags: { name?: string; wait: boolean }) => {
      const from = importSource(source);
      const name = flags.name ?? (await nameOf(from));
      const { repository } = await context.api().send<{ repository: AnyObject }>('POST', route`/api/orgs/${context.org()}/repositories`, { body: { name, importFrom: from } });
      const imported = flags.wait ? await awaitImport(context, repository) : repository;
      if (await printValue(context, imported)) return;
      context.terminal.out(`${cloneUrl(context, name)}\n`);
      context.terminal.err(flags.wait ? `Repository ${name} is imported.\n` : `Repository ${name} is being imported.\n`);
    });
}

/** Folders are told by their whole path: the server has another working directory. */
function importSource(source: string): string {
  if (/^[a-z+]+:\/\//i.test(source)) return source;
  const folder = resolve(source);
  if (existsSync(folder)) return folder;
  if (SCP_ADDRESS.test(source)) return source;
  throw usageError(`${source} is neither a folder nor the address of a git repository.`, 'Addresses look like https://host/owner/name.git or git@host:owner/name.git.');
}

async function nameOf(source: string): Promise<string> {
  const { normalizeName } = await import('#shared/kind/names');
  return normalizeName(basename(source.replace(/[/\\]+$/, '').replace(/^.*:(?!\/\/)/, '')).replace(/\.git$/, ''));
}

async function awaitImport(context: CommandContext, created: AnyObject): Promise<AnyObject> {
  const { terminal } = context;
  const path = route`/api/orgs/${context.org()}/repositories/${created.metadata.name}`;
  let shown = '';
  for (;;) {
    const repository = await context.api().get<AnyObject>(path);
    const status = (repository.status ?? {}) as RepositoryStatus;
    if (terminal.errIsTerminal) {
      const progress = `${safeLine(status.import?.stage ?? status.phase ?? 'Waiting')}${status.import?.percent === undefined ? '' : ` ${Math.round(status.import.percent)} %`}`;
      if (progress !== shown) terminal.err(`\r\u001b[K${progress}`);
      shown = progress;
    }
    if (status.phase === 'Ready' || status.phase === 'Failed') {
      if (shown !== '') terminal.err('\r\u001b[K');
      if (status.phase === 'Ready') return repository;
      throw new CliError(`The import failed: ${safeLine(status.message ?? 'no reason was given')}`, {
        exitCode: EXIT.failed,
        hint: `The repository ${created.metadata.name} was made and is empty; remove it with "kradle delete repository ${created.metadata.name}".`,
      });
    }
    await delay(POLL_MS);
  }
}
