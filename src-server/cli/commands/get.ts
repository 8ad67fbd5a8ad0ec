import type { Command } from 'commander';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { usageError } from '../exitCode';
import { printObject, printObjects, type AnyObject } from '../objectOutput';
import { addListOptions, listObjects, type ListFlags } from './list';

export function registerGet(program: Command, context: CommandContext): void {
  const command = program
    .command('get')
    .helpGroup('Objects:')
    .description('show an object as YAML; without a name, list the kind')
    .argument('<kind>', 'kind, plural or short name; or KIND/NAME')
    .argument('[name...]', 'names of objects');
  addListOptions(command).action(async (kindArgument: string, names: string[], flags: ListFlags) => {
    const [kindName, wanted] = splitKindAndName(kindArgument, names);
    if (wanted.length === 0) return listObjects(context, kindName, flags);
    const kind = (await context.kinds()).find(kindName);
    const objects: AnyObject[] = [];
    for (const name of wanted) objects.push(await context.api().get<AnyObject>(route`/api/orgs/${context.org()}/resources/${kind.plural}/${name}`));
    const [only] = objects;
    if (objects.length === 1 && only !== undefined) return printObject(context, kind, only);
    return printObjects(context, kind, { items: objects });
  });
}

/** `repo/demo` is `repo demo`, as `-o name` prints it. */
export function splitKindAndName(kind: string, names: readonly string[]): [string, readonly string[]] {
  const slash = kind.indexOf('/');
  if (slash === -1) return [kind, names];
  if (names.length > 0) throw usageError(`"${kind}" names an object already; give either KIND/NAME or KIND NAME….`);
  return [kind.slice(0, slash), [kind.slice(slash + 1)]];
}
