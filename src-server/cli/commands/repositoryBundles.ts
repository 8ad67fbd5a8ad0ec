import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { usageError } from '../exitCode';
import { interruptible } from '../interruptible';
import { printValue, type AnyObject } from '../objectOutput';

/** Repositories as files: for where no network leads. */
export function registerRepositoryBundles(repository: Command, context: CommandContext): void {
  const pathOf = (name: string): string => route`/api/orgs/${context.org()}/repositories/${name}/bundle`;

  repository
    .command('bundle')
    .description('write a repository, or a range of it, into a file that git clones and fetches from')
    .argument('<repository>', 'which')
    .argument('[refs...]', 'branches and tags; default: all')
    .option('--since <revision...>', 'what the other side has already: branches, tags or commits')
    .option('-f, --file <file>', 'file that it goes to; default: REPOSITORY.bundle')
    .action(async (name: string, refs: string[], flags: { since?: string[]; file?: string }) => {
      const query = new URLSearchParams([...refs.map((ref): [string, string] => ['ref', ref]), ...(flags.since ?? []).map((since): [string, string] => ['since', since])]);
      const file = flags.file ?? `${name}.bundle`;
      const part = `${file}.part`;
      await interruptible(async (signal) => {
        try {
          await pipeline(Readable.from(context.api().download(`${pathOf(name)}?${query.toString()}`, { accept: 'application/x-git-bundle', signal })), createWriteStream(part), { signal });
          await rename(part, file);
        } finally {
          await rm(part, { force: true });
        }
      });
      context.terminal.out(`${file}\n`);
      context.terminal.err(`Repository ${name} is in the file. Where it goes: git clone ${file}, or kradle repo unbundle ${file}\n`);
    });

  repository
    .command('unbundle')
    .description('make a repository from a file of "kradle repo bundle" or "git bundle", or fill an empty one')
    .argument('<file>', 'the bundle')
    .option('--name <name>', 'name of the repository; default: the file\'s')
    .option('--description <text>', 'what it is for')
    .addOption(new Option('--visibility <visibility>', 'who may see it').choices(['public', 'internal', 'private']))
    .action(async (file: string, flags: { name?: string; description?: string; visibility?: string }) => {
      const found = await stat(file).catch(() => undefined);
      if (found?.isFile() !== true) throw usageError(`${file} is no file.`, 'Make one with "kradle repo bundle" or "git bundle create FILE --all".');
      const { normalizeName } = await import('#shared/kind/names');
      const name = flags.name ?? normalizeName(basename(file).replace(/\.(?:git)?bundle$/, ''));
      const { description, visibility } = flags;
      const answer = await interruptible((signal) =>
        context.api().upload<{ repository: AnyObject }>(pathOf(name), { query: { description, visibility }, type: 'application/x-git-bundle', size: found.size, body: createReadStream(file), signal }));
      if (await printValue(context, answer.repository)) return;
      context.terminal.out(`${context.api().url}${route`/git/${context.org()}/${name}`}.git\n`);
      context.terminal.err(`Repository ${name} has everything that was in ${file}.\n`);
    });
}
