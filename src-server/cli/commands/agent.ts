import { Option, type Command } from 'commander';
import type { AgentPreset } from '#shared/api/agents';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { usageError } from '../exitCode';
import { printValue, type AnyObject } from '../objectOutput';
import { safeLine } from '../terminalText';
import { renderTextTable } from '../textTable';
import { addListOptions, listObjects, type ListFlags } from './list';

interface AddFlags {
  readonly preset?: string;
  readonly type?: string;
  readonly env?: string[];
  readonly model?: string;
  readonly systemPrompt?: string;
  readonly displayName?: string;
  readonly approvalMode?: string;
}

export function registerAgent(program: Command, context: CommandContext): void {
  const agent = program.command('agent').helpGroup('Agents:').description('describe the agents that you have');
  agent
    .command('add')
    .description('describe an agent: a preset, or the program that speaks ACP')
    .usage('[options] <name> [-- <program> <arguments...>]')
    .argument('<name>', 'what you call it')
    .argument('[command...]', 'program and arguments, after --')
    .option('--preset <id>', 'a well-known agent; see "kradle agent presets"')
    .addOption(new Option('--type <type>', 'acp speaks the Agent Client Protocol; command is any program that works in the folder and ends').choices(['acp', 'command']))
    .option('--env <name=value...>', 'set in the agent\'s environment; not for secrets')
    .option('--model <model>', 'model to ask it for')
    .option('--system-prompt <text>', 'put in front of every task')
    .option('--display-name <text>', 'shown in the console')
    .addOption(new Option('--approval-mode <mode>', 'answer to its permission requests').choices(['yolo', 'prompt', 'deny']))
    .action(async (name: string, command: string[], flags: AddFlags) => {
      if ((flags.preset === undefined) === (command.length === 0)) {
        throw usageError('Give either --preset or the program that is the agent.', 'For example: kradle agent add opencode -- opencode acp');
      }
      const { preset, type, env, ...rest } = flags;
      const made = await context.api().send<{ adapter: AnyObject; stack: AnyObject }>('POST', route`/api/orgs/${context.org()}/agents`, {
        body: {
          name,
          ...rest,
          ...(preset === undefined ? { command } : { preset }),
          ...(type === undefined ? {} : { adapterType: type }),
          ...(env === undefined ? {} : { env: parseEnvironment(env) }),
        },
      });
      if (await printValue(context, made)) return;
      context.terminal.out(`Agent ${context.terminal.style.bold(made.stack.metadata.name)} is ready.\n`);
      context.terminal.err(`Try it: kradle dispatch --stack ${made.stack.metadata.name} --repo REPOSITORY -p "…" --follow\n`);
    });
  agent
    .command('presets')
    .description('list well-known agents, and whether they are on the server\'s machine')
    .action(async () => {
      const answer = await context.api().get<{ items: AgentPreset[] }>(route`/api/orgs/${context.org()}/agents/presets`);
      if (await printValue(context, answer)) return;
      const { terminal } = context;
      terminal.out(
        renderTextTable(
          [{ header: 'Id' }, { header: 'Agent' }, { header: 'Command' }, { header: 'Found', paint: (padded, text) => (text === 'yes' ? terminal.style.green(padded) : terminal.style.dim(padded)) }, { header: 'To install' }],
          answer.items.map((preset) => [preset.id, preset.title, preset.command.join(' '), preset.found ? 'yes' : 'no', preset.found ? '' : safeLine(preset.installHint)]),
          terminal.columns,
        ),
      );
    });
  agent
    .command('check')
    .description('start an agent, say hello, and report what it answers')
    .argument('<stack>', 'name of the agent')
    .action(async (name: string) => {
      const answer = await context.api().send<{ ok: boolean; message: string }>('POST', route`/api/orgs/${context.org()}/agents/${name}/check`, { body: {} });
      if (!answer.ok) context.setExitCode(1);
      if (!(await printValue(context, answer))) context.terminal.out(`${safeLine(answer.message)}\n`);
    });
  addListOptions(program.command('stacks').helpGroup('Agents:').description('list agents')).action((flags: ListFlags) => listObjects(context, 'agentstacks', flags));
}

function parseEnvironment(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const equals = entry.indexOf('=');
      if (equals < 1) throw usageError(`--env takes NAME=VALUE, not "${entry}".`);
      return [entry.slice(0, equals), entry.slice(equals + 1)];
    }),
  );
}
