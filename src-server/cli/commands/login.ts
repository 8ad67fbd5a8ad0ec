import { hostname } from 'node:os';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { ApiError, createApiClient } from '../apiClient';
import { LOCAL_CONTEXT, type CommandContext } from '../commandContext';
import { normalizeUrl, type Connection } from '../connection';
import { contextsPath, findContext, readContexts, writeContexts } from '../contexts';
import { signInByDevice } from '../deviceSignIn';
import { CliError, EXIT, usageError } from '../exitCode';
import { interruptible } from '../interruptible';
import { printValue } from '../objectOutput';
import { safeLine } from '../terminalText';

interface LoginFlags {
  readonly name?: string;
  readonly withToken?: boolean;
}

/** As much as is read of what a server says about itself and about who asks. */
interface ServerInfo {
  readonly actor: { readonly name: string };
  readonly orgs: readonly { readonly name: string }[];
}

export function registerLogin(program: Command, context: CommandContext): void {
  program
    .command('login')
    .helpGroup('Server:')
    .description('sign in to a server, and use it from now on')
    .argument('<url>', 'address of the server')
    .option('--name <context>', 'what to call it; its host name unless said')
    .option('--with-token', 'read a token from standard input instead of asking a browser')
    .action((url: string, flags: LoginFlags) => login(url, flags, context));
  program
    .command('logout')
    .helpGroup('Server:')
    .description('revoke the token of a server that you are signed in to, and forget it')
    .argument('[context]', 'which; the one in use unless said')
    .action((name: string | undefined) => logout(name, context));
}

async function login(address: string, flags: LoginFlags, context: CommandContext): Promise<void> {
  const server = normalizeUrl(address);
  const name = flags.name ?? new URL(server).host;
  if (name === LOCAL_CONTEXT) throw usageError(`"${LOCAL_CONTEXT}" is the server of this machine's data folder; choose another name.`);
  const token = flags.withToken === true ? await tokenFromInput(context) : await tokenFromBrowser(server, context);
  // A token that does not work is not kept.
  const { actor, orgs } = await api({ url: server, token, source: 'option' }).get<ServerInfo>('/api/info');
  const wanted = context.options().org;
  if (wanted !== undefined && !orgs.some((each) => each.name === wanted)) throw new CliError(`${actor.name} is not a member of an organization "${wanted}".`, { exitCode: EXIT.notFound });
  const org = wanted ?? orgs[0]?.name;
  const saved = readContexts(context.env);
  writeContexts(context.env, { current: name, contexts: { ...saved.contexts, [name]: { server, token, account: actor.name, ...(org === undefined ? {} : { org }) } } });
  if (await printValue(context, { context: name, server, account: actor.name, org })) return;
  context.terminal.out(`Signed in to ${server} as ${safeLine(actor.name)}${org === undefined ? ', who is in no organization yet' : `, organization ${safeLine(org)}`}.\n`);
  context.terminal.err(`Context ${name} is in use; it is kept in ${contextsPath(context.env)}.\n`);
}

async function tokenFromInput(context: CommandContext): Promise<string> {
  const token = (await text(context.terminal.stdin)).trim();
  if (token === '') throw usageError('There is no token on standard input.', 'For example: kradle login URL --with-token < token.txt');
  return token;
}

function tokenFromBrowser(server: string, { terminal }: CommandContext): Promise<string> {
  return interruptible((signal) =>
    signInByDevice(server, {
      signal,
      title: `kradle on ${hostname()}`,
      show: (code) => {
        terminal.err(`Open ${terminal.errStyle.bold(safeLine(code.verification_uri_complete ?? code.verification_uri))}\nand check that it shows the code ${terminal.errStyle.bold(safeLine(code.user_code))}\n`);
      },
    }),
  );
}

async function logout(given: string | undefined, context: CommandContext): Promise<void> {
  const saved = readContexts(context.env);
  const name = given ?? saved.current;
  if (name === undefined) throw usageError('You are signed in to no server.', 'Sign in with "kradle login URL".');
  const { server, token } = findContext(saved, name);
  const revoked = await revoke({ url: server, token, source: 'context' });
  const { [name]: _forgotten, ...contexts } = saved.contexts;
  writeContexts(context.env, { contexts, ...(saved.current === undefined || saved.current === name ? {} : { current: saved.current }) });
  if (await printValue(context, { context: name, server, revoked })) return;
  context.terminal.out(`Signed out of ${server}.\n`);
  if (!revoked) context.terminal.err(`The token could not be revoked; do it in the console, under your name, when ${server} answers again.\n`);
}

/** Whether the token is good no more. It is forgotten in any case: signing out must work while a server is down. */
async function revoke(connection: Connection): Promise<boolean> {
  try {
    await api(connection).send('DELETE', '/api/user/tokens/current');
    return true;
  } catch (error) {
    // One that is not accepted is revoked already.
    return error instanceof ApiError && error.status === 401;
  }
}

function api(connection: Connection): ReturnType<typeof createApiClient> {
  return createApiClient(() => connection);
}
