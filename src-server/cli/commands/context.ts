import type { Command } from 'commander';
import { LOCAL_CONTEXT, type CommandContext } from '../commandContext';
import { findContext, readContexts, writeContexts } from '../contexts';
import { usageError } from '../exitCode';
import { printValue } from '../objectOutput';
import { safeLine } from '../terminalText';
import { renderTextTable } from '../textTable';

/** The servers that this person is signed in to. */
export function registerContext(program: Command, context: CommandContext): void {
  const contexts = program.command('context').helpGroup('Server:').description('choose among the servers that you are signed in to');
  contexts.command('list').alias('ls').description('list them, the one in use with a star').action(() => listContexts(context));
  contexts
    .command('use')
    .description(`use one from now on, with another organization if --org names one; "${LOCAL_CONTEXT}" is the server of this machine's data folder`)
    .argument('<context>', 'which')
    .action((name: string) => useContext(name, context));
}

async function listContexts(context: CommandContext): Promise<void> {
  const { current, contexts } = readContexts(context.env);
  const items = Object.entries(contexts).map(([name, { server, org, account }]) => ({ name, server, account, org, current: name === current }));
  if (context.format() === 'name') return context.terminal.out(items.map(({ name }) => `${name}\n`).join(''));
  if (await printValue(context, { items })) return;
  if (items.length === 0) return context.terminal.err('You are signed in to no server; "kradle login URL" signs you in.\n');
  const columns = ['', 'Name', 'Server', 'Account', 'Organization'].map((header) => ({ header }));
  context.terminal.out(renderTextTable(columns, items.map(({ name, server, account = '-', org = '-', current: isCurrent }) => [isCurrent ? '*' : '', ...[name, server, account, org].map(safeLine)]), context.terminal.columns));
}

async function useContext(name: string, context: CommandContext): Promise<void> {
  const saved = readContexts(context.env);
  const { org } = context.options();
  if (name === LOCAL_CONTEXT) {
    if (org !== undefined) throw usageError(`"${LOCAL_CONTEXT}" keeps no organization; set KRADLE_ORG, or say --org with each command.`);
    writeContexts(context.env, { contexts: saved.contexts });
  } else {
    const chosen = findContext(saved, name);
    writeContexts(context.env, { current: name, contexts: { ...saved.contexts, [name]: { ...chosen, ...(org === undefined ? {} : { org }) } } });
  }
  if (!(await printValue(context, { context: name, ...(org === undefined ? {} : { org }) }))) context.terminal.out(`Context ${name} is in use${org === undefined ? '' : `, organization ${org}`}.\n`);
}
