import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import type { z } from 'zod';
import { SECRET_TYPES, type RotationState, type secretVersions, type SecretView, type writtenSecret } from '#shared/api/secrets';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { CliError, EXIT, usageError } from '../exitCode';
import { printValue } from '../objectOutput';
import { safeLine } from '../terminalText';
import { renderTextTable } from '../textTable';
import { readEntries, withEntries, type EntryFlags } from '../entryFlags';

type Written = z.output<typeof writtenSecret>;

interface SetFlags extends EntryFlags {
  readonly type?: string;
  readonly replace?: boolean;
  readonly remove?: string[];
}

interface GrantFlags {
  readonly to: string;
  readonly key?: string[];
  readonly purpose?: string;
  readonly file?: boolean;
  readonly approval?: string;
  readonly repository?: string[];
  readonly expires?: string;
}

/** Secrets: written, never read. */
export function registerSecrets(program: Command, context: CommandContext): void {
  const secrets = program.command('secrets').alias('secret').helpGroup('Server:').description('write secrets, grant them to agents, rotate the keys that encrypt them');
  const path = (name: string): string => route`/api/orgs/${context.org()}/secrets/${name}`;
  secrets.command('list').alias('ls').description('list secrets with the names of their keys; values are shown by nothing').action(() => list(context));
  withEntries(secrets.command('set').description('write values; other keys of the secret stay').argument('<name>', 'the secret; made when it is not there'))
    .addOption(new Option('--type <type>', 'what it is for, when it is made').choices(SECRET_TYPES))
    .option('--replace', 'take away the keys that are not given')
    .option('--remove <key...>', 'take keys away')
    .action((name: string, flags: SetFlags) => set(context, name, flags));
  secrets.command('versions').description('list the versions that are kept').argument('<name>', 'the secret').action((name: string) => versions(context, `${path(name)}/versions`));
  secrets.command('rollback').description('make the values of an earlier version the present ones').argument('<name>', 'the secret').argument('<version>', 'its number')
    .action(async (name: string, version: string) => {
      if (!/^\d+$/.test(version)) throw usageError(`The version must be a number, not "${version}".`);
      await print(context, await context.api().send<Written>('POST', `${path(name)}/rollback`, { body: { version: Number(version) } }));
    });
  secrets.command('delete').alias('rm').description('delete a secret with all its versions').argument('<name>', 'the secret').action(async (name: string) => {
    const answer = await context.api().send<unknown>('DELETE', path(name));
    if (!(await printValue(context, answer))) context.terminal.out(`secret/${name} deleted\n`);
  });
  secrets.command('grant').description('let an agent use a secret').argument('<name>', 'the secret')
    .requiredOption('--to <agent>', 'the agent')
    .option('--key <key...>', 'keys that it gets; all when left out')
    .option('--purpose <purpose>', 'what it is for: tool, model-provider-token, mcp-server:NAME …')
    .option('--file', 'give it as files instead of environment variables')
    .addOption(new Option('--approval <when>', 'when a person approves its use').choices(['never', 'on-untrusted-ref', 'always']))
    .option('--repository <repository...>', 'repositories whose runs get it; all when left out')
    .option('--expires <time>', 'when it ends, RFC 3339')
    .action((name: string, flags: GrantFlags) => grant(context, name, flags));
  secrets.command('rotate').description('make a new key and encrypt the keys of all secrets with it; the server may serve meanwhile, or be stopped').action(() => rotate(context));
}

async function list(context: CommandContext): Promise<void> {
  const answer = await context.api().get<{ secrets: SecretView[] }>(route`/api/orgs/${context.org()}/secrets`);
  if (context.format() === 'name') return context.terminal.out(answer.secrets.map(({ name }) => `secret/${name}\n`).join(''));
  if (await printValue(context, answer)) return;
  if (answer.secrets.length === 0) return context.terminal.err('There are no secrets; "kradle secrets set NAME --from-file KEY=PATH" makes one.\n');
  const columns = ['Name', 'Type', 'Keys', 'Version', 'Changed', 'Granted to'].map((header) => ({ header }));
  const rows = answer.secrets.map((each) => [each.name, each.type, each.keys.join(','), String(each.version), each.updatedAt.slice(0, 10), safeLine(each.grantedTo.join(','))]);
  context.terminal.out(renderTextTable(columns, rows, context.terminal.columns));
}

