import type { Command } from 'commander';
import type { AccessAnswer } from '#shared/api/access';
import { ApiError, route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { CliError, EXIT, usageError } from '../exitCode';
import { printValue } from '../objectOutput';
import { safeLine } from '../terminalText';

interface Info {
  readonly actor: { readonly kind: string; readonly name: string; readonly displayName: string; readonly email?: string };
  readonly orgs: readonly { readonly name: string; readonly displayName: string }[];
}

interface CanIFlags {
  readonly explain?: boolean;
  readonly quiet?: boolean;
}

/** What the server's permission table says of who asks. */
export function registerAuth(program: Command, context: CommandContext): void {
  const auth = program.command('auth').helpGroup('People:').description('who you are, and what you may do');
  auth
    .command('whoami')
    .description('show who you are signed in as, and your organizations')
    .action(() => whoAmI(context));
  auth
    .command('can-i')
    .description('ask whether you may do something; exits with 1 when not')
    .argument('<verb>', 'get, create, update, delete, or a verb of the kind: push, merge, dispatch')
    .argument('<kind>', 'kind, plural or short name')
    .argument('[name]', 'one object; without it, whether there may be any')
    .option('--explain', 'say which rule decides, and who can change it')
    .option('-q, --quiet', 'say nothing; the exit code answers')
    .addHelpText('after', '\nExamples:\n  kradle auth can-i merge pr web-12 --explain\n  kradle auth can-i create agentstacks --org acme\n')
    .action((...[verb, kind, name, flags]: [string, string, string | undefined, CanIFlags]) => canI(context, { verb, kind, ...(name === undefined ? {} : { name }) }, flags));
}

async function canI(context: CommandContext, question: { verb: string; kind: string; name?: string }, flags: CanIFlags): Promise<void> {
  if (question.verb === '' || question.kind === '') throw usageError('Say a verb and a kind.', 'kradle auth can-i merge pullrequests');
  const { items } = await context.api().send<{ items: AccessAnswer[] }>('POST', route`/api/orgs/${context.org()}/access/check`, { body: { checks: [question] } });
  const [answer] = items;
  if (answer === undefined) throw new CliError('The server gave no answer.');
  if (flags.quiet !== true && !(await printValue(context, answer))) {
    context.terminal.out(`${answer.allowed ? 'yes' : 'no'}\n`);
    if (flags.explain === true) context.terminal.out(explanation(answer));
    else if (!answer.allowed) context.terminal.err('--explain says why.\n');
  }
  if (!answer.allowed) context.setExitCode(EXIT.failed);
}

/** The rule in words; for a refusal, what it takes and who can change that. */
function explanation({ allowed, rule, title, reason }: AccessAnswer): string {
  if (!allowed) return `${safeLine(reason ?? 'Nothing allows it.')}\n`;
  return title === undefined ? `rule ${rule}\n` : `rule ${rule}: ${title}\n`;
}

async function whoAmI(context: CommandContext): Promise<void> {
  const { actor, orgs } = await context.api().get<Info>('/api/info');
  const org = context.org();
  const role = actor.kind === 'user' ? await roleIn(context, org, actor.name) : undefined;
  const answer = { kind: actor.kind, name: actor.name, displayName: actor.displayName, ...(actor.email === undefined ? {} : { email: actor.email }), organizations: orgs.map(({ name }) => name), ...(role === undefined ? {} : { organization: org, role }) };
  if (await printValue(context, answer)) return;
  const out = (text: string) => context.terminal.out(text);
  out(`${safeLine(actor.name)} (${actor.kind === 'user' ? safeLine(actor.displayName) : actor.kind})\n`);
  out(orgs.length === 0 ? 'member of no organization\n' : `organizations: ${orgs.map(({ name }) => name).join(', ')}\n`);
  if (role !== undefined) out(`role in ${org}: ${role}\n`);
}

/** As the member's User says it; an administrator of the installation may be none. */
async function roleIn(context: CommandContext, org: string, name: string): Promise<string | undefined> {
  try {
    const { spec } = await context.api().get<{ spec: { role?: string } }>(route`/api/orgs/${org}/resources/users/${name}`);
    return spec.role;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 403)) return undefined;
    throw error;
  }
}
