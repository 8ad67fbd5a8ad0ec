import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ObjectOf } from '#shared/kind/defineKind';
import type { Issue } from '#shared/kinds/forge/issue';
import { mergeMethod, type MergeMethod } from '#shared/kinds/forge/mergeMethod';
import type { PullRequest } from '#shared/kinds/forge/pullRequest';
import { eventually } from '../harness/eventually';
import { git } from '../harness/git';
import { answerOf, chancesOfTest, fileMoved, killRounds, moment } from '../harness/killMoments';
import { startServer, type TestServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';

type PullRequestObject = ObjectOf<typeof PullRequest>;
type IssueObject = ObjectOf<typeof Issue>;

const ROUNDS = killRounds(4);
const org = '/api/orgs/default';
const pulls = `${org}/pullrequests`;
const FIVE_LINES = 'one\ntwo\nthree\nfour\nfive\n';

/** What is there before a verb is asked for. */
interface Stage {
  readonly repository: string;
  readonly round: number;
  readonly pull: string;
  readonly source: string;
  /** Commits of both branches. */
  readonly head: string;
  readonly main: string;
  /** Issue that the merge closes. */
  readonly issue: string;
  /** Comment with a suggestion; of {@link suggestions} only. */
  readonly comment?: string;
}

/** Something that is asked of the server when it dies. It has a repository of its own, so that all of them are on their way at the same time. */
interface Verb {
  readonly repository: string;
  /** Branch of the history that is `main` here, and what the branches of the rounds begin with. */
  readonly main: 'ahead' | 'clashing' | 'root';
  readonly sources: 'topic' | 'clash' | 'stack';
  readonly prepare?: (server: TestServer, stage: Stage) => Promise<Partial<Stage>>;
  readonly act: (server: TestServer, stage: Stage) => Promise<unknown>;
  /** Throws unless what was asked for has happened once and as a whole (`true`), or nothing of it has (`false`). */
  readonly check: (bench: Bench, stage: Stage) => Promise<boolean>;
  /** What the server may say to whoever asks again after it has happened. */
  readonly again: RegExp;
}

interface Bench {
  readonly server: TestServer;
  /** Git in the server's own repository. */
  git(stage: Stage, ...args: string[]): Promise<string>;
  pull(stage: Stage): Promise<PullRequestObject>;
}

const on = ({ pull }: Stage): string => `${pulls}/${pull}`;

const merge = (repository: string, opts: { method: MergeMethod; commits: number; main?: Verb['main']; sources?: Verb['sources'] }): Verb => ({
  repository,
  main: opts.main ?? 'ahead',
  sources: opts.sources ?? 'topic',
  act: (server, stage) => server.api('POST', `${on(stage)}/merge`, { method: opts.method, deleteBranch: true, expectedHeadSha: stage.head }),
  check: (bench, stage) => checkMerge(bench, stage, opts),
  again: /PULL_REQUEST_MERGED/,
});

/** Nobody asks for the merge itself: it happens when the pull request is no draft any more. */
const autoMerge: Verb = {
  ...merge('auto', { method: 'squash', commits: 1 }),
  prepare: async (server, stage) => {
    await server.api('PATCH', on(stage), { draft: true });
    await server.api('PUT', `${on(stage)}/auto-merge`, { method: 'squash', deleteBranch: true });
    return {};
  },
  async act(server, stage) {
    const { spec } = await server.api<PullRequestObject>('GET', on(stage));
    if (spec.draft) await server.api('PATCH', on(stage), { draft: false });
    await eventually('the merge', async () => (await server.api<PullRequestObject>('GET', on(stage))).status?.phase === 'Merged');
  },
  async check(bench, stage) {
    if ((await bench.pull(stage)).spec.draft) return checkMerge(bench, stage, { method: 'squash', commits: 1 });
    await eventually('the merge, which waits for nothing', async () => (await bench.pull(stage)).status?.phase === 'Merged');
    return checkMerge(bench, stage, { method: 'squash', commits: 1 });
  },
  again: /^$/,
};

const changesOfSource: readonly Verb[] = [
  {
    repository: 'updated', main: 'ahead', sources: 'topic',
    act: (server, stage) => server.api('POST', `${on(stage)}/update-branch`, { method: 'merge', expectedHeadSha: stage.head }),
    check: (bench, stage) => checkSource(bench, stage, { parents: [stage.head, stage.main] }),
    again: /HEAD_MOVED/,
  },
  {
    repository: 'rebased', main: 'ahead', sources: 'topic',
    act: (server, stage) => server.api('POST', `${on(stage)}/update-branch`, { method: 'rebase', expectedHeadSha: stage.head }),
    check: (bench, stage) => checkSource(bench, stage, { beyondMain: 2 }),
    again: /HEAD_MOVED/,
  },
  {
    repository: 'resolved', main: 'clashing', sources: 'clash',
    act: (server, stage) => server.api('POST', `${on(stage)}/conflicts`, { expectedHeadSha: stage.head, expectedBaseSha: stage.main, files: [{ path: 'lines.txt', content: FIVE_LINES.replace('three', 'both') }] }),
    check: (bench, stage) => checkSource(bench, stage, { parents: [stage.head, stage.main] }),
    again: /HEAD_MOVED/,
  },
  {
    repository: 'suggested', main: 'ahead', sources: 'topic',
    prepare: async (server, stage) => {
      const review = await server.api<{ metadata: { name: string } }>('POST', `${on(stage)}/reviews`, { state: 'commented', comments: [{ path: `topic-${stage.round}.txt`, line: 1, body: '```suggestion\nbetter\n```' }] });
      return { comment: `${review.metadata.name}/c1` };
    },
    act: (server, stage) => server.api('POST', `${on(stage)}/suggestions`, { comments: [stage.comment], expectedHeadSha: stage.head }),
    check: (bench, stage) => checkSource(bench, stage, { parents: [stage.head] }),
    again: /HEAD_MOVED/,
  },
];

const revert: Verb = {
  repository: 'reverted', main: 'ahead', sources: 'topic',
  prepare: async (server, stage) => ({ main: (await server.api<{ sha: string }>('POST', `${on(stage)}/merge`, { method: 'squash' })).sha }),
  act: (server, stage) => server.api('POST', `${on(stage)}/revert`, {}),
  async check(bench, stage) {
    const reverts = await eventually('the status of what was opened', async () => {
      const { items } = await bench.server.api<{ items: PullRequestObject[] }>('GET', `${org}/resources?kind=pullrequests&limit=1000`);
      const found = items.filter(({ spec }) => spec.reverts === stage.pull);
      return found.every(({ status }) => status?.phase !== undefined) && found;
    });
    const branches = (await bench.git(stage, 'for-each-ref', '--format=%(refname:short)', `refs/heads/revert-${stage.pull.slice('reverted-'.length)}-*`)).trim();
    expect(await bench.git(stage, 'rev-parse', 'main')).toBe(`${stage.main}\n`);
    if (reverts.length === 0) return false;
    expect(reverts).toMatchObject([{ spec: { sourceBranch: branches, author: { name: 'admin' } }, status: { phase: 'Open', mergeable: 'Mergeable', commits: 1 } }]);
    expect((await bench.git(stage, 'rev-parse', `${branches}^`)).trim()).toBe(stage.main);
    return true;
  },
  again: /PULL_REQUEST_EXISTS/,
};

const VERBS: readonly Verb[] = [
  merge('merged', { method: 'merge', commits: 1 }),
  merge('squashed', { method: 'squash', commits: 1 }),
  merge('replayed', { method: 'rebase', commits: 2 }),
  merge('forwarded', { method: 'fast-forward', commits: 2, main: 'root', sources: 'stack' }),
  autoMerge,
  ...changesOfSource,
  revert,
];

it(`is killed ${ROUNDS} times while it merges and changes branches in every way, and each is done once, or not at all`, { timeout: 60_000 + ROUNDS * 30_000 }, async () => {
  const chances = chancesOfTest();
  await using server = await startServer({ args: ['--log-level', 'warn'] });
  await using work = await tempDir();
  const bench: Bench = {
    server,
    git: ({ repository }, ...args) => git(args, { cwd: join(server.dataDir, 'repositories/default', `${repository}.git`) }),
    pull: (stage) => server.api('GET', on(stage)),
  };
  await seed(server, work.path);

  let longestMs = 0;
  for (let round = 0; round <= ROUNDS; round += 1) {
    const stages = await Promise.all(VERBS.map(async (verb) => ({ verb, stage: await setStage(bench, verb, round) })));
    const startedAt = performance.now();
    const stop = new AbortController();
    const heads = VERBS.map(({ repository }) => join(server.dataDir, 'repositories/default', `${repository}.git/refs/heads`));
    // Of some rounds the moment is that in which a branch moves, which is a short one.
    const moved = round % 2 === 0 ? fileMoved([chances.pick(heads)], /^/, stop.signal) : new Promise<never>(() => undefined);
    const asked = stages.map(({ verb, stage }) => answerOf(verb.act(server, stage)));
    if (round === 0) {
      // Nobody is killed: that is how long it takes.
      expect(await Promise.all(asked)).toEqual(VERBS.map(() => 'done'));
      longestMs = performance.now() - startedAt;
    } else {
      await Promise.race([moved.then(() => moment(chances.between(0, 4))), moment(chances.between(0, round % 2 === 0 ? 4 * longestMs : longestMs))]);
      await server.kill9({ withChildren: chances.pick([true, false]) });
      stop.abort();
      await server.restart();
    }
    stop.abort();
    const answers = await Promise.all(asked);
    await Promise.all(stages.map(async ({ verb, stage }, index) => {
      const at = `${verb.repository}, round ${round}, ${answers[index] ?? ''}`;
      await atRest(bench, stage);
      let done = await verb.check(bench, stage).catch(saying(at));
      // What was answered has happened.
      if (answers[index] === 'done') expect(done, at).toBe(true);
      const again = await answerOf(verb.act(server, stage));
      if (!done || verb === autoMerge) expect(again, at).toBe('done');
      else expect(again, at).toMatch(verb.again);
      await atRest(bench, stage);
      done = await verb.check(bench, stage).catch(saying(at));
      expect(done, at).toBe(true);
      expect(await bench.git(stage, 'fsck', '--full', '--no-dangling'), at).toBe('');
    }));
  }
});

function saying(at: string): (error: unknown) => never {
  return (error) => {
    throw new Error(at, { cause: error });
  };
}

/** What a killed server had begun is decided by the next one, and nobody has to ask it to. */
async function atRest(bench: Bench, stage: Stage): Promise<void> {
  await eventually(`${stage.pull} at rest`, async () => {
    const { status } = await bench.server.api<PullRequestObject>('GET', `${org}/resources/pullrequests/${stage.pull}`);
    return status?.merging === undefined && (status?.phase !== 'Merged' || status.settled === true);
  });
}

async function checkMerge(bench: Bench, stage: Stage, { method, commits }: { method: MergeMethod; commits: number }): Promise<boolean> {
  const { status } = await bench.pull(stage);
  const tip = (await bench.git(stage, 'rev-parse', 'main')).trim();
  const heads = await bench.git(stage, 'for-each-ref', '--format=%(objectname)', `refs/heads/${stage.source}`);
  if (status?.phase === 'Open') {
    expect({ tip, heads, ...status }).toMatchObject({ tip: stage.main, heads: `${stage.head}\n`, mergeable: 'Mergeable' });
    return false;
  }
  expect(status).toMatchObject({ phase: 'Merged', settled: true, headSha: stage.head, merge: { method, sha: tip, targetBefore: stage.main, mergedBy: { kind: 'user', name: 'admin' } } });
  expect((await bench.git(stage, 'rev-list', '--first-parent', '--count', `${stage.main}..main`)).trim()).toBe(String(commits));
  // Its changes are there, whatever became of the commits.
  expect(await bench.git(stage, 'ls-tree', '--name-only', 'main', '--', `${stage.source}.txt`)).toBe(`${stage.source}.txt\n`);
  expect(heads).toBe('');
  expect((await bench.git(stage, 'for-each-ref', '--format=%(objectname) %(refname)', 'refs/kradle/deleted')).split('\n').filter((line) => line.endsWith(`/${stage.source}`))).toEqual([expect.stringContaining(stage.head)]);
  await eventually('the issue closed', async () => {
    const issue = await bench.server.api<IssueObject>('GET', `${org}/resources/issues/${stage.issue}`);
    return issue.spec.state === 'closed' && issue.status?.closedByPullRequest === stage.pull && issue.status.closedBy?.name === 'admin';
  }, { timeoutMs: 5000 });
  const { items } = await bench.server.api<{ items: { spec: unknown }[] }>('GET', `${org}/audit?kind=PullRequest&name=${stage.pull}&action=merge&limit=100`);
  expect(items.map(({ spec }) => spec)).toEqual([expect.objectContaining({ type: 'PullRequestMerged', actor: expect.objectContaining({ name: 'admin' }) as unknown })]);
  return true;
}

async function checkSource(bench: Bench, stage: Stage, moved: { parents?: readonly string[]; beyondMain?: number }): Promise<boolean> {
  const tip = (await bench.git(stage, 'rev-parse', stage.source)).trim();
  const { status } = await bench.pull(stage);
  expect({ main: (await bench.git(stage, 'rev-parse', 'main')).trim(), ...status }).toMatchObject({ main: stage.main, phase: 'Open', headSha: tip });
  if (tip === stage.head) return false;
  expect(status?.mergeable).toBe('Mergeable');
  if (moved.parents !== undefined) expect((await bench.git(stage, 'log', '-1', '--format=%P', tip)).trim().split(' ')).toEqual(moved.parents);
  if (moved.beyondMain !== undefined) expect((await bench.git(stage, 'rev-list', '--count', `main..${tip}`)).trim()).toBe(String(moved.beyondMain));
  return true;
}

async function setStage(bench: Bench, verb: Verb, round: number): Promise<Stage> {
  const { server } = bench;
  const { repository } = verb;
  const source = `${verb.sources}-${round}`;
  const issue = `${repository}-issue-${round}`;
  const { spec } = await server.api<IssueObject>('GET', `${org}/resources/issues/${issue}`);
  const { metadata } = await server.api<PullRequestObject>('POST', pulls, { repository, title: `Round ${round}`, body: `Closes #${spec.number ?? ''}`, sourceBranch: source, targetBranch: 'main' });
  const stage: Stage = { repository, round, pull: metadata.name, source, issue, head: '', main: '' };
  const [head = '', main = ''] = (await bench.git(stage, 'rev-parse', source, 'main')).trim().split('\n');
  const ready = { ...stage, head, main };
  return { ...ready, ...(await verb.prepare?.(server, ready)) };
}

/** A repository for each verb, with a branch for each round, and issues to be closed. */
async function seed(server: TestServer, folder: string): Promise<void> {
  const clone = join(folder, 'clone');
  await git(['init', '--quiet', clone], { cwd: folder });
  await git(['fast-import', '--quiet'], { cwd: clone, input: historyOf(ROUNDS + 1) });
  await Promise.all(VERBS.map(async ({ repository, main, sources }) => {
    await server.api('POST', `${org}/repositories`, { name: repository });
    const allowed = await server.fetch(`/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-default/repositories/${repository}`, {
      method: 'PATCH', headers: { 'Content-Type': 'application/merge-patch+json' }, body: JSON.stringify({ spec: { mergeMethods: mergeMethod.options } }),
    });
    expect(allowed.status).toBe(200);
    await git(['push', '--quiet', server.gitUrl(repository), `refs/heads/${main}:refs/heads/main`, `refs/heads/${sources}-*:refs/heads/${sources}-*`], { cwd: clone });
  }));
  const issues = VERBS.flatMap(({ repository }) => Array.from({ length: ROUNDS + 1 }, (_, round) => ({ kind: 'Issue', metadata: { name: `${repository}-issue-${round}` }, spec: { title: `Issue ${round}`, repositories: [repository] } })));
  await server.api('POST', `${org}/snapshot`, { resources: issues });
  await eventually('numbers of the issues', async () => {
    const { items } = await server.api<{ items: IssueObject[] }>('GET', `${org}/resources?kind=issues&limit=1000`);
    return items.length === issues.length && items.every(({ spec }) => spec.number !== undefined);
  });
}

/** For `git fast-import`. */
function historyOf(rounds: number): string {
  const person = 'Una User <una@example.com> 1700000000 +0000';
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const commit = (branch: string, from: string | undefined, files: Record<string, string>): string =>
    `commit refs/heads/${branch}\ncommitter ${person}\n${data(`Change ${Object.keys(files).join()}`)}${from === undefined ? '' : `from ${from}\n`}${Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`).join('')}\n`;
  const two = (branch: string, from: string): string => `${commit(branch, from, { [`${branch}.txt`]: 'one\n' })}${commit(branch, undefined, { [`${branch}.txt`]: 'one\ntwo\n' })}`;
  const parts = [
    commit('root', undefined, { 'lines.txt': FIVE_LINES }),
    commit('ahead', 'refs/heads/root', { 'ahead.txt': 'ahead\n' }),
    commit('clashing', 'refs/heads/root', { 'lines.txt': FIVE_LINES.replace('three', 'theirs') }),
  ];
  for (let round = 0; round < rounds; round += 1) {
    parts.push(two(`topic-${round}`, 'refs/heads/root'), two(`stack-${round}`, round === 0 ? 'refs/heads/root' : `refs/heads/stack-${round - 1}`));
    parts.push(commit(`clash-${round}`, 'refs/heads/root', { 'lines.txt': FIVE_LINES.replace('three', `ours ${round}`), [`clash-${round}.txt`]: 'clash\n' }));
  }
  return parts.join('');
}
