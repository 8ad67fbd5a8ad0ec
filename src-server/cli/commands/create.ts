import type { Command } from 'commander';
import { isStatusError } from '#shared/api/status';
import { setPath } from '#shared/kind/paths';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { usageError } from '../exitCode';
import { printValue, type AnyObject } from '../objectOutput';
import { splitKindAndName } from './get';

interface CreateFlags {
  readonly set: string[];
  readonly label: string[];
  readonly dryRun?: boolean;
}

const collect = (value: string, before: string[]): string[] => [...before, value];

export function registerCreate(program: Command, context: CommandContext): void {
  program
    .command('create')
    .helpGroup('Objects:')
    .description('create an object from a name and a few fields; what is there already is refused')
    .argument('<kind>', 'kind, plural or short name; or KIND/NAME')
    .argument('[name]', 'name of the object; some kinds give one themselves')
    .option('-s, --set <field=value>', 'a field of the spec, again for each: visibility=private, limits.cpu=2, refs=[main, "v*"]', collect, [])
    .option('--label <name=value>', 'a label, again for each', collect, [])
    .option('--dry-run', 'check everything and store nothing')
    .action((kind: string, name: string | undefined, flags: CreateFlags) => create(context, { kind, name, ...flags }));
}

async function create(context: CommandContext, given: CreateFlags & { readonly kind: string; readonly name: string | undefined }): Promise<void> {
  const [kindName, [name]] = splitKindAndName(given.kind, given.name === undefined ? [] : [given.name]);
  const kind = (await context.kinds()).find(kindName);
  const spec = await readFields(given.set);
  const labels = Object.fromEntries(given.label.map((each) => splitAssignment(each, '--label')));
  const body = { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { ...(name === undefined ? {} : { name }), ...(given.label.length === 0 ? {} : { labels }) }, spec };
  const { resource } = await context.api().send<{ resource: AnyObject }>('POST', route`/api/orgs/${context.org()}/resources`, { query: { createOnly: true, dryRun: given.dryRun }, body });
  if (await printValue(context, resource)) return;
  context.terminal.out(`${kind.singular}/${resource.metadata.name} created${given.dryRun === true ? ' (dry run)' : ''}\n`);
}

/** The spec that assignments build. Values are read as YAML: `true`, `2` and `[a, b]` are what they look like, all else is text. */
async function readFields(assignments: readonly string[]): Promise<Record<string, unknown>> {
  const { readYaml } = await import('../../app/readYaml');
  let spec: Record<string, unknown> = {};
  for (const assignment of assignments) {
    const [field, text] = splitAssignment(assignment, '--set');
    try {
      spec = setPath(spec, field, readYaml(text)[0]?.value ?? null);
    } catch (error) {
      if (isStatusError(error)) throw usageError(`--set ${field}: ${error.message}`);
      throw error;
    }
  }
  return spec;
}

function splitAssignment(text: string, option: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw usageError(`${option} takes NAME=VALUE, not "${text}".`);
  return [text.slice(0, at), text.slice(at + 1)];
}
