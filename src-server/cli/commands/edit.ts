import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { CliError, EXIT, usageError } from '../exitCode';
import { parseManifests } from '../manifests';
import { printValue, type AnyObject } from '../objectOutput';
import { splitKindAndName } from './get';

export function registerEdit(program: Command, context: CommandContext): void {
  program
    .command('edit')
    .helpGroup('Objects:')
    .description('change an object in your editor (KRADLE_EDITOR, VISUAL, EDITOR, vi)')
    .argument('<kind>', 'kind, plural or short name; or KIND/NAME')
    .argument('[name]', 'name of the object')
    .action((kind: string, name: string | undefined) => edit(context, kind, name));
}

async function edit(context: CommandContext, kindArgument: string, given: string | undefined): Promise<void> {
  const [kindName, [name]] = splitKindAndName(kindArgument, given === undefined ? [] : [given]);
  if (name === undefined) throw usageError('Say which object to edit.', 'For example: kradle edit repository demo');
  const kind = (await context.kinds()).find(kindName);
  const path = route`/api/orgs/${context.org()}/resources/${kind.plural}/${name}`;
  const before = await editable(await context.api().get<AnyObject>(path));
  const folder = await mkdtemp(join(tmpdir(), 'kradle-edit-'));
  const file = join(folder, `${kind.singular}-${name}.yaml`);
  let keep = false;
  try {
    let text = before;
    for (;;) {
      await writeFile(file, text, { mode: 0o600 });
      await openEditor(context, file);
      const edited = withoutComments(await readFile(file, 'utf8'));
      if (edited.trim() === '' || edited === withoutComments(before)) throw new CliError('Nothing was changed.', { exitCode: EXIT.interrupted });
      if (edited === withoutComments(text) && text !== before) {
        keep = true;
        throw new CliError('The edit was given up; it is not stored.', { hint: `It is kept in ${file}` });
      }
      try {
        const object = await replace(context, path, edited);
        if (!(await printValue(context, object))) context.terminal.out(`${kind.singular}/${name} edited\n`);
        return;
      } catch (error) {
        // What is wrong can be put right; that nobody answers cannot, nor that somebody else was faster.
        if (!(error instanceof CliError) || error.exitCode === EXIT.unreachable || error.exitCode === EXIT.conflict) {
          keep = true;
          context.terminal.err(`Your edit is kept in ${file}\n`);
          throw error;
        }
        text = `${error.message.split('\n').map((line) => `# ${line}\n`).join('')}${edited}`;
      }
    }
  } finally {
    if (!keep) await rm(folder, { recursive: true, force: true });
  }
}

/** The object as people edit it. Its resourceVersion stays, so that an edit of what has changed meanwhile is refused. */
async function editable(object: AnyObject): Promise<string> {
  const { stringify } = await import('yaml');
  const { status: _status, ...rest } = object;
  return `# Save and close to store it. An unchanged or empty file changes nothing.\n${stringify(rest, { lineWidth: 0 })}`;
}

async function replace(context: CommandContext, path: string, text: string): Promise<unknown> {
  const [manifest, another] = await parseManifests(text, 'your edit');
  if (manifest === undefined || another !== undefined) throw usageError('Your edit must be one object.');
  return context.api().send('PUT', path, { body: manifest.object });
}

function withoutComments(text: string): string {
  return text.replace(/^#.*\n?/gm, '');
}

/** The editor's command line may have arguments of its own: `code --wait`. The file's name is handed over apart, never through a shell. */
function openEditor({ env }: CommandContext, file: string): Promise<void> {
  const [program = 'vi', ...args] = (env.KRADLE_EDITOR || env.VISUAL || env.EDITOR || 'vi').trim().split(/\s+/);
  return new Promise((resolve, reject) => {
    const editor = spawn(program, [...args, file], { stdio: 'inherit' });
    editor.once('error', (cause) => reject(usageError(`The editor "${program}" cannot be started: ${cause.message}`, 'Name one with KRADLE_EDITOR.')));
    editor.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new CliError(`The editor ended with ${code ?? 'a signal'}; nothing was changed.`, { exitCode: EXIT.interrupted }));
    });
  });
}
