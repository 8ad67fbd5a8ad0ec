import { Option, type Command } from 'commander';
import type { CommandContext } from '../commandContext';
import { usageError } from '../exitCode';
import { printValue } from '../objectOutput';
import type { PullRequestObject } from '../pullRequestText';

export interface PullPaths {
  readonly pathOf: (name: string) => string;
}

interface EditFlags {
  readonly title?: string;
  readonly body?: string;
  readonly base?: string;
  readonly addLabel: string[];
  readonly removeLabel: string[];
  readonly addAssignee: string[];
  readonly removeAssignee: string[];
}

const collect = (value: string, before: string[]): string[] => [...before, value];

/** What is done to a pull request between its opening and its merge. */
export function registerPullVerbs(pulls: Command, context: CommandContext, { pathOf }: PullPaths): void {
  /** Sends, and says in one line what came of it. */
  async function act<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, { body, say }: { body?: unknown; say: (answer: T) => string }): Promise<void> {
    const answer = await context.api().send<T>(method, path, body === undefined ? {} : { body });
    if (!(await printValue(context, answer))) context.terminal.out(`${say(answer)}\n`);
  }
  const one = (name: string, description: string): Command => pulls.command(name).description(description).argument('<pr>', 'REPOSITORY-NUMBER');

  one('ready', 'mark a draft as ready for review').action((pr: string) => act<PullRequestObject>('PATCH', pathOf(pr), { body: { draft: false }, say: () => `${pr} is ready for review` }));
  one('draft', 'mark a pull request as a draft').action((pr: string) => act<PullRequestObject>('PATCH', pathOf(pr), { body: { draft: true }, say: () => `${pr} is a draft` }));
  one('close', 'close a pull request without merging it').action((pr: string) => act<PullRequestObject>('PATCH', pathOf(pr), { body: { state: 'closed' }, say: () => `Closed ${pr}` }));
  one('reopen', 'open a closed pull request again').action((pr: string) => act<PullRequestObject>('PATCH', pathOf(pr), { body: { state: 'open' }, say: () => `Reopened ${pr}` }));

  one('edit', 'change the title, the body, the target branch, the labels or who takes care of it')
    .option('--title <text>', 'what it does')
    .option('--body <markdown>', 'why')
    .option('--base <branch>', 'branch to merge into')
    .option('--add-label <label>', 'put a label on, again for each', collect, [])
    .option('--remove-label <label>', 'take a label off, again for each', collect, [])
    .option('--add-assignee <name>', 'a user or agent takes care of it, again for each', collect, [])
    .option('--remove-assignee <name>', 'they do not any more, again for each', collect, [])
    .action(async (pr: string, { title, body, base, ...lists }: EditFlags) => {
      const changesLists = [lists.addLabel, lists.removeLabel, lists.addAssignee, lists.removeAssignee].some((each) => each.length > 0);
      if (title === undefined && body === undefined && base === undefined && !changesLists) throw usageError('Say what to change: --title, --body, --base, --add-label, --remove-label, --add-assignee or --remove-assignee.');
      const { spec } = changesLists ? await context.api().get<PullRequestObject>(pathOf(pr)) : { spec: undefined };
      await act<PullRequestObject>('PATCH', pathOf(pr), {
        body: { title, body, targetBranch: base, labels: changed(spec?.labels, lists.addLabel, lists.removeLabel), assignees: changed(spec?.assignees, lists.addAssignee, lists.removeAssignee) },
        say: () => `Changed ${pr}`,
      });
    });

  one('update', 'bring the target branch into the source branch')
    .option('--rebase', 'replay its commits on the target instead of merging')
    .action((pr: string, { rebase }: { rebase?: boolean }) =>
      act<{ sha: string }>('POST', `${pathOf(pr)}/update-branch`, { body: { method: rebase === true ? 'rebase' : 'merge' }, say: ({ sha }) => `The source branch of ${pr} is at ${sha.slice(0, 10)}` }),
    );

  one('request', 'ask for reviews, or for another look')
    .argument('<reviewers...>', 'users, team/NAME, agent/NAME')
    .addOption(new Option('--remove', 'ask them no longer'))
    .action(async (pr: string, reviewers: string[], { remove }: { remove?: boolean }) => {
      if (remove !== true) return act<PullRequestObject>('POST', `${pathOf(pr)}/review-requests`, { body: { reviewers }, say: () => `Asked ${reviewers.join(', ')}` });
      for (const reviewer of reviewers) await act<PullRequestObject>('DELETE', `${pathOf(pr)}/review-requests?reviewer=${encodeURIComponent(reviewer)}`, { say: () => `${reviewer} is not asked any more` });
    });

  one('revert', 'take a merged pull request back by a new one')
    .option('--draft', 'not ready to merge yet')
    .action((pr: string, { draft }: { draft?: boolean }) => act<PullRequestObject>('POST', `${pathOf(pr)}/revert`, { body: draft === true ? { draft } : {}, say: ({ metadata }) => metadata.name }));

  one('restore', 'make the deleted source branch again')
    .action((pr: string) => act<{ branch: string; sha: string }>('POST', `${pathOf(pr)}/restore-branch`, { body: {}, say: ({ branch, sha }) => `${branch} is at ${sha.slice(0, 10)} again` }));
}

/** A list with these and without those; undefined where nothing of it is asked for. */
function changed(list: readonly string[] | undefined, add: readonly string[], remove: readonly string[]): string[] | undefined {
  return add.length === 0 && remove.length === 0 ? undefined : [...new Set([...(list ?? []), ...add])].filter((each) => !remove.includes(each));
}
