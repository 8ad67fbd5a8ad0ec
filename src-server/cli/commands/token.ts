import { Option, type Command } from 'commander';
import { TOKEN_SCOPES } from '#shared/access/roles';
import type { CreatedToken, TokenView } from '#shared/api/account';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { usageError } from '../exitCode';
import { printValue } from '../objectOutput';
import { safeLine } from '../terminalText';
import { renderTextTable } from '../textTable';

interface OwnerFlags {
  readonly serviceAccount?: string;
}
interface CreateFlags extends OwnerFlags {
  readonly scope: string[];
  readonly days?: string;
}

/** Tokens of one's own, or of a service account of the organization. */
export function registerToken(program: Command, context: CommandContext): void {
  const token = program.command('token').helpGroup('People:').description('make, list and revoke access tokens');
  withOwner(token.command('list').alias('ls').description('list your tokens, or those of a service account')).action((flags: OwnerFlags) => listTokens(context, flags));
  withOwner(token.command('create').description('make a token; it is shown once').argument('<title>', 'what it is for'))
    .addOption(new Option('--scope <scope...>', 'what it may do').choices(TOKEN_SCOPES).makeOptionMandatory())
    .option('--days <count>', 'days until it expires; 0 is never, where the server allows it')
    .action((title: string, flags: CreateFlags) => createToken(context, title, flags));
  withOwner(token.command('revoke').description('revoke a token').argument('<id>', 'its id, as the list shows it')).action(async (id: string, flags: OwnerFlags) => {
    const answer = await context.api().send<unknown>('DELETE', `${tokensPath(context, flags)}/${encodeURIComponent(id)}`);
    if (!(await printValue(context, answer))) context.terminal.out(`token/${id} revoked\n`);
  });
}

function withOwner(command: Command): Command {
  return command.option('--service-account <service-account>', 'a service account of the organization instead of you');
}

function tokensPath(context: CommandContext, { serviceAccount }: OwnerFlags): string {
  return serviceAccount === undefined ? '/api/user/tokens' : route`/api/orgs/${context.org()}/service-accounts/${serviceAccount}/tokens`;
}

async function listTokens(context: CommandContext, flags: OwnerFlags): Promise<void> {
  const answer = await context.api().get<{ tokens: TokenView[] }>(tokensPath(context, flags));
  if (context.format() === 'name') return context.terminal.out(answer.tokens.map(({ id }) => `${id}\n`).join(''));
  if (await printValue(context, answer)) return;
  if (answer.tokens.length === 0) return context.terminal.err('There are no tokens; "kradle token create TITLE --scope SCOPE" makes one.\n');
  const columns = ['Id', 'Title', 'Token', 'Scopes', 'Expires', 'Last used'].map((header) => ({ header }));
  const day = (time: string | undefined): string => time?.slice(0, 10) ?? 'never';
  const rows = answer.tokens.map((each) => [each.id, safeLine(each.title), `${each.hint}…`, each.scopes.join(','), each.expired ? 'expired' : day(each.expiresAt), day(each.lastUsedAt)]);
  context.terminal.out(renderTextTable(columns, rows, context.terminal.columns));
}

async function createToken(context: CommandContext, title: string, flags: CreateFlags): Promise<void> {
  if (flags.days !== undefined && !/^\d+$/.test(flags.days)) throw usageError(`--days must be a whole number, not "${flags.days}".`);
  // Only one organization's, when the command line names it: the less a token opens, the better.
  const { org } = context.options();
  const limited = flags.serviceAccount === undefined && org !== undefined ? { org } : {};
  const body = { title, scopes: flags.scope, ...limited, ...(flags.days === undefined ? {} : { expiresInDays: Number(flags.days) }) };
  const made = await context.api().send<CreatedToken>('POST', tokensPath(context, flags), { body });
  if (await printValue(context, made)) return;
  context.terminal.out(`${made.token}\n`);
  context.terminal.err(`Keep it now: it is not shown again.${made.expiresAt === undefined ? '' : ` It expires on ${made.expiresAt.slice(0, 10)}.`}\n`);
}