async function set(context: CommandContext, name: string, flags: SetFlags): Promise<void> {
  const data = readEntries(flags);
  if (Object.keys(data).length === 0 && (flags.remove ?? []).length === 0) throw usageError('Say which values: --from-file KEY=PATH, --from-stdin KEY or --from-literal KEY=VALUE.');
  const body = { data, encoding: 'base64', mode: flags.replace === true ? 'replace' : 'merge', ...(flags.remove === undefined ? {} : { remove: flags.remove }), ...(flags.type === undefined ? {} : { type: flags.type }) };
  await print(context, await context.api().send<Written>('PUT', route`/api/orgs/${context.org()}/secrets/${name}`, { body }));
}

async function print(context: CommandContext, written: Written): Promise<void> {
  if (await printValue(context, written)) return;
  context.terminal.out(`secret/${written.name} ${written.operation}: version ${written.secret.version}, keys ${written.secret.keys.join(', ') || 'none'}\n`);
}

async function versions(context: CommandContext, path: string): Promise<void> {
  const answer = await context.api().get<z.output<typeof secretVersions>>(path);
  if (await printValue(context, answer)) return;
  const columns = ['Version', 'Keys', 'Changed', 'Written', 'By'].map((header) => ({ header }));
  const rows = answer.items.map((each) => [`${each.version}${each.current ? ' (present)' : ''}`, each.keys.join(','), each.changed.join(','), each.createdAt, safeLine(each.createdBy ?? '')]);
  context.terminal.out(renderTextTable(columns, rows, context.terminal.columns));
}

async function grant(context: CommandContext, name: string, flags: GrantFlags): Promise<void> {
  const body = {
    secretName: name, grantedTo: flags.to,
    ...(flags.key === undefined ? {} : { keys: flags.key }), ...(flags.purpose === undefined ? {} : { purpose: flags.purpose }), ...(flags.file === true ? { mountPolicy: 'file' } : {}),
    ...(flags.approval === undefined ? {} : { requiredApproval: flags.approval }), ...(flags.repository === undefined ? {} : { allowedRepositories: flags.repository }),
    ...(flags.expires === undefined ? {} : { expiresAt: flags.expires }),
  };
  const made = await context.api().send<{ metadata: { name: string } }>('POST', route`/api/orgs/${context.org()}/secret-grants`, { body });
  if (!(await printValue(context, made))) context.terminal.out(`agentsecretgrant/${made.metadata.name} created\n`);
}

/** Through the server where one runs; by itself where none has the data folder. */
async function rotate(context: CommandContext): Promise<void> {
  const state = serverIsThere(context) ? await rotateByServer(context) : await rotateHere(context);
  if (await printValue(context, state)) return;
  const values = state.keys.reduce((sum, key) => sum + key.values, 0);
  context.terminal.out(`Key ${state.currentKey} is the present one; ${values - state.pending} of ${values} values are under it.\n`);
  if (state.unreadable > 0) context.terminal.err(`${state.unreadable} values are under keys that are not in this data folder: rotate on the server that has them.\n`);
}

function serverIsThere(context: CommandContext): boolean {
  try {
    context.connection();
    return true;
  } catch (error) {
    if (error instanceof CliError && error.exitCode === EXIT.unreachable) return false;
    throw error;
  }
}

async function rotateByServer(context: CommandContext): Promise<RotationState> {
  let state = await context.api().send<RotationState>('POST', '/api/system/keys/rotate', { body: {} });
  while (state.pending > 0) {
    await delay(250);
    state = await context.api().get<RotationState>('/api/system/keys');
  }
  return state;
}

async function rotateHere(context: CommandContext): Promise<RotationState> {
  const [{ loadConfig }, { rotateKeysOffline }] = await Promise.all([import('../../app/config'), import('../../app/offline/rotateKeysOffline')]);
  const { config } = await loadConfig({ flags: { dataDir: context.options().dataDir }, env: context.env });
  try {
    readFileSync(`${config.dataDir}/secret.key`);
  } catch (cause) {
    throw new CliError(`${config.dataDir} has no secret.key that could be rotated.`, { hint: 'Name the data folder with --data-dir, or the server with --server.', cause });
  }
  return rotateKeysOffline(config);
}
