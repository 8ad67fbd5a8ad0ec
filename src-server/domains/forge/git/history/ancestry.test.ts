import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGitFixture, type GitFixture } from '../../../../../test/harness/gitFixture';
import { committedAt, countReached, isReached, relate } from './ancestry';
import { readCommitGraph } from './commitGraph';
import { countCommits, isAncestor, mergeBase } from './commits';
import type { GitRepository } from '../gitRepositories';
import { aheadBehind, refTargets } from '../refs/refs';

let fixture: GitFixture;
let repository: GitRepository;

beforeEach(async () => {
  fixture = await createGitFixture();
  repository = await fixture.bare('app');
});
afterEach(() => fixture.dispose());

describe('the commit graph', () => {
  it('says what git says, for histories of all shapes, with layers, merges of many, and what came after it', async () => {
    const random = sequence(7);
    const commits = await tangle({ from: 0, to: 60, random });
    await writeGraph('--split=no-merge');
    commits.push(...(await tangle({ from: 60, to: 90, random })));
    await writeGraph('--split=no-merge');
    commits.push(...(await tangle({ from: 90, to: 110, random })));
    expect((await readCommitGraph(repository.path))?.count).toBe(90);

    for (let round = 0; round < 2; round += 1) {
      const base = pick(commits, random);
      const heads = Array.from({ length: 33 }, () => pick(commits, random));
      const related = await relate(repository, base, heads);
      for (const head of new Set(heads)) expect(related?.get(head), `${base}...${head}`).toEqual(await askGit(base, head));
      const [head = base] = heads;
      expect(await isReached(repository, base, head)).toBe((await asks(['merge-base', '--is-ancestor', base, head])).code === 0);
      expect(await countReached(repository, head)).toBe(Number((await asks(['rev-list', '--count', head])).text));
    }
    const times = await committedAt(repository, commits);
    expect([...(times ?? [])].slice(-3).map(([, seconds]) => seconds)).toEqual([1_700_000_107, 1_700_000_108, 1_700_000_109]);
    expect(times?.get(commits[0] ?? '')).toBe(1_700_000_000);
  });

  it('is asked by everything that asks how commits stand to each other, and git where it has no answer', async () => {
    const commits = await tangle({ from: 0, to: 40, random: sequence(3) });
    const [base = '', head = ''] = [commits[25], commits[39]];
    const answers = async () => [
      await mergeBase(repository, base, head), await aheadBehind(repository, base, head), await isAncestor(repository, commits[0] ?? '', head), await isAncestor(repository, head, base),
      await countCommits(repository, head), await countCommits(repository, head, base),
    ];
    expect(await relate(repository, base, [head])).toBeUndefined();
    const fromGit = await answers();
    await writeGraph();
    expect(await relate(repository, base, [head])).toBeDefined();
    expect(await answers()).toEqual(fromGit);
    // What is no commit, or is not there, is git's to judge.
    expect(await relate(repository, base, ['HEAD'])).toBeUndefined();
    expect(await relate(repository, base, ['0'.repeat(39).concat('1')])).toBeUndefined();
    expect(await committedAt(repository, ['4b825dc642cb6eb9a060e54bf8d69288fbee4904'])).toBeUndefined();
  });

  it('is not trusted where git does not, or where it is broken', async () => {
    const [first = '', second = ''] = await tangle({ from: 0, to: 30, random: sequence(5) });
    await writeGraph();
    const file = join(repository.path, 'objects/info/commit-graph');
    expect(await readCommitGraph(repository.path)).toBeDefined();
    await writeFile(join(repository.path, 'shallow'), `${first}\n`);
    expect(await readCommitGraph(repository.path)).toBeUndefined();
    await rm(join(repository.path, 'shallow'));
    expect((await readCommitGraph(repository.path))?.find(second)).toBeDefined();
    for (const broken of ['', 'CGPH', 'something else altogether', `CGPH\u0001\u0001\u0009\u0000${'x'.repeat(500)}`]) {
      await rm(file);
      await writeFile(file, broken, 'latin1');
      expect(await readCommitGraph(repository.path)).toBeUndefined();
    }
  });

  it('is left to git where much came after it', async () => {
    const [first = ''] = await tangle({ from: 0, to: 2, random: sequence(1) });
    await writeGraph();
    const later = await tangle({ from: 2, to: 400, random: () => 0 });
    expect(await relate(repository, first, [later.at(-1) ?? ''])).toBeUndefined();
    expect(await aheadBehind(repository, first, later.at(-1) ?? '')).toMatchObject({ ahead: 399, behind: 0 });
  });

  it('tells of commits as they are, whatever a reference says to put in their place', async () => {
    const commits = await tangle({ from: 0, to: 12, random: () => 0 });
    await writeGraph();
    const [root = '', fifth = '', head = ''] = [commits[0], commits[4], commits[11]];
    await repository.git.run(['update-ref', `refs/replace/${fifth}`, root], { gitDir: repository.path });
    expect(await countCommits(repository, head)).toBe(12);
    expect((await repository.objects.read(fifth, 1000))?.content.toString()).toContain(`parent ${commits[3]}`);
  });

  function writeGraph(...options: string[]) {
    return repository.git.run(['commit-graph', 'write', '--reachable', ...options], { gitDir: repository.path });
  }

  async function asks(args: readonly string[]): Promise<{ code: number; text: string }> {
    const { code, stdout } = await repository.git.run(args, { gitDir: repository.path, okCodes: [0, 1], config: [['core.commitGraph', 'false']] });
    return { code, text: stdout.toString().trim() };
  }

  async function askGit(base: string, head: string) {
    const [behind, ahead] = (await asks(['rev-list', '--left-right', '--count', `${base}...${head}`])).text.split('\t').map(Number);
    const bases = (await asks(['merge-base', '--all', base, head])).text.split('\n').filter((line) => line !== '');
    return { ahead, behind, mergeBases: expect.toSatisfy((found: string[]) => [...found].sort().join() === bases.sort().join()) as unknown };
  }

  /** Commits, each a second after the one before, of none to four parents among those before; a branch points at each. */
  async function tangle(opts: { from: number; to: number; random: () => number }): Promise<string[]> {
    const before = [...(await refTargets(repository, ['refs/heads/'])).values()];
    const named = (index: number): string => (index < opts.from ? (before[index] ?? '') : `:${index + 1}`);
    let stream = '';
    for (let index = opts.from; index < opts.to; index += 1) {
      stream += `commit refs/heads/c${String(index).padStart(4, '0')}\nmark :${index + 1}\ncommitter Una <una@example.com> ${1_700_000_000 + index} +0000\ndata 1\nx\n`;
      const near = (): number => Math.max(0, index - 1 - Math.floor(opts.random() * 12));
      const parents = index === 0 || opts.random() > 0.97 ? [] : [...new Set([near(), ...(opts.random() < 0.4 ? [near()] : []), ...(opts.random() < 0.1 ? [near(), near()] : [])])];
      stream += parents.map((parent, place) => `${place === 0 ? 'from' : 'merge'} ${named(parent)}\n`).join('');
    }
    await repository.git.run(['fast-import', '--quiet'], { gitDir: repository.path, input: stream });
    return [...(await refTargets(repository, ['refs/heads/']))].slice(opts.from, opts.to).map(([, oid]) => oid);
  }
});

function sequence(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

function pick(commits: readonly string[], random: () => number): string {
  return commits[Math.floor(random() * commits.length)] ?? '';
}
