import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { usageError } from '../exitCode';
import { followRun } from '../followRun';
import { printValue } from '../objectOutput';

interface DispatchFlags {
  readonly stack: string;
  readonly repo: string;
  readonly ref?: string;
  readonly prompt?: string;
  readonly promptFile?: string;
  readonly title?: string;
  readonly deadline?: string;
  readonly follow?: boolean;
}

export interface DispatchAnswer {
  readonly runName: string;
  readonly status: string;
  readonly links?: { readonly detail?: string };
}

export function registerDispatch(program: Command, context: CommandContext): void {
  program
    .command('dispatch')
    .helpGroup('Agents:')
    .description('give an agent a task in a repository')
    .requiredOption('--stack <agent>', 'agent (AgentStack) that works')
    .requiredOption('--repo <repository>', 'repository to work in')
    .option('--ref <ref>', 'branch, ref or commit to start from; default: the default branch')
    .option('-p, --prompt <text>', 'the task; - reads standard input')
    .option('--prompt-file <file>', 'file that holds the task')
    .option('--title <text>', 'short title; default: the first line of the task')
    .option('--deadline <duration>', 'longest time that it may take: 30m, 2h')
    .option('--follow', 'show the run until it ends, ask its questions here, and exit as it ends')
    .argument('[-]', 'read the task from standard input')
    .action(async (dash: string | undefined, flags: DispatchFlags) => {
      const answer = await context.api().send<DispatchAnswer>('POST', route`/api/orgs/${context.org()}/agents/dispatch`, {
        body: {
          stackRef: flags.stack,
          repository: flags.repo,
          prompt: await readPrompt(context, flags, dash),
          ...startingPoint(flags.ref),
          ...(flags.title === undefined ? {} : { title: flags.title }),
          ...(flags.deadline === undefined ? {} : { deadline: flags.deadline }),
        },
      });
      const { terminal } = context;
      if (flags.follow === true) {
        terminal.err(`Run ${answer.runName}\n`);
        const json = context.format() === 'json';
        return context.setExitCode(await followRun(context, answer.runName, { json, ask: terminal.interactive && !json }));
      }
      if (await printValue(context, answer)) return;
      if (context.format() === 'name') return terminal.out(`agentdispatchrun/${answer.runName}\n`);
      terminal.out(`Run ${terminal.style.bold(answer.runName)} dispatched.\n`);
      terminal.err(`Watch it with "kradle logs -f ${answer.runName}"${answer.links?.detail === undefined ? '' : ` or at ${new URL(answer.links.detail, context.api().url).href}`}\n`);
    });
}

async function readPrompt(context: CommandContext, flags: DispatchFlags, dash: string | undefined): Promise<string> {
  if (dash !== undefined && dash !== '-') throw usageError(`"${dash}" is not expected here.`, 'Write the task after -p.');
  const given = [flags.prompt, flags.promptFile, dash].filter((each) => each !== undefined);
  if (given.length !== 1) throw usageError(given.length === 0 ? 'There is no task.' : 'There is more than one task.', 'Give one of -p TEXT, --prompt-file FILE, or - to read standard input.');
  const prompt = await promptText(context, flags);
  if (prompt.trim() === '') throw usageError('The task is empty.');
  return prompt;
}

async function promptText(context: CommandContext, flags: DispatchFlags): Promise<string> {
  if (flags.promptFile !== undefined && flags.promptFile !== '-') {
    try {
      return readFileSync(flags.promptFile, 'utf8');
    } catch (cause) {
      throw usageError(`${flags.promptFile} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }
  return flags.prompt === undefined || flags.prompt === '-' ? await text(context.terminal.stdin) : flags.prompt;
}

/** A full ref, a commit id or a branch, as people write any of them. */
function startingPoint(ref: string | undefined): { ref?: string; sha?: string; branch?: string } {
  if (ref === undefined) return {};
  if (ref.startsWith('refs/')) return { ref };
  return /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(ref) ? { sha: ref } : { branch: ref };
}
