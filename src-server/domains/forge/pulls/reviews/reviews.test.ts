import { afterEach, beforeEach, expect, it } from 'vitest';
import { Review } from '#shared/kinds/forge/review';
import { ada, bob, createForgeFixture, type ForgeFixture, TEN_LINES } from '../../../../../test/harness/forgeFixture';

let fixture: ForgeFixture;
let pr: string;
const org = 'default';

beforeEach(async () => {
  fixture = await createForgeFixture();
  await fixture.seed('demo');
  pr = await fixture.openPull('demo', 'feature', { 'a.txt': TEN_LINES.replace('line 5\n', 'line five\n'), 'b.txt': 'b1\nb2\n' });
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

async function threads() {
  return (await fixture.as(ada).pulls.reviews({ org, pr })).threads;
}

it('moves a comment with its line, and calls it outdated when the line changes', async () => {
  await fixture.as(bob).pulls.addReview({ org, pr, comments: [{ path: 'a.txt', line: 5, body: 'Why?' }, { path: 'b.txt', body: 'A file' }, { path: 'a.txt', side: 'old', line: 5, body: 'It was fine' }] });
  expect(await threads()).toMatchObject([
    { path: 'a.txt', side: 'new', line: 5, currentLine: 5, outdated: false, lineText: 'line five' },
    { path: 'b.txt', outdated: false },
    { path: 'a.txt', side: 'old', line: 5, currentLine: 5, outdated: false, lineText: 'line 5' },
  ]);

  await fixture.commit('demo', { 'a.txt': `zero\n${TEN_LINES.replace('line 5\n', 'line five\n')}` });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'feature');
  await fixture.forge.idle();
  expect((await threads())[0]).toMatchObject({ line: 5, currentLine: 6, outdated: false });

  await fixture.commit('demo', { 'a.txt': `zero\n${TEN_LINES.replace('line 5\n', 'line V\n')}` });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'feature');
  await fixture.forge.idle();
  const [first] = await threads();
  expect(first).toMatchObject({ line: 5, outdated: true, lineText: 'line five' });
  expect(first?.currentLine).toBeUndefined();
});

it('follows a comment to where its file was renamed', async () => {
  await fixture.as(bob).pulls.addReview({ org, pr, comments: [{ path: 'a.txt', line: 5, body: 'Why?' }] });
  await fixture.git('demo', 'mv', 'a.txt', 'moved.txt');
  await fixture.commit('demo', {});
  await fixture.git('demo', 'push', '--quiet', 'origin', 'feature');
  await fixture.forge.idle();
  expect(await threads()).toMatchObject([{ path: 'moved.txt', currentLine: 5, outdated: false }]);
});

it('follows a range through a rebase, and calls it outdated when a line within it changes', async () => {
  await fixture.as(bob).pulls.addReview({ org, pr, comments: [{ path: 'a.txt', startLine: 4, line: 6, body: 'These' }, { path: 'a.txt', side: 'old', startLine: 4, line: 6, body: 'Those' }] });
  await fixture.git('demo', 'checkout', '--quiet', 'main');
  await fixture.commit('demo', { 'a.txt': `zero\n${TEN_LINES}` });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'main');
  await fixture.git('demo', 'checkout', '--quiet', 'feature');
  await fixture.git('demo', 'rebase', '--quiet', 'main');
  await fixture.git('demo', 'push', '--quiet', '--force', 'origin', 'feature');
  await fixture.forge.idle();
  expect(await threads()).toMatchObject([
    { startLine: 4, line: 6, currentStartLine: 5, currentLine: 7, outdated: false },
    { side: 'old', currentStartLine: 5, currentLine: 7, outdated: false },
  ]);
  await fixture.commit('demo', { 'a.txt': `zero\n${TEN_LINES.replace('line 5\n', 'line V\n')}` });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'feature');
  await fixture.forge.idle();
  const [range] = await threads();
  expect(range).toMatchObject({ line: 6, outdated: true });
  expect(range?.currentLine).toBeUndefined();
});

it('keeps the comments of a pending review on the lines that they were written on', async () => {
  await fixture.as(bob).pulls.savePendingReview({ org, pr, comments: [{ path: 'a.txt', line: 5, body: 'Why?' }, { path: 'b.txt', line: 2, body: 'And this?' }] });
  await fixture.commit('demo', { 'a.txt': TEN_LINES.replace('line 5\n', 'other 5\n'), 'b.txt': 'b0\nb1\nb2\n' });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'feature');
  await fixture.forge.idle();
  // One more is written after the push: each is counted on what was there.
  const { review } = await fixture.as(bob).pulls.pendingReview({ org, pr });
  expect(review?.comments).toMatchObject([{ line: 5, outdated: true }, { line: 2, currentLine: 3, outdated: false }]);
  await fixture.as(bob).pulls.savePendingReview({ org, pr, comments: [...(review?.comments ?? []), { path: 'b.txt', line: 1, body: 'New' }] });
  await fixture.as(bob).pulls.addReview({ org, pr, pending: true });
  expect(await threads()).toMatchObject([
    { line: 5, lineText: 'line five', outdated: true },
    { line: 2, lineText: 'b2', currentLine: 3, outdated: false },
    { line: 1, lineText: 'b0', currentLine: 1, outdated: false },
  ]);
});

