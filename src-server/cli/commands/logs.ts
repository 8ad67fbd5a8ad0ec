import type { Command } from 'commander';
import type { CommandContext } from '../commandContext';
import { followRun } from '../followRun';
import { readRunEvents } from '../runEvents';
import { createTranscriptText } from '../transcriptText';

export function registerLogs(program: Command, context: CommandContext): void {
  program
    .command('logs')
    .helpGroup('Agents:')
    .description('show what a run said and did; with --json one event a line')
    .argument('<run>', 'name of the run')
    .option('-f, --follow', 'go on until the run ends, and exit as it ends')
    .action(async (name: string, flags: { follow?: boolean }) => {
      const { terminal } = context;
      const json = context.format() === 'json';
      if (flags.follow === true) return context.setExitCode(await followRun(context, name, { json, ask: false }));
      const transcript = createTranscriptText(terminal.style);
      let ended = true;
      for await (const events of readRunEvents(context.api(), { org: context.org(), name })) {
        const text = events.map((event) => (json ? `${JSON.stringify(event)}\n` : transcript.write(event))).join('');
        terminal.out(text);
        ended = text === '' ? ended : text.endsWith('\n');
      }
      // A message that is still being written has no line end yet.
      if (!ended) terminal.out('\n');
    });
}
