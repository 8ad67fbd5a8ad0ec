import type { Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults } from '../harness/accessibility';
import { chromiumPath, launchBrowser } from '../harness/browser';
import { startServer, type TestServer } from '../harness/startServer';

/** What the console may move to know all kinds, in bytes as they travel. */
const MAX_KINDS_BYTES = 60_000;

describe.skipIf(chromiumPath === undefined)('objects of any kind, in a browser', () => {
  let server: TestServer;
  let browser: Awaited<ReturnType<typeof launchBrowser>>;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), launchBrowser()]);
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, bypassCSP: true });
    page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => problems.push(error.message));
    await server.api('POST', '/api/orgs/default/resources', { kind: 'Repository', metadata: { name: 'shop' }, spec: { visibility: 'private' } });
    await page.goto(server.signInLink);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  /** Requests to procedures of this name that `act` makes, and the bytes of their answers. */
  async function callsOf(procedure: string, act: () => Promise<void>): Promise<{ requests: number; bytes: number }> {
    const sizes: Promise<number>[] = [];
    const count = (request: Request) => {
      if (new URL(request.url()).pathname.split(/[/,]/).includes(procedure)) sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
    };
    page.on('requestfinished', count);
    await act();
    page.off('requestfinished', count);
    return { requests: sizes.length, bytes: (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) };
  }

  it('finds a kind among all, counted, for few bytes', async () => {
    const { requests, bytes } = await callsOf('resources.kinds', async () => {
      await page.goto(`${server.url}/o/default/resources`);
      await page.getByRole('heading', { name: 'Packages' }).waitFor();
      await page.getByRole('listitem').filter({ hasText: 'Repositories' }).filter({ hasText: /\D1$/ }).first().waitFor();
    });
    expect(requests).toBe(1);
    expect(bytes).toBeLessThan(MAX_KINDS_BYTES);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Filter kinds' }).fill('work together');
    await page.getByRole('link', { name: 'Teams', exact: true }).click();
    await page.getByRole('heading', { name: 'No teams yet' }).or(page.getByText('No teams yet')).first().waitFor();
  });

  it('creates by form, and says at the field what is missing', async () => {
    await page.getByRole('link', { name: 'Create', exact: true }).first().click();
    await page.getByRole('heading', { name: 'Create team' }).waitFor();
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: 'is required' }).first().waitFor();
    await page.getByRole('textbox', { name: 'Name', exact: true }).or(page.getByLabel(/^Name/)).first().fill('core');
    await page.getByLabel(/^Display name/).fill('The core team');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.waitForURL(/\/resources\/teams\/core$/);
    await page.getByText('The core team').first().waitFor();
  });

  it('edits as YAML: what the server refuses is said at its line, what it warns of is said after the save', async () => {
    await page.getByRole('link', { name: 'YAML' }).click();
    const editor = page.getByRole('textbox', { name: 'Team as YAML' });
    await editor.waitFor();
    const text = (await editor.innerText()).replace(/\u00a0/g, ' ').trimEnd();
    const write = async (yaml: string) => {
      await editor.click();
      await page.keyboard.press('ControlOrMeta+a');
      // All at once: the editor indents what is typed key by key.
      await page.keyboard.insertText(yaml);
    };
    // The schema has nothing against another name; the server has.
    await write(text.replace('name: core', 'name: another'));
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').filter({ hasText: 'must be core' }).first().waitFor();
    await page.locator('.cm-lintRange-error').filter({ hasText: /^another$/ }).waitFor();

    await write(`${text.replace('name: core', 'name: core\n  namespace: krate-system')}\n  description: Keeps the shop open\n`);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('core was saved').first().waitFor();
    await page.getByText(/the object is placed into/).first().waitFor();
    expect(await server.api('GET', '/api/orgs/default/resources/teams/core')).toMatchObject({ spec: { displayName: 'The core team', description: 'Keeps the shop open' } });
  });

  it('shows what uses an object, by one request, and leads there', async () => {
    await server.api('POST', '/api/orgs/default/resources', { kind: 'Issue', metadata: { name: 'leak' }, spec: { repositories: ['shop'], title: 'It leaks' } });
    const { requests } = await callsOf('resources.usedBy', async () => {
      await page.goto(`${server.url}/o/default/resources/repositories/shop`);
      await page.getByRole('region', { name: 'Used by' }).or(page.locator('section').filter({ has: page.getByRole('heading', { name: 'Used by' }) })).first().getByRole('link', { name: 'leak' }).waitFor();
    });
    expect(requests).toBe(1);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('link', { name: 'leak' }).click();
    await page.waitForURL(/\/resources\/issues\/leak$/);
    await page.locator('section').filter({ has: page.getByRole('heading', { name: 'Uses' }) }).getByRole('link', { name: 'shop' }).waitFor();
  });

  it('is found by the palette, by one request; pages and what was open come first', async () => {
    await page.keyboard.press('ControlOrMeta+k');
    const palette = page.getByRole('dialog', { name: 'Search and commands' });
    await palette.getByRole('option').first().waitFor();
    const offered = await palette.getByRole('option').allInnerTexts();
    expect(offered.filter((text) => text.startsWith('Create'))).toEqual([]);
    expect(offered.findIndex((text) => text.startsWith('shop'))).toBeLessThan(offered.findIndex((text) => text.startsWith('Home')));
    const { requests } = await callsOf('resources.search', async () => {
      await page.keyboard.insertText('leaks');
      await palette.getByRole('option', { name: /It leaks/ }).waitFor();
    });
    expect(requests).toBe(1);
    await page.keyboard.press('Escape');
  });

  it('is deleted when its name was typed', async () => {
    await page.goto(`${server.url}/o/default/resources/teams/core`);
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('alertdialog').or(page.getByRole('dialog')).filter({ hasText: 'Delete team core?' });
    await dialog.getByRole('textbox').fill('core');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.waitForURL(/\/resources\/teams$/);
    await page.getByText('No teams yet').first().waitFor();
    expect((await server.fetch('/api/orgs/default/resources/teams/core')).status).toBe(404);
    expect(problems).toEqual([]);
  });
});
