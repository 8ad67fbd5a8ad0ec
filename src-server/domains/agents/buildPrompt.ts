export interface PromptParts {
  readonly system?: string | undefined;
  readonly developer?: string | undefined;
  /** Put in front of every task of the stack. */
  readonly task?: string | undefined;
  readonly prompt: string;
  readonly repository: string;
  readonly branch: string;
  readonly baseSha: string;
  /** The working folder holds what an attempt left that ended before it was done. */
  readonly interrupted: boolean;
  /** What was asked and answered before in the same work. */
  readonly earlier?: { readonly task: string; readonly summary?: string | undefined } | undefined;
}

/**
 * What is sent to the agent. ACP has no system prompt, so instructions go in front of the task, each under a heading of its own:
 * an agent can tell what its operator says from what is asked.
 */
export function buildPrompt(parts: PromptParts): string {
  const sections: (readonly [string, string | undefined])[] = [
    ['Instructions', parts.system],
    ['Developer instructions', parts.developer],
    ['About this work', parts.task],
  ];
  const given = sections.flatMap(([title, text]) => (text === undefined || text.trim() === '' ? [] : [`# ${title}\n\n${text.trim()}`]));
  const note = parts.interrupted
    ? 'An earlier attempt at this task was interrupted. The working folder holds what it had done; look at it first, then finish the task.'
    : undefined;
  if (parts.earlier !== undefined) given.push(`# Earlier work\n\n${earlierText(parts.earlier)}`);
  if (given.length === 0 && note === undefined) return parts.prompt.trim();
  const about = `You work in a git worktree of the repository "${parts.repository}", on branch ${parts.branch}, which starts at ${parts.baseSha.slice(0, 12)}. Leave your changes in the working folder; they are committed for you.`;
  return [...given, `# Working folder\n\n${[about, note].filter(Boolean).join('\n\n')}`, `# Task\n\n${parts.prompt.trim()}`].join('\n\n');
}

function earlierText({ task, summary }: NonNullable<PromptParts['earlier']>): string {
  const answered = summary === undefined ? '' : `\n\nIts last message was:\n\n${summary.trim()}`;
  return `The working folder holds the work of an earlier run, which was asked:\n\n${task.trim()}${answered}\n\nThe task below follows on from it.`;
}

/** First line of a task, short enough for a title. */
export function titleOf(prompt: string): string {
  const line = prompt.trim().split('\n').find((each) => each.trim() !== '')?.replace(/^[#>*\s-]+/, '').trim() ?? '';
  const characters = [...line];
  return characters.length <= 120 ? line : `${characters.slice(0, 119).join('').trimEnd()}…`;
}
