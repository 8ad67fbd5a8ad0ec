import type { Argument, Command, Option } from 'commander';
import { markdownTable } from '#shared/kind/markdownTable';
import { EXIT } from './exitCode';
import { isHidden } from './hiddenCommand';

/** The reference page of the command line, from the commands themselves. `npm run generate` writes it; a test keeps it true. */
export function cliReference(program: Command): string {
  const commands = program.commands.filter((command) => !isHidden(command));
  const groups = new Map<string, Command[]>();
  for (const command of commands) groups.set(command.helpGroup(), [...(groups.get(command.helpGroup()) ?? []), command]);
  const sections = [...groups].flatMap(([group, members]) => [`## ${group.replace(/:$/, '')}`, ...members.flatMap((command) => commandSections(command, ['kradle']))]);
  return `${[INTRODUCTION, optionTable(program.options), ...CONVENTIONS, exitCodes(), ...sections].join('\n\n')}\n`;
}

const INTRODUCTION = `# The \`kradle\` command

<!-- Written by "npm run generate" from the commands; do not edit. -->

Every command takes these options, before or after its name:`;

const CONVENTIONS = [
  `## How it finds the server

1. \`--server\` or \`KRADLE_SERVER\`, with \`--token\` or \`KRADLE_TOKEN\`.
2. Otherwise the context: \`--context\`, \`KRADLE_CONTEXT\`, or the one in use unless a data folder is named. \`kradle login URL\` makes one and
   uses it, \`kradle context use NAME\` chooses another, and \`local\` is the server of this machine. They are kept, with their tokens, in
   \`~/.config/kradle/contexts.json\` (\`XDG_CONFIG_HOME\`, \`KRADLE_CONTEXTS_FILE\`), which only you may read.
3. Otherwise the server that runs on this machine's data folder (\`--data-dir\`, \`KRADLE_DATA_DIR\`, \`~/.kradle\`): its address is in
   \`server.json\`, its token in \`admin-token\`.

A token is sent to the server that it is for and to no other.`,
  `## What it prints

The result goes to standard output; progress, questions and errors go to standard error. \`-o\` chooses \`table\`, \`wide\` (every column),
\`yaml\`, \`json\` (\`--json\` for short) or \`name\` (\`kind/name\`, one a line). Colour is used on a terminal, unless \`NO_COLOR\` is set; \`FORCE_COLOR\`
turns it on elsewhere. Tables fit the terminal; into a file or pipe they are whole.`,
];

const MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'It worked.',
  failed: 'It failed, wholly or in part: the server refused, or a check found something wrong.',
  usage: 'The command line is wrong.',
  unreachable: 'No server answers, or it does not accept the token.',
  notFound: 'There is no such object.',
  conflict: 'Someone was faster: it is there already, was answered already, has moved on; or the port or data folder is taken.',
  runFailed: 'The command worked; the run that it waited for failed.',
  runCancelled: 'The command worked; the run that it waited for was cancelled.',
  interrupted: 'Stopped by Ctrl-C.',
};

function exitCodes(): string {
  const rows = Object.entries(EXIT).map(([name, code]) => `| ${code} | ${MEANINGS[name as keyof typeof EXIT]} |`);
  return ['## Exit codes', '', '| code | meaning |', '| --- | --- |', ...rows].join('\n');
}

function commandSections(command: Command, path: readonly string[]): string[] {
  const own = [...path, command.name()];
  const subcommands = command.commands.filter((each) => !isHidden(each));
  if (subcommands.length > 0) return subcommands.flatMap((each) => commandSections(each, own));
  const aliases = command.aliases().map((alias) => `\`${[...path, alias].join(' ')}\``);
  return [
    `### ${own.join(' ')}`,
    `${capitalize(command.description())}.${aliases.length === 0 ? '' : ` Also ${aliases.join(', ')}.`}`,
    `\`\`\`\n${own.join(' ')} ${command.usage()}\n\`\`\``,
    ...(command.registeredArguments.length === 0 ? [] : [argumentTable(command.registeredArguments)]),
    ...(command.options.length === 0 ? [] : [optionTable(command.options)]),
  ];
}

function argumentTable(args: readonly Argument[]): string {
  return markdownTable(['argument', 'meaning'], args.map((each) => [`\`${each.name()}\``, withDetails(each.description, { choices: each.argChoices })]));
}

function optionTable(options: readonly Option[]): string {
  return markdownTable(['option', 'meaning'], options.filter((option) => !option.hidden).map((option) => [`\`${option.flags}\``, withDetails(option.description, { choices: option.argChoices, fallback: option.negate ? undefined : (option.defaultValue as unknown) })]));
}

function withDetails(description: string, details: { choices?: readonly string[] | undefined; fallback?: unknown }): string {
  const choices = details.choices === undefined ? '' : ` One of ${details.choices.map((choice) => `\`${choice}\``).join(', ')}.`;
  const fallback = details.fallback === undefined ? '' : ` Default: \`${String(details.fallback)}\`.`;
  const sentence = capitalize(description);
  return `${sentence}${choices === '' && fallback === '' ? '' : '.'}${choices}${fallback}`;
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
