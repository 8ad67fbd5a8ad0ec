import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults } from '../harness/accessibility';
import { chromiumPath, launchBrowser } from '../harness/browser';
import { git } from '../harness/git';
import { newPerson } from '../harness/person';
import { startServer, type TestServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';

const PULL = '/api/orgs/default/pullrequests/shop-1';
const LINES = Array.from({ length: 40 }, (_, index) => `export const price${index + 1} = ${index + 1};`);

interface PullAnswer {
  readonly spec: { readonly title: string };
  readonly status: { readonly phase?: string; readonly headSha?: string; readonly mergeable?: string; readonly sourceExists?: boolean; readonly blockers?: readonly { readonly code: string }[] };
}

/** The whole life of a pull request, by its author and its reviewer, in two windows. */
describe.skipIf(chromiumPath === undefined)('pull requests, in two browsers', () => {
  let server: TestServer;
  let browser: Awaited<ReturnType<typeof launchBrowser>>;
  let folder: Awaited<ReturnType<typeof tempDir>>;
  let work: string;
  /** The author's window, and the reviewer's. */
  let author: Page;
  let ada: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    [server, browser, folder] = await Promise.all([startServer(), launchBrowser(), tempDir('kradle-pulls-')]);
    [author, ada] = await Promise.all([newWindow(), newWindow()]);
    work = join(folder.path, 'shop');
    await server.api('POST', '/api/orgs/default/repositories', { name: 'shop', visibility: 'internal', defaultBranch: 'main' });
    await git(['init', '--quiet', work], { cwd: folder.path });
    await git(['remote', 'add', 'origin', server.gitUrl('shop')], { cwd: work });
    await commitFiles('The shop', { 'prices.ts': `${LINES.join('\n')}\n`, 'notes.md': 'One\n\nTwo\n', '.kradle/pull_request_template.md': '## Why\n\n## Risks\n', CODEOWNERS: '* @ada\n' });
    await git(['push', '--quiet', 'origin', 'main'], { cwd: work });
    await server.api('POST', '/api/orgs/default/resources', {
      kind: 'BranchProtection', metadata: { name: 'main' },
      spec: { repository: 'shop', refs: ['main'], requiredApprovals: 1, requiredChecks: ['build'], requirePullRequest: false },
    });
    const person = await newPerson(server, 'ada', { role: 'maintainer' });
    await ada.context().addCookies(person.browser.cookies(new URL(server.url).origin).split('; ').map((pair) => ({ name: pair.slice(0, pair.indexOf('=')), value: pair.slice(pair.indexOf('=') + 1), url: server.url })));
    await author.goto(server.signInLink);
    await author.waitForURL(/\/o\/default/);
  });
  afterEach(async ({ task }) => {
    const { KRADLE_TEST_SCREENSHOTS: screenshots } = process.env;
    if (task.result?.state !== 'fail' || screenshots === undefined) return;
    await author.screenshot({ path: join(screenshots, 'pulls-author.png') });
    await ada.screenshot({ path: join(screenshots, 'pulls-reviewer.png') });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  async function newWindow(): Promise<Page> {
    const context = await browser.newContext({
      // So high that no line is near an edge, where a drag scrolls.
      viewport: { width: 1400, height: 1600 },
      bypassCSP: true,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => problems.push(error.message));
    return page;
  }

  async function commitFiles(message: string, files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(work, path)), { recursive: true });
      await writeFile(join(work, path), text);
    }
    await git(['add', '.'], { cwd: work });
    await git(['commit', '--quiet', '-m', message], { cwd: work });
  }

  const changed = (changes: Readonly<Record<number, string>>) => `${LINES.map((line, index) => changes[index + 1] ?? line).join('\n')}\n`;
  const files = (page: Page) => page.goto(`${server.url}/o/default/pulls/shop-1/files`);
  const conversation = (page: Page) => page.goto(`${server.url}/o/default/pulls/shop-1`);
  const blockers = async () => (await server.api<PullAnswer>('GET', PULL)).status.blockers?.map(({ code }) => code);

  it('opens one from two branches, with the template of the repository', async () => {
    await git(['switch', '--quiet', '-c', 'round'], { cwd: work });
    await commitFiles('Round prices', { 'prices.ts': changed({ 10: 'export const price10 = Math.round(10.4);', 11: 'export const price11 = Math.round(11.4);', 30: 'export const price30 = 31;' }) });
    await commitFiles('Say more', { 'notes.md': 'One\n\nTwo and a half\n' });
    await git(['push', '--quiet', 'origin', 'round'], { cwd: work });
    await author.goto(`${server.url}/o/default/repositories/shop/pulls/new?head=round`);
    await author.getByText('Can be merged.').waitFor();
    await expect.poll(() => author.getByRole('textbox', { name: 'Description' }).inputValue()).toContain('## Risks');
    await author.getByText('@ada · 2 files').waitFor();
    await author.getByRole('textbox', { name: 'Title' }).fill('Round prices');
    await author.getByRole('button', { name: 'Open pull request' }).click();
    await author.waitForURL(/\/pulls\/shop-1$/);
    await author.getByRole('list', { name: 'What keeps it from merging' }).getByText(/approval/).first().waitFor();
    expect(await accessibilityFaults(author)).toEqual([]);
  });

  it('is reviewed by keys: a range, a suggestion, kept over a reload, and sent as a whole', async () => {
    await files(ada);
    await ada.getByText('Math.round(10.4)').waitFor();
    // The second file's first change, and one line more.
    await ada.keyboard.press('n');
    await ada.keyboard.press('n');
    await expect.poll(() => ada.url()).toContain('#diff-prices.ts');
    await ada.keyboard.press('j');
    await ada.keyboard.press('ArrowDown');
    await ada.keyboard.press('ArrowDown');
    await ada.keyboard.press('Shift+ArrowDown');
    await expect.poll(() => ada.url()).toContain('#diff-prices.ts-R10-R11');
    await ada.keyboard.press('c');
    const composer = ada.getByRole('form', { name: 'Comment on lines 10 to 11' });
    await composer.getByRole('button', { name: 'Suggest a change of these lines' }).click();
    const words = composer.getByRole('textbox', { name: 'Comment' });
    expect(await words.inputValue()).toContain('```suggestion\nexport const price10 = Math.round(10.4);\nexport const price11 = Math.round(11.4);\n```');
    await words.fill('Simpler:\n\n```suggestion\nexport const price10 = floor(10);\nexport const price11 = floor(11);\n```');
    await composer.getByRole('button', { name: 'Start a review' }).click();
    await ada.getByText('In your review, not sent').waitFor();

    // Another comment by dragging over the numbers.
    const from = ada.getByRole('button', { name: 'Line 28, after' });
    const to = ada.getByRole('button', { name: 'Line 30, after' });
    await composer.waitFor({ state: 'hidden' });
    await expect.poll(async () => {
      // The comment that was just written may still push the rows away from under the pointer.
      await from.hover();
      await ada.mouse.down();
      await to.hover();
      await ada.mouse.up();
      return ada.waitForURL(/#diff-prices\.ts-R28-R30$/, { timeout: 2_000 }).then(() => true, () => false);
    }).toBe(true);
    await ada.keyboard.press('c');
    await ada.getByRole('textbox', { name: 'Comment' }).fill('Why 31, @admin?');
    await ada.getByRole('button', { name: 'Add to review' }).click();
    await ada.getByRole('button', { name: /Finish review/ }).waitFor();

    await ada.reload();
    expect(await ada.getByRole('button', { name: /Finish review/ }).textContent()).toContain('2');
    await ada.getByText('Why 31,').waitFor();
    // Nobody else sees it.
    await files(author);
    await author.getByText('Math.round(10.4)').waitFor();
    expect(await author.getByText('Why 31,').count()).toBe(0);

    expect(await accessibilityFaults(ada)).toEqual([]);
    await ada.getByRole('button', { name: /Finish review/ }).click();
    const form = ada.getByRole('dialog', { name: 'Review' });
    await form.getByRole('radio', { name: 'Request changes' }).click();
    await form.getByRole('textbox', { name: 'Comment' }).fill('Two things.');
    await form.getByRole('button', { name: 'Request changes' }).click();
    await ada.getByText('In your review, not sent').first().waitFor({ state: 'hidden' });
    await expect.poll(blockers).toContain('ChangesRequested');
  });

  it('marks files as viewed, on every device', async () => {
    const stored = ada.waitForResponse((response) => response.url().includes('pulls.setViewed'));
    // The box keeps what the click made of it, before the server has said anything.
    const isKept = await ada.getByRole('checkbox', { name: 'Viewed notes.md' }).evaluate(async (box: { checked: boolean; click(): void }) => {
      box.click();
      await Promise.resolve();
      return box.checked;
    });
    expect(isKept).toBe(true);
    await ada.getByText('1 / 2 viewed').waitFor();
    await stored;
    await ada.reload();
    await ada.getByText('1 / 2 viewed').waitFor();
  });

  it('takes a suggestion over as a commit with its author beside who applied it', async () => {
    await conversation(author);
    await author.getByRole('figure', { name: 'Suggested change' }).getByRole('button', { name: 'Apply' }).click();
    await author.getByText(/applied a suggestion/).waitFor();
    // What is settled folds; opened again, it says where it went.
    await author.getByRole('button', { name: /Resolved.*ada: Simpler/ }).click();
    await author.getByText(/^Applied in/).waitFor();
    await git(['pull', '--quiet', 'origin', 'round'], { cwd: work });
    expect(readFileSync(join(work, 'prices.ts'), 'utf8')).toContain('price10 = floor(10);\nexport const price11 = floor(11);');
    expect(await git(['log', '-1', '--format=%B'], { cwd: work })).toMatch(/^Co-authored-by: .*ada/m);
  });

  it('shows what was said of code that is gone, with the code as it was', async () => {
    await commitFiles('Drop it', { 'prices.ts': changed({ 10: 'export const price10 = floor(10);', 11: 'export const price11 = floor(11);', 30: 'export const price30 = 33;' }) });
    await git(['push', '--quiet', 'origin', 'round'], { cwd: work });
    await files(ada);
    const outdated = ada.getByRole('region', { name: /^Conversation on prices\.ts/ }).filter({ hasText: 'Why 31' });
    await outdated.getByText('Outdated').waitFor();
    await outdated.getByText('export const price30 = 31;').waitFor();
    // The mark of the file that stayed as it was holds.
    await ada.getByText('1 / 2 viewed').waitFor();
    // Only what is new since the review.
    await ada.getByRole('combobox', { name: 'Which changes' }).click();
    await ada.getByRole('option', { name: /Since your last review/ }).click();
    await ada.getByText('price30 = 33').waitFor();
    await expect.poll(() => ada.getByText('Two and a half').count()).toBe(0);
  });

  it('takes comments in a part of the change where the head has the line, and says why not elsewhere', async () => {
    await ada.keyboard.press('j');
    await expect.poll(() => ada.url()).toContain('#diff-prices.ts-L10');
    await ada.keyboard.press('c');
    await ada.getByRole('alert').getByText(/older state of the branch/).waitFor();
    await ada.getByRole('button', { name: 'Close', exact: true }).click();
    await ada.goto(`${ada.url().replace(/#.*/, '')}#diff-prices.ts-R30`);
    await ada.keyboard.press('c');
    await ada.getByRole('form', { name: 'Comment on line 30' }).getByRole('textbox', { name: 'Comment' }).fill('Still not 31.');
    await ada.getByRole('button', { name: 'Comment now' }).click();
    await ada.getByRole('region', { name: 'Conversation on prices.ts:30' }).getByText('Still not 31.').waitFor();
    // The first commit: what a later one changed is not there any more.
    await ada.keyboard.press('.');
    await ada.getByText('Math.round(10.4)').waitFor();
    await ada.goto(`${ada.url().replace(/#.*/, '')}#diff-prices.ts-R10`);
    await ada.keyboard.press('c');
    await ada.getByRole('alert').getByText(/A later commit changes this line/).waitFor();
    await ada.getByRole('button', { name: 'Close', exact: true }).click();
    await ada.goto(`${ada.url().replace(/#.*/, '')}#diff-prices.ts-R12`);
    await ada.keyboard.press('c');
    await ada.getByRole('form', { name: 'Comment on line 12' }).getByRole('textbox', { name: 'Comment' }).fill('Of the first commit.');
    await ada.getByRole('button', { name: 'Comment now' }).click();
    await ada.getByText('Of the first commit.').waitFor();
    await files(ada);
    await ada.getByText('Still not 31.').waitFor();
    await ada.getByRole('region', { name: 'Conversation on prices.ts:12' }).getByText('Of the first commit.').waitFor();
  });

  it('stays at the line that is read when lines are shown otherwise', async () => {
    await ada.goto(`${server.url}/o/default/pulls/shop-1/files#diff-prices.ts-R30`);
    const line = ada.getByRole('button', { name: 'Line 30, after' });
    await line.waitFor();
    for (const way of ['s', 'l', 's', 'l']) {
      await ada.keyboard.press(way);
      await expect.poll(() => line.evaluate((element) => (element as unknown as { getBoundingClientRect(): { top: number } }).getBoundingClientRect().top)).toBeGreaterThan(150);
    }
  });

  it('has its labels and who takes care of it set at its side', async () => {
    await conversation(author);
    const labels = author.getByRole('region', { name: 'Labels' });
    await labels.getByRole('button', { name: 'Add a label' }).click();
    await author.keyboard.type('rounding');
    await author.keyboard.press('Enter');
    await labels.getByText('rounding').waitFor();
    await author.getByRole('button', { name: 'Assign somebody' }).click();
    await author.getByRole('option', { name: /ada/ }).click();
    await author.getByRole('region', { name: 'Assignees' }).getByText('ada').waitFor();
    const { spec } = await server.api<{ spec: { labels?: string[]; assignees?: string[] } }>('GET', PULL);
    expect([spec.labels, spec.assignees]).toEqual([['rounding'], ['ada']]);
    await labels.getByRole('button', { name: 'Take the label rounding off' }).click();
    await labels.getByText('None').waitFor();
    // All of it is told where the rest of its life is.
    for (const told of [/asked ada to take care of this/, /added the label\s*rounding/, /took the label\s*rounding\s*off/]) await author.getByText(told).first().waitFor();
  });

  it('has its conflicts resolved in the browser, block by block and by hand', async () => {
    await git(['switch', '--quiet', 'main'], { cwd: work });
    await commitFiles('Theirs', { 'prices.ts': changed({ 10: 'export const price10 = 100;', 30: 'export const price30 = 300;' }), 'notes.md': 'One\n\nThree\n' });
    await git(['push', '--quiet', 'origin', 'main'], { cwd: work });
    await conversation(author);
    await author.getByRole('link', { name: 'Resolve the conflicts' }).click();
    await author.getByText('0 of 2 files resolved').waitFor();
    const notes = author.getByRole('region', { name: 'notes.md' });
    await notes.getByRole('button', { name: 'Both', exact: true }).click();
    await author.getByText('1 of 2 files resolved').waitFor();
    await author.getByRole('button', { name: /prices\.ts/ }).click();
    const prices = author.getByRole('region', { name: 'prices.ts' });
    await prices.getByRole('group', { name: 'Conflict 1' }).waitFor();
    await author.keyboard.press('1');
    await author.keyboard.press('2');
    await author.getByText('2 of 2 files resolved').waitFor();
    await prices.getByRole('button', { name: 'Edit by hand' }).click();
    await prices.getByRole('textbox', { name: /resolved text/ }).press('Control+End');
    await author.keyboard.type('// by hand');
    expect(await accessibilityFaults(author)).toEqual([]);
    await author.getByRole('button', { name: 'Commit to round' }).click();
    await author.waitForURL(/\/pulls\/shop-1$/);
    await git(['fetch', '--quiet', 'origin'], { cwd: work });
    const merged = await git(['show', 'origin/round:prices.ts'], { cwd: work });
    expect(merged).toContain('price10 = floor(10);');
    expect(merged).toContain('price30 = 300;');
    expect(merged.endsWith('// by hand')).toBe(true);
    expect(await git(['show', 'origin/round:notes.md'], { cwd: work })).toBe('One\n\nTwo and a half\nThree\n');
    await expect.poll(blockers).not.toContain('Conflict');
  });

  it('is approved, waits for its check, and merges by itself when the check is there', async () => {
    await conversation(ada);
    await ada.getByRole('radio', { name: 'Approve' }).click();
    await ada.getByRole('button', { name: 'Approve', exact: true }).click();
    await expect.poll(blockers).toEqual(['ChecksMissing']);
    await author.getByRole('button', { name: 'Merge when ready' }).click();
    await author.getByText(/It merges by itself/).waitFor();
    await server.api('POST', `${PULL}/checks/complete`, { name: 'build', state: 'Succeeded' });
    await author.getByRole('heading', { name: /^Merged/ }).waitFor();
    await author.getByText(/, by itself,/).first().waitFor();
  });

  it('has its branch deleted, restored, and is taken back by another', async () => {
    const box = author.getByRole('region', { name: 'Merge' });
    await box.getByRole('button', { name: 'Delete the branch' }).click();
    await box.getByRole('button', { name: 'Restore the branch' }).click();
    await box.getByRole('button', { name: 'Delete the branch' }).waitFor();
    await expect.poll(async () => (await git(['ls-remote', '--heads', 'origin'], { cwd: work })).includes('refs/heads/round')).toBe(true);
    await box.getByRole('button', { name: 'Revert' }).click();
    await author.waitForURL(/\/pulls\/shop-2$/);
    await author.getByRole('region', { name: 'Takes back' }).getByRole('link', { name: 'shop-1' }).waitFor();
    expect(problems).toEqual([]);
  });

  it('leads by a number in a text to the issue, where that is one', async () => {
    const { resource } = await server.api<{ resource: { metadata: { name: string } } }>('POST', '/api/orgs/default/resources', { kind: 'Issue', metadata: { name: 'round-down' }, spec: { title: 'Prices are rounded down', repositories: ['shop'] } });
    const number = async () => (await server.api<{ spec: { number?: number } }>('GET', `/api/orgs/default/resources/issues/${resource.metadata.name}`)).spec.number;
    await expect.poll(number).toBeDefined();
    await server.api('PATCH', PULL, { body: `Follows #${await number() ?? ''}, not #2.` });
    await conversation(author);
    await author.locator('.k-prose').getByRole('link', { name: `#${await number() ?? ''}`, exact: true }).click();
    await author.waitForURL(/\/resources\/issues\/round-down$/);
    await author.goBack();
    await author.locator('.k-prose').getByRole('link', { name: '#2', exact: true }).click();
    await author.waitForURL(/\/pulls\/shop-2$/);
    await author.goto(`${server.url}/o/default/pulls/shop-99`);
    await author.getByText('There is no pull request shop-99').waitFor();
    expect(problems).toEqual([]);
  });

  it('is found in the list by its filters, and opened by keys', async () => {
    await author.goto(`${server.url}/o/default/pulls?state=merged`);
    await author.getByRole('link', { name: 'Round prices' }).waitFor();
    await author.goto(`${server.url}/o/default/pulls?state=merged&reviewer=ada`);
    await author.getByRole('link', { name: 'Round prices' }).waitFor();
    await author.keyboard.press('j');
    await author.keyboard.press('Enter');
    await author.waitForURL(/\/pulls\/shop-1$/);
    await author.goto(`${server.url}/o/default/pulls?state=merged&author=ada`);
    await author.getByText('No pull request matches').waitFor();
    // The repository counts all that are open.
    await git(['switch', '--quiet', '-c', 'aside', 'main'], { cwd: work });
    await commitFiles('Aside', { 'aside.md': 'Aside\n' });
    await git(['push', '--quiet', 'origin', 'aside'], { cwd: work });
    await server.api('POST', '/api/orgs/default/pullrequests', { repository: 'shop', sourceBranch: 'aside', title: 'Aside' });
    await author.goto(`${server.url}/o/default/repositories/shop`);
    await author.getByRole('link', { name: /^Pull requests ?2$/ }).waitFor();
    expect(problems).toEqual([]);
  });
});
