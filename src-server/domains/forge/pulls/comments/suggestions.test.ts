import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ada, bob, createForgeFixture, type ForgeFixture, TEN_LINES } from '../../../../../test/harness/forgeFixture';
import { readSuggestion, replaceLines } from './suggestions';

describe('reading a suggestion', () => {
  it.each([
    ['no fence', undefined], ['```ts\nx\n```', undefined], ['```suggestion\n```', []], ['Try\n```suggestion\na\n\nb\n```\nplease', ['a', '', 'b']],
    ['````suggestion\n```\n````', ['```']], ['~~~suggestion\nx\n~~~', ['x']], ['```suggestion\r\nx\r\n```', ['x']], ['```ts\n```suggestion\n```\n```suggestion\ny\n```', ['y']], ['```suggestion\nopen', ['open']],
  ])('%j', (body, lines) => {
    expect(readSuggestion(body)?.lines).toEqual(lines);
  });
});

describe('replacing lines', () => {
  it('keeps how lines end, and a last line without an end', () => {
    expect(replaceLines('a\r\nb\r\nc', [{ startLine: 2, endLine: 3, lines: ['x', 'y'] }])).toBe('a\r\nx\r\ny');
    expect(replaceLines('a\nb\n', [{ startLine: 2, endLine: 2, lines: [] }])).toBe('a\n');
    expect(() => replaceLines('a\n', [{ startLine: 1, endLine: 2, lines: [] }])).toThrow(RangeError);
    expect(() => replaceLines('a\nb\n', [{ startLine: 1, endLine: 2, lines: [] }, { startLine: 2, endLine: 2, lines: [] }])).toThrow(RangeError);
  });

  it('does the same as replacing from the bottom up', () => {
    const plan = fc.array(fc.record({ skip: fc.nat(2), take: fc.integer({ min: 1, max: 2 }), lines: fc.array(fc.constantFrom('x', 'y', ''), { maxLength: 3 }) }), { maxLength: 5 });
    fc.assert(
      fc.property(plan, (steps) => {
        const source = Array.from({ length: 25 }, (_, index) => `line ${index}`);
        let next = 1;
        const replacements = steps.map(({ skip, take, lines }) => {
          const startLine = next + skip;
          next = startLine + take;
          return { startLine, endLine: startLine + take - 1, lines };
        });
        const expected = [...source];
        for (const { startLine, endLine, lines } of replacements.toReversed()) expected.splice(startLine - 1, endLine - startLine + 1, ...lines);
        expect(replaceLines(source.map((line) => `${line}\n`).join(''), replacements)).toBe(expected.map((line) => `${line}\n`).join(''));
      }),
    );
  });
});

describe('applying suggestions', () => {
  let fixture: ForgeFixture;
  let pr: string;
  const org = 'default';
  const suggest = (text: string) => `How about\n\`\`\`suggestion\n${text}\n\`\`\``;

  beforeEach(async () => {
    fixture = await createForgeFixture();
    await fixture.seed('demo');
    pr = await fixture.openPull('demo', 'feature', { 'a.txt': TEN_LINES.replace('line 5\n', 'line five\n'), 'dir/b.txt': 'b1\r\nb2\r\nb3' });
  });

  afterEach(async () => {
    await fixture[Symbol.asyncDispose]();
  });

  const ids = async () => (await fixture.as(ada).pulls.reviews({ org, pr })).threads.flatMap(({ comments }) => comments.map(({ id }) => id));
  const inBare = async (...args: string[]) => fixture.git('.', '--git-dir', fixture.forge.verbs.repositoryPath(org, 'demo'), ...args);

  it('commits several at once with who made them as co-authors, and settles their conversations', async () => {
    await fixture.as(bob).pulls.addReview({ org, pr, comments: [{ path: 'a.txt', line: 5, body: suggest('FIVE\nand a half') }, { path: 'dir/b.txt', startLine: 2, line: 3, body: suggest('b23') }] });
    await fixture.as(ada).pulls.addReview({ org, pr, comments: [{ path: 'a.txt', line: 10, body: suggest('ten') }] });
    // Lines that moved are followed.
    await fixture.commit('demo', { 'a.txt': `zero\n${TEN_LINES.replace('line 5\n', 'line five\n')}` });
    await fixture.git('demo', 'push', '--quiet', 'origin', 'feature');
    await fixture.forge.idle();
    const head = (await inBare('rev-parse', 'feature')).trim();
    const all = await ids();
    const { sha, applied } = await fixture.as(ada).pulls.applySuggestions({ org, pr, comments: all, expectedHeadSha: head });
    expect(applied).toEqual(all);
    expect(await inBare('show', 'feature:a.txt')).toBe(`zero\n${TEN_LINES.replace('line 5\n', 'FIVE\nand a half\n').replace('line 10', 'ten')}`);
    expect(await inBare('show', 'feature:dir/b.txt')).toBe('b1\r\nb23');
    expect(await inBare('log', '-1', '--format=%P|%an|%B', 'feature')).toBe(`${head}|Ada Lovelace|Apply 3 suggestions from code review\n\nCo-authored-by: Bob Builder <bob@example.com>\n\n`);
    const { threads } = await fixture.as(ada).pulls.reviews({ org, pr });
    expect(threads.map(({ resolved, comments }) => [resolved, comments[0]?.suggestion?.appliedIn])).toEqual(all.map(() => [true, sha]));
    await expect(fixture.as(ada).pulls.applySuggestions({ org, pr, comments: all })).rejects.toMatchObject({ cause: { code: 'SUGGESTION_NOT_APPLICABLE' } });
    await inBare('fsck', '--strict');
  });

  it('refuses what is outdated, overlaps, suggests nothing or changes nothing, saying which and why', async () => {
    await fixture.as(bob).pulls.addReview({
      org, pr, comments: [{ path: 'a.txt', line: 5, body: suggest('x') }, { path: 'a.txt', startLine: 5, line: 6, body: suggest('y') }, { path: 'a.txt', line: 1, body: 'plain' }, { path: 'a.txt', body: suggest('file') }, { path: 'a.txt', side: 'old', line: 5, body: suggest('old') }, { path: 'a.txt', line: 9, body: suggest('line 9') }],
    });
    const [first = '', second = '', plain = '', file = '', old = '', same = ''] = await ids();
    const apply = (...comments: string[]) => fixture.as(ada).pulls.applySuggestions({ org, pr, comments });
    await expect(apply(first, second)).rejects.toThrow(/is on lines that .* changes, too/);
    await expect(apply(plain)).rejects.toThrow(/suggests nothing/);
    await expect(apply(file)).rejects.toThrow(/on the whole file/);
    await expect(apply(old)).rejects.toThrow(/lines that the change removes/);
    await expect(apply(same)).rejects.toThrow(/change nothing/);
    await expect(apply('none/c1')).rejects.toThrow(/no comment/);
    await fixture.commit('demo', { 'a.txt': TEN_LINES.replace('line 5\n', 'line V\n') });
    await fixture.git('demo', 'push', '--quiet', 'origin', 'feature');
    await fixture.forge.idle();
    await expect(apply(first)).rejects.toMatchObject({ cause: { details: { causes: [{ field: 'comments[0]', message: expect.stringContaining('outdated') as string }] } } });
    const { threads } = await fixture.as(ada).pulls.reviews({ org, pr });
    expect(threads[0]?.comments[0]?.suggestion).toMatchObject({ text: 'x', applicable: false, reason: 'It is outdated: the lines have changed since it was made' });
  });
});
