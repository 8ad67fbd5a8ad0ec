import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ada, createForgeFixture, type ForgeFixture, TEN_LINES } from '../../../../test/harness/forgeFixture';

let fixture: ForgeFixture;
const at = { org: 'default', repository: 'demo' };

beforeEach(async () => {
  fixture = await createForgeFixture();
  await fixture.seed('demo');
  await fixture.commit('demo', { 'src/app.ts': 'export const answer = 42;\n', 'README.md': '# Demo\n', 'page.html': '<script>alert(1)</script>\n', 'dot.png': '\u0000png' }, { message: 'Add the app\n\nIn full.' });
  await fixture.git('demo', 'tag', '-a', 'v1', '-m', 'One');
  await fixture.git('demo', 'push', '--quiet', 'origin', 'main', 'v1', 'main:feature/x');
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

describe('reading code', () => {
  it('lists directories first, with the README and in pages', async () => {
    const tree = await fixture.as(ada).repositories.tree(at);
    expect(tree.entries.map(({ name, type }) => `${type} ${name}`)).toEqual(['tree src', 'blob README.md', 'blob a.txt', 'blob dot.png', 'blob page.html']);
    expect(tree).toMatchObject({ ref: 'main', path: '', total: 5, readme: { path: 'README.md', text: '# Demo\n' }, commit: { subject: 'Add the app' } });
    const first = await fixture.as(ada).repositories.tree({ ...at, limit: 2 });
    const second = await fixture.as(ada).repositories.tree({ ...at, limit: 3, continue: first.continue ?? '' });
    expect([...first.entries, ...second.entries].map(({ name }) => name)).toEqual(tree.entries.map(({ name }) => name));
    expect(second.continue).toBeUndefined();
    expect((await fixture.as(ada).repositories.tree({ ...at, path: 'src/', ref: 'feature/x' })).entries).toMatchObject([{ path: 'src/app.ts', sizeBytes: 26 }]);
  });

  it('shows a file, its history, its lines\' authors and who touched what last', async () => {
    const { blob, commits, blame, lastCommits } = fixture.as(ada).repositories;
    expect(await blob({ ...at, path: 'src/app.ts' })).toMatchObject({ text: 'export const answer = 42;\n', language: 'typescript', binary: false, mode: '100644' });
    expect(await blob({ ...at, path: 'dot.png' })).toMatchObject({ binary: true });
    expect((await commits({ ...at, path: 'a.txt' })).items.map(({ subject }) => subject)).toEqual(['First']);
    const whole = await blame({ ...at, path: 'a.txt' });
    expect(whole).toMatchObject({ complete: true, ignoresRevisions: false, ranges: [{ line: 1, lineCount: 10, path: 'a.txt', originalLine: 1 }] });
    expect(whole.commits[whole.ranges[0]?.sha ?? '']).toMatchObject({ subject: 'First', author: 'Una User' });
    expect(await lastCommits(at)).toMatchObject({ complete: true, entries: { 'a.txt': { subject: 'First' }, src: { subject: 'Add the app' } } });
    await expect(blob({ ...at, path: 'nothing' })).rejects.toMatchObject({ cause: { httpStatus: 404 } });
  });

  it('lists branches and tags, searches, and finds every file', async () => {
    const { branches, tags, search, files, stats } = fixture.as(ada).repositories;
    expect(await branches(at)).toMatchObject({ total: 2, items: [{ name: 'main', isDefault: true, ahead: 0 }, { name: 'feature/x', ahead: 0, behind: 0 }] });
    expect(await tags(at)).toMatchObject({ items: [{ name: 'v1', subject: 'One' }] });
    expect((await search({ ...at, q: 'ANSWER' })).items).toEqual([{ path: 'src/app.ts', line: 1, column: 14, text: 'export const answer = 42;' }]);
    expect((await files(at)).paths).toEqual(['README.md', 'a.txt', 'dot.png', 'page.html', 'src/app.ts']);
    expect(await stats(at)).toMatchObject({ commitCount: 2, languages: expect.arrayContaining([{ name: 'typescript', files: 1 }]) as unknown });
  });

  it('compares two branches, and shows one commit against its parent', async () => {
    await fixture.git('demo', 'checkout', '--quiet', '-B', 'change');
    await fixture.commit('demo', { 'a.txt': TEN_LINES.replace('line 2', 'line two') }, { message: 'Say it' });
    await fixture.git('demo', 'push', '--quiet', 'origin', 'change');
    const compared = await fixture.as(ada).repositories.compare({ ...at, base: 'main', head: 'change' });
    expect(compared).toMatchObject({ mergeable: 'Mergeable', commits: { items: [{ subject: 'Say it' }] }, diff: { totalFiles: 1, additions: 1, deletions: 1, files: [{ path: 'a.txt', status: 'modified' }] } });
    const { commit, diff } = await fixture.as(ada).repositories.commit({ ...at, sha: compared.diff.headSha });
    expect(commit.subject).toBe('Say it');
    expect(diff.files[0]?.hunks[0]?.lines.filter(({ type }) => type !== 'context')).toEqual([
      { type: 'delete', text: 'line 2', oldLine: 2 },
      { type: 'add', text: 'line two', newLine: 2 },
    ]);
  });

  it('makes and deletes branches, but not the default one', async () => {
    const { createBranch, deleteBranch, branches } = fixture.as(ada).repositories;
    await createBranch({ ...at, name: 'new', from: 'v1' });
    await expect(createBranch({ ...at, name: 'new', from: 'v1' })).rejects.toMatchObject({ cause: { httpStatus: 409 } });
    await expect(createBranch({ ...at, name: 'a..b', from: 'v1' })).rejects.toMatchObject({ cause: { httpStatus: 422 } });
    await deleteBranch({ ...at, name: 'new' });
    await expect(deleteBranch({ ...at, name: 'main' })).rejects.toMatchObject({ cause: { httpStatus: 403, message: expect.stringContaining('default branch') as string } });
    expect((await branches(at)).items.map(({ name }) => name)).toEqual(['main', 'feature/x']);
  });
});

describe('the raw address', () => {
  async function raw(tail: string, headers: Record<string, string> = {}): Promise<Response> {
    const { origin } = new URL(fixture.url('demo'));
    return fetch(`${origin}/api/orgs/default/repositories/demo/${tail}`, { headers: { authorization: `Basic ${Buffer.from('user.ada:token').toString('base64')}`, ...headers } });
  }

  it('serves stored HTML as text in a sandbox, so that it cannot act in our origin', async () => {
    const response = await raw('raw/main/page.html');
    expect(await response.text()).toBe('<script>alert(1)</script>\n');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', 'content-security-policy': expect.stringContaining('sandbox') as string,
    });
  });

  it('finds refs with slashes, answers 304, and keeps what a commit names', async () => {
    const response = await raw('raw/feature/x/src/app.ts');
    expect(response.headers.get('cache-control')).toBe('private, no-cache');
    const again = await raw('raw/feature/x/src/app.ts', { 'if-none-match': response.headers.get('etag') ?? '' });
    expect(again.status).toBe(304);
    const { defaultBranchHead = '' } = (await fixture.as(ada).repositories.get(at)).status ?? {};
    expect((await raw(`raw/${defaultBranchHead}/dot.png`)).headers.get('cache-control')).toContain('immutable');
    expect((await raw('raw/main/nothing')).status).toBe(404);
    expect((await raw('raw/nowhere/a.txt')).status).toBe(404);
  });

  it('packs a revision into an archive', async () => {
    const response = await raw('archive/feature/x.tar.gz');
    expect(response.headers.get('content-disposition')).toContain('demo-feature-x.tar.gz');
    expect(Buffer.from(await response.arrayBuffer()).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  });
});
