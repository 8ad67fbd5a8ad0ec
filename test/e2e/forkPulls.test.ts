import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults } from '../harness/accessibility';
import { chromiumPath, launchBrowser } from '../harness/browser';
import { git } from '../harness/git';
import { newPerson, type Person } from '../harness/person';
import { startServer, type TestServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';

const PULL = '/api/orgs/default/pullrequests/shop-1';

/** Somebody who may only read a repository proposes a change to it; who owns it never sees the fork. */
describe.skipIf(chromiumPath === undefined)('a pull request from a fork, in two browsers', () => {
  let server: TestServer;
  let browser: Awaited<ReturnType<typeof launchBrowser>>;
  let folder: Awaited<ReturnType<typeof tempDir>>;
  let person: Person;
  let owner: Page;
  let ada: Page;

  beforeAll(async () => {
    [server, browser, folder] = await Promise.all([startServer(), launchBrowser(), tempDir('kradle-forks-')]);
    [owner, ada] = await Promise.all([newWindow(), newWindow()]);
    await server.api('POST', '/api/orgs/default/repositories', { name: 'shop', defaultBranch: 'main', initialize: true });
    person = await newPerson(server, 'ada', { role: 'developer' });
    await server.api('POST', '/api/orgs/default/resources', { kind: 'RepositoryPermission', metadata: { name: 'ada-shop' }, spec: { repository: 'shop', subject: { kind: 'User', name: 'ada' }, permission: 'read' } });
    await ada.context().addCookies(person.browser.cookies(new URL(server.url).origin).split('; ').map((pair) => ({ name: pair.slice(0, pair.indexOf('=')), value: pair.slice(pair.indexOf('=') + 1), url: server.url })));
    await owner.goto(server.signInLink);
    await owner.waitForURL(/\/o\/default/);
  });
  afterEach(async ({ task }) => {
    const { KRADLE_TEST_SCREENSHOTS: screenshots } = process.env;
    if (task.result?.state !== 'fail' || screenshots === undefined) return;
    await ada.screenshot({ path: join(screenshots, 'forks-author.png') });
    await owner.screenshot({ path: join(screenshots, 'forks-owner.png') });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  async function newWindow(): Promise<Page> {
    const page = await (await browser.newContext({ viewport: { width: 1400, height: 1200 }, bypassCSP: true })).newPage();
    page.setDefaultTimeout(30_000);
    return page;
  }

  async function push(message: string, files: Readonly<Record<string, string>>): Promise<void> {
    const { token } = await person.token();
    const url = new URL('/git/default/adas.git', server.url);
    [url.username, url.password] = ['ada', token];
    const work = join(folder.path, 'adas');
    await mkdir(work, { recursive: true });
    await git(['init', '--quiet', '.'], { cwd: work });
    await git(['fetch', '--quiet', url.href, 'main'], { cwd: work });
    await git(['checkout', '--quiet', '-B', 'faster', 'FETCH_HEAD'], { cwd: work });
    for (const [path, text] of Object.entries(files)) await writeFile(join(work, path), text);
    await git(['add', '.'], { cwd: work });
    await git(['commit', '--quiet', '-m', message], { cwd: work });
    await git(['push', '--quiet', url.href, 'faster'], { cwd: work });
  }

  it('is proposed to the parent from the page of the fork', async () => {
    await ada.goto(`${server.url}/o/default/repositories/shop`);
    await ada.getByRole('button', { name: 'Fork', exact: true }).click();
    await ada.getByRole('textbox', { name: 'Name' }).fill('adas');
    await ada.getByRole('dialog').getByRole('button', { name: 'Fork' }).click();
    await ada.waitForURL(/\/repositories\/adas$/);
    await push('Faster till', { 'till.ts': 'export const speed = 2;\n' });

    await ada.goto(`${server.url}/o/default/repositories/adas/pulls/new?head=faster`);
    await ada.getByText('Can be merged.').waitFor();
    expect(await ada.getByRole('combobox', { name: 'Repository', exact: true }).textContent()).toBe('shop');
    expect(await ada.getByRole('combobox', { name: 'Fork with your change' }).textContent()).toBe('adas');
    await ada.getByText('export const speed = 2;').waitFor();
    expect(await ada.getByRole('checkbox', { name: 'Maintainers may change the branch' }).isChecked()).toBe(true);
    expect(await accessibilityFaults(ada)).toEqual([]);
    await ada.getByRole('button', { name: 'Open pull request' }).click();
    await ada.waitForURL(/\/pulls\/shop-1$/);
    await ada.getByText('adas:faster').first().waitFor();
    expect(await server.api('GET', PULL)).toMatchObject({ spec: { repository: 'shop', sourceRepository: 'adas', author: { name: 'ada' } }, status: { mergeable: 'Mergeable', commits: 1 } });
  });

  it('is answered by its author and merged by the owner', async () => {
    await ada.getByRole('button', { name: 'More actions' }).click();
    await ada.getByRole('menuitem', { name: 'Make it a draft' }).click();
    await owner.goto(`${server.url}/o/default/repositories/shop/pulls`);
    await owner.getByText('adas:faster → main').waitFor();
    await owner.goto(`${server.url}/o/default/pulls/shop-1`);
    await owner.getByText('It is a draft.').waitFor();
    await ada.getByRole('button', { name: 'Ready for review' }).first().click();
    await owner.getByRole('button', { name: 'Merge pull request' }).waitFor();
    await owner.getByText('Merge pull request #1 from adas:faster').waitFor();
    expect(await accessibilityFaults(owner)).toEqual([]);
    await owner.getByRole('button', { name: 'Merge pull request' }).click();
    await owner.getByRole('heading', { name: /^Merged/ }).waitFor();
    await expect.poll(async () => (await server.api<{ status: { phase: string } }>('GET', PULL)).status.phase).toBe('Merged');
  });
});
