import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults } from '../harness/accessibility';
import { chromiumPath, launchBrowser } from '../harness/browser';
import { git, tryGit } from '../harness/git';
import { startServer, type TestServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';


describe.skipIf(chromiumPath === undefined)('the rules of a repository, in a browser', () => {
  let server: TestServer;
  let browser: Awaited<ReturnType<typeof launchBrowser>>;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), launchBrowser()]);
    await server.api('POST', '/api/orgs/default/repositories', { name: 'shop', initialize: true });
    page = await (await browser.newContext({ viewport: { width: 1400, height: 1000 }, bypassCSP: true })).newPage();
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(server.signInLink);
    await page.waitForURL(/\/o\/default/);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail' && process.env.KRADLE_TEST_SCREENSHOTS !== undefined) await page.screenshot({ path: join(process.env.KRADLE_TEST_SCREENSHOTS, 'hooks.png') });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  it('makes a policy and a protection in the settings', async () => {
    await page.goto(`${server.url}/o/default/repositories/shop/settings`);
    await page.getByRole('button', { name: 'Push policy' }).click();
    const policy = page.getByRole('dialog', { name: 'New push policy' });
    const first = policy.getByRole('group', { name: 'Commit messages, rule 1' });
    await policy.getByRole('button', { name: 'Add a rule of commit messages' }).click();
    await first.getByRole('textbox', { name: 'Must match' }).fill('(');
    await policy.getByRole('button', { name: 'Create' }).click();
    await policy.getByText('this is not a regular expression of RE2').waitFor();
    await first.getByRole('textbox', { name: 'Must match' }).fill('^(feat|fix): .');
    await policy.getByRole('button', { name: 'Add a rule of commit messages' }).click();
    await policy.getByRole('group', { name: 'Commit messages, rule 2' }).getByRole('textbox', { name: 'Must not match' }).fill('^WIP');
    await policy.getByRole('textbox', { name: 'Paths that may not be pushed' }).fill('*.exe');
    expect(await accessibilityFaults(page)).toEqual([]);
    await policy.getByRole('button', { name: 'Create' }).click();
    const rules = page.getByRole('list', { name: 'Rules' });
    await rules.getByText('shop-pushes').waitFor();
    // Each of them can be changed, and taken away.
    await page.getByRole('button', { name: 'Edit shop-pushes' }).click();
    const changed = page.getByRole('dialog', { name: 'Edit shop-pushes' });
    await changed.getByRole('group', { name: 'Commit messages, rule 2' }).getByRole('textbox', { name: 'What is told to who pushes' }).fill('finish it first');
    await changed.getByRole('button', { name: 'Save' }).click();
    await changed.waitFor({ state: 'hidden' });
    const messages = async () => (await server.api<{ spec: { commitMessages: unknown } }>('GET', '/api/orgs/default/resources/refpolicies/shop-pushes')).spec.commitMessages;
    expect(await messages()).toEqual([{ part: 'subject', mustMatch: '^(feat|fix): .' }, { part: 'subject', mustNotMatch: '^WIP', message: 'finish it first' }]);

    await page.getByRole('button', { name: 'Protect a branch' }).click();
    const protection = page.getByRole('dialog', { name: 'Protect a branch' });
    await protection.getByRole('switch', { name: 'Commits are signed' }).click();
    await protection.getByRole('button', { name: 'Protect', exact: true }).click();
    await rules.getByText('shop-main').waitFor();
    await page.getByRole('button', { name: 'Edit shop-main' }).click();
    const edited = page.getByRole('dialog', { name: 'Edit shop-main' });
    expect(await edited.getByRole('switch', { name: 'Commits are signed' }).isChecked()).toBe(true);
    await edited.getByRole('spinbutton', { name: 'Approving reviews' }).fill('2');
    await edited.getByRole('button', { name: 'Save' }).click();
    await rules.getByText('2 approving reviews').waitFor();
  });

  it('shows on the Hooks page what is asked, by whom, and what would become of a push', async () => {
    await page.goto(`${server.url}/o/default/repositories/shop/hooks`);
    const inside = page.getByRole('list', { name: '2. In a push' });
    await inside.getByText(/^No \*\.exe/).waitFor();
    await page.getByRole('list', { name: '1. Before a push' }).getByText('Branches of runs').waitFor();
    await page.getByRole('status').getByText(/cannot push to main: protected branch: main needs a pull request/).waitFor();
    await page.getByRole('textbox', { name: 'Where' }).fill('topic');
    await page.getByRole('status').getByText(/can push to topic, if/).waitFor();
    await page.getByRole('combobox', { name: 'Does what' }).click();
    await page.getByRole('option', { name: 'merges into' }).click();
    await page.getByRole('textbox', { name: 'Where' }).fill('main');
    await page.getByRole('status').getByText(/can merge into main, if/).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('shows what was refused, and signs what the server makes', async () => {
    await using folder = await tempDir('kradle-hooks-');
    const url = server.gitUrl('shop');
    await git(['clone', '--quiet', url, 'shop'], { cwd: folder.path });
    const cwd = join(folder.path, 'shop');
    await git(['commit', '--quiet', '--allow-empty', '-m', 'Whatever'], { cwd });
    const { stderr } = await tryGit(['push', 'origin', 'HEAD:topic'], { cwd });
    expect(stderr).toContain('the subject of the message does not match');
    await page.reload();
    await page.getByRole('list', { name: 'Refused and let through' }).getByText(/the subject of the message does not match/).waitFor();
    await page.goto(`${server.url}/o/default/repositories/shop/commits/main`);
    await page.getByRole('button', { name: /^Verified/ }).first().click();
    await page.getByText('This server made it, and signed it with its own key.').waitFor();
    expect(problems).toEqual([]);
  });
});
