import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import type { SshKeyView, SshServerView } from '#shared/api/sshKeys';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { usageError } from '../exitCode';
import { printValue } from '../objectOutput';
import { safeLine } from '../terminalText';
import { renderTextTable } from '../textTable';

interface AddFlags {
  readonly title?: string;
  readonly usage?: string;
  readonly readOnly?: boolean;
  readonly days?: string;
}

/** Newest kinds first: what ssh-keygen makes today is what people have. */
const USUAL_FILES = ['id_ed25519.pub', 'id_ecdsa.pub', 'id_rsa.pub'];

/** SSH keys of one's own, and how to know the server. */
export function registerSshKey(program: Command, context: CommandContext): void {
  const key = program.command('ssh-key').helpGroup('People:').description('add, list and remove your SSH keys');
  key
    .command('add')
    .description('add a key; it opens all your organizations')
    .argument('[file]', 'file with the public key, - for standard input (~/.ssh/id_ed25519.pub, id_ecdsa.pub, id_rsa.pub)')
    .option('--title <text>', 'what you call it (the comment in the key)')
    .addOption(new Option('--usage <usage>', 'what it is good for').choices(['authentication-and-signing', 'authentication', 'signing']))
    .option('--read-only', 'it may fetch and not push')
    .option('--days <count>', 'days until it expires')
    .action((file: string | undefined, flags: AddFlags) => addKey(context, file, flags));
  key.command('list').alias('ls').description('list your keys').action(() => listKeys(context));
  key.command('rm').alias('remove').description('remove a key; what it opened is closed at once').argument('<name>', 'its name or fingerprint, as the list shows it').action((name: string) => removeKey(context, name));
  const ssh = program.command('ssh').helpGroup('Server:').description('git over SSH');
  ssh
    .command('host-keys')
    .description('the keys that the server shows, as lines for ~/.ssh/known_hosts')
    .option('--fingerprints', 'their fingerprints instead, as ssh asks about them')
    .action((flags: { readonly fingerprints?: boolean }) => printHostKeys(context, flags.fingerprints === true));
}

async function addKey(context: CommandContext, file: string | undefined, flags: AddFlags): Promise<void> {
  if (flags.days !== undefined && !/^[1-9]\d*$/.test(flags.days)) throw usageError(`--days must be a whole number, not "${flags.days}".`);
  const { org } = context.options();
  const body = {
    key: readKey(file),
    ...(flags.title === undefined ? {} : { title: flags.title }),
    ...(flags.usage === undefined ? {} : { usage: flags.usage }),
    ...(flags.readOnly === true ? { readOnly: true } : {}),
    ...(flags.days === undefined ? {} : { expiresAt: new Date(Date.now() + Number(flags.days) * 86_400_000).toISOString() }),
    ...(org === undefined ? {} : { org }),
  };
  const added = await context.api().send<SshKeyView>('POST', '/api/user/ssh-keys', { body });
  if (!(await printValue(context, added))) context.terminal.out(`${added.name} added: ${added.type} ${added.fingerprint}\n`);
}

function readKey(file: string | undefined): string {
  if (file === '-') return readFileSync(0, 'utf8');
  const path = file ?? USUAL_FILES.map((name) => join(homedir(), '.ssh', name)).find((each) => existsSync(each));
  if (path === undefined) throw usageError('There is no key in ~/.ssh. Make one with "ssh-keygen -t ed25519", or name its file.');
  // The name without .pub is what ssh -i takes, and people give that.
  const read = !path.endsWith('.pub') && existsSync(`${path}.pub`) ? `${path}.pub` : path;
  if (!existsSync(read)) throw usageError(`There is no file ${read}.`);
  return readFileSync(read, 'utf8');
}

async function listKeys(context: CommandContext): Promise<void> {
  const answer = await context.api().get<{ keys: SshKeyView[] }>('/api/user/ssh-keys');
  if (context.format() === 'name') return context.terminal.out(answer.keys.map(({ name }) => `${name}\n`).join(''));
  if (await printValue(context, answer)) return;
  if (answer.keys.length === 0) return context.terminal.err('There are no keys; "kradle ssh-key add" adds one.\n');
  const columns = ['Name', 'Title', 'Type', 'Fingerprint', 'Phase', 'Expires', 'Last used'].map((header) => ({ header }));
  const day = (time: string | undefined): string => time?.slice(0, 10) ?? 'never';
  const rows = answer.keys.map((each) => [each.name, safeLine(each.title), each.type, each.fingerprint, each.phase, day(each.expiresAt), day(each.lastUsedAt)]);
  context.terminal.out(renderTextTable(columns, rows, context.terminal.columns));
}

async function removeKey(context: CommandContext, wanted: string): Promise<void> {
  const { keys } = await context.api().get<{ keys: SshKeyView[] }>('/api/user/ssh-keys');
  const found = keys.filter(({ name, fingerprint }) => name === wanted || fingerprint === wanted);
  const [key] = found;
  if (key === undefined) throw usageError(`You have no key "${wanted}"; "kradle ssh-key list" shows yours.`);
  if (found.length > 1) throw usageError(`Several of your keys are called "${wanted}"; give the fingerprint.`);
  const answer = await context.api().send<unknown>('DELETE', route`/api/user/ssh-keys/${key.org}/${key.name}`);
  if (!(await printValue(context, answer))) context.terminal.out(`${key.name} removed\n`);
}

async function printHostKeys(context: CommandContext, fingerprints: boolean): Promise<void> {
  const answer = await context.api().get<SshServerView>('/api/ssh');
  if (await printValue(context, answer)) return;
  if (!answer.enabled) return context.terminal.err('Git over SSH is switched off on this server.\n');
  context.terminal.out(answer.hostKeys.map((key) => `${fingerprints ? `${key.fingerprint} (${key.type})` : key.knownHosts}\n`).join(''));
}
