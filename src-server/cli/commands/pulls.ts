import { readFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import type { ReviewThread } from '#shared/api/forgeViews';
import { parseHeadLabel } from '#shared/api/headLabel';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { usageError } from '../exitCode';
import { printObjects, printValue, type ObjectList } from '../objectOutput';
import { printDiff } from '../printDiff';
import { pullRequestText, type PullRequestObject, type ReviewObject } from '../pullRequestText';
import { registerPullVerbs } from './pullVerbs';

interface CreateFlags {
  readonly repo: string;
  readonly head: string;
  readonly sourceRepository?: string;
  readonly maintainerEdits: boolean;
  readonly base?: string;
  readonly title: string;
  readonly body?: string;
  readonly bodyFile?: string;
  readonly draft?: boolean;
}

interface MergeFlags {
  readonly auto?: boolean;
  readonly disableAuto?: boolean;
  readonly method: string;
  readonly title?: string;
  readonly message?: string;
  readonly deleteBranch?: boolean;
}

interface CommentFlags {
  readonly body?: string;
  readonly bodyFile?: string;
  readonly approve?: boolean;
  readonly requestChanges?: boolean;
  readonly file?: string;
  readonly line?: string;
}

/** Pull requests, named REPOSITORY-NUMBER; `demo#3` and `demo/3` are understood too. */
export function registerPulls(program: Command, context: CommandContext): void {
  const pulls = program.command('pr').helpGroup('Code:').description('read, review and merge pull requests');
  const pathOf = (name: string) => route`/api/orgs/${context.org()}/pullrequests/${name.replace(/[#/](?=\d+$)/, '-')}`;
  const listPath = () => route`/api/orgs/${context.org()}/pullrequests`;

  pulls
    .command('list')
    .alias('ls')
    .description('list pull requests')
    .option('--repo <repository>', 'only of this repository')
    .addOption(new Option('--state <state>', 'which').choices(['open', 'closed', 'merged', 'all']).default('open'))
    .option('-q, --query <text>', 'text to look for')
    .option('--limit <count>', 'at most so many', '100')
    .action(async (flags: { repo?: string; state: string; query?: string; limit: string }) => {
      const list = await context.api().get<ObjectList>(listPath(), { repository: flags.repo, state: flags.state, q: flags.query, limit: flags.limit });
      await printObjects(context, (await context.kinds()).find('pullrequests'), list);
    });

  pulls
    .command('view')
    .description('show a pull request, its reviews and what keeps it from merging')
    .argument('<pr>', 'REPOSITORY-NUMBER')
    .action(async (name: string) => {
      const pull = await context.api().get<PullRequestObject>(pathOf(name));
      if (await printValue(context, pull)) return;
      const talk = await context.api().get<{ items: ReviewObject[]; threads: ReviewThread[] }>(`${pathOf(name)}/reviews`);
      context.terminal.out(pullRequestText(pull, talk, context.terminal.style));
    });

  pulls
    .command('diff')
    .description('print the change as a patch')
    .argument('<pr>', 'REPOSITORY-NUMBER')
    .argument('[path]', 'only this file')
    .action((name: string, path: string | undefined) => printDiff(context, `${pathOf(name)}/diff`, path));

  pulls
    .command('create')
    .description('ask for a branch to be merged')
    .requiredOption('--repo <repository>', 'repository')
    .requiredOption('--head <branch>', 'branch that holds the change; FORK:BRANCH for one of a fork')
    .option('--source-repository <fork>', 'the fork that has it')
    .option('--no-maintainer-edits', 'of one from a fork: only who may push to the fork changes its branch')
    .option('--base <branch>', 'branch to merge into; default: the default branch')
    .requiredOption('--title <text>', 'what it does')
    .option('--body <markdown>', 'why')
    .option('--body-file <file>', 'file that holds the body; - for standard input')
    .option('--draft', 'not ready to merge yet')
    .action(async (flags: CreateFlags) => {
      const body = readBody(flags);
      const pull = await context.api().send<PullRequestObject>('POST', listPath(), {
        body: {
          repository: flags.repo,
          ...parseHeadLabel(flags.head),
          ...(flags.sourceRepository === undefined ? {} : { sourceRepository: flags.sourceRepository }),
          ...(flags.maintainerEdits ? {} : { maintainerCanModify: false }),
          title: flags.title,
          ...(flags.base === undefined ? {} : { targetBranch: flags.base }),
          ...(body === undefined ? {} : { body }),
          ...(flags.draft === true ? { draft: true } : {}),
        },
      });
      if (!(await printValue(context, pull))) context.terminal.out(`${pull.metadata.name}\n`);
    });

  pulls
    .command('merge')
    .description('merge a pull request')
    .argument('<pr>', 'REPOSITORY-NUMBER')
    .addOption(new Option('--method <method>', 'how').choices(['merge', 'squash', 'rebase', 'fast-forward']).default('merge'))
    .option('--title <text>', 'first line of the commit')
    .option('--message <text>', 'rest of the commit\'s message')
    .option('--delete-branch', 'delete the source branch afterwards')
    .option('--auto', 'merge by itself as soon as nothing keeps it from merging')
    .option('--disable-auto', 'do not merge by itself any more')
    .action(async (name: string, { auto, disableAuto, ...flags }: MergeFlags) => {
      if (auto === true || disableAuto === true) return setAutoMerge(name, disableAuto === true ? undefined : flags);
      const answer = await context.api().send<{ sha: string; method: string }>('POST', `${pathOf(name)}/merge`, { body: flags });
      if (!(await printValue(context, answer))) context.terminal.out(`Merged ${name} (${answer.method}) as ${answer.sha.slice(0, 10)}\n`);
    });

  async function setAutoMerge(name: string, how: Omit<MergeFlags, 'auto' | 'disableAuto'> | undefined): Promise<void> {
    const pull = await context.api().send<PullRequestObject>(how === undefined ? 'DELETE' : 'PUT', `${pathOf(name)}/auto-merge`, how === undefined ? {} : { body: how });
    if (await printValue(context, pull)) return;
    const merged = pull.status?.phase === 'Merged';
    context.terminal.out(`${merged ? `Merged ${name}` : how === undefined ? `${name} does not merge by itself` : `${name} merges as soon as nothing keeps it from merging`}\n`);
  }

  registerPullVerbs(pulls, context, { pathOf });

  pulls
    .command('comment')
    .description('comment on a pull request or on one of its lines, approve it, or ask for changes')
    .argument('<pr>', 'REPOSITORY-NUMBER')
    .option('-b, --body <markdown>', 'what you say')
    .option('--body-file <file>', 'file that holds it; - for standard input')
    .option('--approve', 'approve')
    .option('--request-changes', 'ask for changes')
    .option('--file <path>', 'comment on this file')
    .option('--line <number>', 'and on this line of its new version')
    .action(async (name: string, flags: CommentFlags) => {
      const review = await context.api().send<{ metadata: { name: string } }>('POST', `${pathOf(name)}/reviews`, { body: reviewOf(flags) });
      if (!(await printValue(context, review))) context.terminal.out(`${review.metadata.name}\n`);
    });
}

function reviewOf(flags: CommentFlags): Record<string, unknown> {
  const body = readBody(flags);
  if (flags.approve === true && flags.requestChanges === true) throw usageError('Either approve or ask for changes.');
  if (body === undefined && flags.approve !== true) throw usageError('Say something with -b TEXT or --body-file FILE.');
  if (flags.line !== undefined && flags.file === undefined) throw usageError('--line needs --file.');
  const line = flags.line === undefined ? undefined : Number(flags.line);
  if (line !== undefined && (!Number.isInteger(line) || line < 1)) throw usageError(`--line must be a line number, not "${flags.line}".`);
  const state = flags.approve === true ? 'approved' : flags.requestChanges === true ? 'changes_requested' : 'commented';
  if (flags.file === undefined) return { state, ...(body === undefined ? {} : { body }) };
  if (body === undefined) throw usageError('A comment on a file needs a text: -b TEXT.');
  return { state, comments: [{ path: flags.file, body, ...(line === undefined ? {} : { line }) }] };
}

function readBody(flags: { body?: string; bodyFile?: string }): string | undefined {
  if (flags.bodyFile === undefined) return flags.body;
  if (flags.body !== undefined) throw usageError('Give either --body or --body-file.');
  // 0 is standard input.
  return readFileSync(flags.bodyFile === '-' ? 0 : flags.bodyFile, 'utf8');
}