it('takes comments on a commit of the change where the head has the lines, and says why not elsewhere', async () => {
  const first = (await fixture.git('demo', 'rev-parse', 'feature')).trim();
  await fixture.commit('demo', { 'a.txt': `zero\n${TEN_LINES.replace('line 5\n', 'other 5\n').replace('line 8\n', 'line eight\n')}` });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'feature');
  await fixture.forge.idle();
  const comment = (place: object) => fixture.as(bob).pulls.addReview({ org, pr, comments: [{ path: 'a.txt', commitSha: first, body: 'x', ...place }] });
  await comment({ line: 7 });
  expect(await threads()).toMatchObject([{ line: 7, lineText: 'line 7', commitSha: first, currentLine: 8, outdated: false }]);
  const gone = 'in ' + first.slice(0, 10);
  await expect(comment({ line: 5 })).rejects.toMatchObject({ cause: { code: 'LINE_GONE', details: { causes: [{ field: 'comments[0].line', message: expect.stringContaining(`line 5 of "a.txt" ${gone} was changed since`) as string }] } } });
  await expect(comment({ startLine: 4, line: 6 })).rejects.toMatchObject({ cause: { code: 'LINE_GONE' } });
  await expect(fixture.as(bob).pulls.savePendingReview({ org, pr, comments: [{ path: 'a.txt', line: 5, commitSha: first, body: 'x' }] })).rejects.toMatchObject({ cause: { code: 'LINE_GONE' } });
  // A commit of another branch is none of the change.
  await fixture.git('demo', 'checkout', '--quiet', '-b', 'aside', 'main');
  await fixture.commit('demo', { 'a.txt': 'secret\n' });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'aside');
  const aside = (await fixture.git('demo', 'rev-parse', 'aside')).trim();
  await expect(comment({ line: 1, commitSha: aside })).rejects.toMatchObject({ cause: { details: { causes: [{ field: 'comments[0].commitSha' }] } } });
});

it('refuses comments on lines and files that are not in the change', async () => {
  const comment = (place: object) => fixture.as(bob).pulls.addReview({ org, pr, comments: [{ path: 'a.txt', body: 'x', ...place }] });
  await expect(comment({ path: 'nowhere.txt', line: 1 })).rejects.toMatchObject({ cause: { httpStatus: 422, details: { causes: [{ field: 'spec.comments[0].path' }] } } });
  await expect(comment({ line: 11 })).rejects.toMatchObject({ cause: { details: { causes: [{ field: 'spec.comments[0].line', message: '"a.txt" has 10 lines on the new side' }] } } });
  await expect(comment({ path: 'b.txt', side: 'old', line: 1 })).rejects.toMatchObject({ cause: { details: { causes: [{ field: 'spec.comments[0].side' }] } } });
  await expect(comment({ line: 2, startLine: 4 })).rejects.toMatchObject({ cause: { details: { causes: [{ field: 'spec.comments[0].startLine' }] } } });
  await expect(comment({ inReplyTo: 'nothing/c1' })).rejects.toMatchObject({ cause: { details: { causes: [{ field: 'spec.comments[0].inReplyTo' }] } } });
  await expect(fixture.as(bob).pulls.addReview({ org, pr })).rejects.toMatchObject({ cause: { details: { causes: [{ field: 'spec.body' }] } } });
});

it('collects answers in one conversation, and settles it', async () => {
  await fixture.as(bob).pulls.addReview({ org, pr, comments: [{ path: 'a.txt', line: 5, body: 'Why?' }] });
  const [{ id } = { id: '' }] = await threads();
  await fixture.as(ada).pulls.addReview({ org, pr, comments: [{ path: 'a.txt', line: 5, body: 'Because.', inReplyTo: id }] });
  const [thread] = await threads();
  await fixture.as(bob).pulls.addReview({ org, pr, comments: [{ path: 'a.txt', body: 'I see', inReplyTo: thread?.comments[1]?.id ?? '' }] });
  expect((await threads()).map(({ comments }) => comments.map(({ author, body }) => `${author?.name ?? '?'}: ${body}`))).toEqual([['bob: Why?', 'ada: Because.', 'bob: I see']]);
  await fixture.as(ada).pulls.resolveThread({ org, pr, thread: id, resolved: true });
  expect(await threads()).toMatchObject([{ resolved: true }]);
  await expect(fixture.as(ada).pulls.resolveThread({ org, pr, thread: 'none/c1', resolved: true })).rejects.toMatchObject({ cause: { httpStatus: 404 } });
});

it('blocks the merge while somebody asks for changes', async () => {
  await fixture.as(bob).pulls.addReview({ org, pr, state: 'changes_requested', body: 'Not yet' });
  expect((await fixture.as(ada).pulls.get({ org, pr })).status?.blockers).toMatchObject([{ code: 'ChangesRequested', message: expect.stringContaining('bob') as string }]);
  await fixture.as(bob).pulls.addReview({ org, pr, state: 'commented', body: 'Hm' });
  expect((await fixture.as(ada).pulls.get({ org, pr })).status?.blockers).toHaveLength(1);
  await fixture.as(bob).pulls.addReview({ org, pr, state: 'approved' });
  expect((await fixture.as(ada).pulls.get({ org, pr })).status).toMatchObject({ blockers: [], approvals: 1 });
});

it('keeps a review its author\'s, whoever writes to it', async () => {
  const review = await fixture.as(bob).pulls.addReview({ org, pr, state: 'commented', body: 'Hm' });
  const forged = { metadata: { name: 'forged' }, spec: { organizationRef: org, pullRequest: pr, state: 'approved' as const, author: { kind: 'user' as const, name: 'admin' } } };
  expect((await fixture.resources.as(ada).create(Review, org, forged)).spec.author).toEqual({ kind: 'user', name: 'ada' });
  const change = fixture.resources.as(ada).mutate(Review, { org, name: review.metadata.name }, ({ spec }) => {
    spec.state = 'approved';
  });
  await expect(change).rejects.toMatchObject({ httpStatus: 422 });
});
