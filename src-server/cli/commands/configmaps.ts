import type { Command } from 'commander';
import type { z } from 'zod';
import type { ConfigMapView, writtenConfigMap } from '#shared/api/secrets';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { readEntries, withEntries, type EntryFlags } from '../entryFlags';
import { usageError } from '../exitCode';
import { printValue } from '../objectOutput';
import { safeLine, safeText } from '../terminalText';
import { renderTextTable } from '../textTable';

interface SetFlags extends EntryFlags {
  readonly replace?: boolean;
  readonly remove?: string[];
}

/** Config maps: settings that are no secrets. */
export function registerConfigMaps(program: Command, context: CommandContext): void {
  const configMaps = program.command('configmaps').alias('configmap').helpGroup('Server:').description('write and read settings that are granted to agents');
  const path = (name: string): string => route`/api/orgs/${context.org()}/configmaps/${name}`;
  configMaps.command('list').alias('ls').description('list config maps').action(() => list(context));
  configMaps.command('get').description('show a config map').argument('<name>', 'the config map').action(async (name: string) => {
    const found = await context.api().get<ConfigMapView>(path(name));
    if (await printValue(context, found)) return;
    for (const [key, value] of Object.entries(found.data)) context.terminal.out(`${safeLine(key)}: ${safeText(value)}\n`);
    for (const key of Object.keys(found.binaryData)) context.terminal.out(`${safeLine(key)}: (no text)\n`);
  });
  withEntries(configMaps.command('set').description('write entries; others stay').argument('<name>', 'the config map; made when it is not there'))
    .option('--replace', 'take away the entries that are not given')
    .option('--remove <key...>', 'take entries away')
    .action((name: string, flags: SetFlags) => set(context, path(name), flags));
  configMaps.command('delete').alias('rm').description('delete a config map').argument('<name>', 'the config map').action(async (name: string) => {
    const answer = await context.api().send<unknown>('DELETE', path(name));
    if (!(await printValue(context, answer))) context.terminal.out(`configmap/${name} deleted\n`);
  });
}

async function list(context: CommandContext): Promise<void> {
  const answer = await context.api().get<{ configMaps: ConfigMapView[] }>(route`/api/orgs/${context.org()}/configmaps`);
  if (context.format() === 'name') return context.terminal.out(answer.configMaps.map(({ name }) => `configmap/${name}\n`).join(''));
  if (await printValue(context, answer)) return;
  if (answer.configMaps.length === 0) return context.terminal.err('There are no config maps; "kradle configmaps set NAME --from-literal KEY=VALUE" makes one.\n');
  const columns = ['Name', 'Keys', 'Made', 'Granted to'].map((header) => ({ header }));
  context.terminal.out(renderTextTable(columns, answer.configMaps.map((each) => [each.name, each.keys.join(','), each.createdAt.slice(0, 10), safeLine(each.grantedTo.join(','))]), context.terminal.columns));
}

async function set(context: CommandContext, path: string, flags: SetFlags): Promise<void> {
  const entries = Object.entries(readEntries(flags)).map(([key, value]) => ({ key, bytes: Buffer.from(value, 'base64') }));
  if (entries.length === 0 && (flags.remove ?? []).length === 0) throw usageError('Say which entries: --from-literal KEY=VALUE, --from-file KEY=PATH or --from-stdin KEY.');
  const isText = (bytes: Buffer): boolean => Buffer.from(bytes.toString('utf8')).equals(bytes);
  const data = Object.fromEntries(entries.filter(({ bytes }) => isText(bytes)).map(({ key, bytes }) => [key, bytes.toString('utf8')]));
  const binaryData = Object.fromEntries(entries.filter(({ bytes }) => !isText(bytes)).map(({ key, bytes }) => [key, bytes.toString('base64')]));
  const body = { data, binaryData, mode: flags.replace === true ? 'replace' : 'merge', ...(flags.remove === undefined ? {} : { remove: flags.remove }) };
  const written = await context.api().send<z.output<typeof writtenConfigMap>>('PUT', path, { body });
  if (!(await printValue(context, written))) context.terminal.out(`configmap/${written.name} ${written.operation}\n`);
}
