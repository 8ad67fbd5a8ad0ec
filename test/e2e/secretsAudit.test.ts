import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults } from '../harness/accessibility';
import { chromiumPath, launchBrowser } from '../harness/browser';
import { startServer, type TestServer } from '../harness/startServer';

/** As much of the browser's window as the test asks. */
interface StyledWindow {
  getComputedStyle(element: unknown): { getPropertyValue(name: string): string };
}

/** Planted: nowhere but in the request that stores it. */
const VALUE = 'planted-3f9a1c77-never-shown';
const NEXT_VALUE = 'planted-8d20be41-second-version';

describe.skipIf(chromiumPath === undefined)('secrets, the audit log and notifications, in a browser', () => {
  let server: TestServer;
  let browser: Awaited<ReturnType<typeof launchBrowser>>;
  let page: Page;
  let run: string;
  const problems: string[] = [];
  /** Every answer that the pages got, with its address in front; the live stream has no end. */
  const received: string[] = [];

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), launchBrowser()]);
    // Before the first page: its first approval is a notification that came while nobody looked.
    ({ runName: run } = await server.api<{ runName: string }>('POST', '/api/orgs/default/demo', {}));
    page = await newWindow(server.signInLink);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail' && process.env.KRADLE_TEST_SCREENSHOTS !== undefined) await page.screenshot({ path: join(process.env.KRADLE_TEST_SCREENSHOTS, 'secretsAudit.png') });
  });
  afterAll(async () => {
    await page?.context().unrouteAll({ behavior: 'ignoreErrors' });
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  async function newWindow(link: string, signIn?: (opened: Page) => Promise<void>): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, bypassCSP: true, acceptDownloads: true });
    const opened = await context.newPage();
    opened.setDefaultTimeout(30_000);
    opened.on('pageerror', (error) => problems.push(error.message));
    // Read on the way: the browser forgets the answers of a page that it has left.
    await context.route(/\/trpc\/(?!live\.)/, async (route) => {
      const response = await route.fetch();
      const body = await response.text();
      received.push(`${route.request().url()}\n${body}`);
      await route.fulfill({ response, body });
    });
    await opened.goto(link);
    await signIn?.(opened);
    await opened.waitForURL(/\/o\/default/);
    return opened;
  }

  it('makes a secret, whose value is hidden while it is typed', async () => {
    await page.getByRole('link', { name: 'Secrets', exact: true }).click();
    await page.getByRole('button', { name: 'New secret' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'New secret' });
    await dialog.getByRole('textbox', { name: /^Name(?! \d)/ }).fill('model-provider');
    await dialog.getByRole('textbox', { name: 'Name 1' }).fill('API_TOKEN');
    const value = dialog.getByRole('textbox', { name: 'Value 1' });
    await value.fill(VALUE);
    expect(await value.evaluate((field) => (globalThis as unknown as StyledWindow).getComputedStyle(field).getPropertyValue('-webkit-text-security'))).toBe('disc');
    expect(await accessibilityFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Store' }).click();
    await page.getByRole('grid', { name: 'Secrets' }).getByText('API_TOKEN').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('stores a second version, and goes back to the first', async () => {
    await page.getByRole('link', { name: 'model-provider' }).click();
    await page.getByRole('dialog', { name: 'model-provider' }).getByRole('button', { name: 'New version' }).click();
    const dialog = page.getByRole('dialog', { name: 'New version of model-provider' });
    expect(await dialog.getByRole('textbox', { name: 'Value 1' }).inputValue()).toBe('');
    await dialog.getByRole('textbox', { name: 'Value 1' }).fill(NEXT_VALUE);
    await dialog.getByRole('button', { name: 'Store a new version' }).click();
    const panel = page.getByRole('dialog', { name: 'model-provider', exact: true });
    await panel.getByRole('listitem').filter({ hasText: 'in use' }).filter({ hasText: /^2/ }).waitFor();
    await panel.getByRole('button', { name: 'Use again' }).click();
    await panel.getByRole('listitem').filter({ hasText: 'in use' }).filter({ hasText: 'those of version 1' }).waitFor();
  });

  it('grants it to an agent, from the secret', async () => {
    await page.getByRole('link', { name: 'Grant it to an agent' }).click();
    const dialog = page.getByRole('dialog', { name: 'New grant' });
    await dialog.getByRole('checkbox', { name: 'API_TOKEN' }).waitFor();
    await dialog.getByRole('combobox', { name: /^Agent/ }).click();
    await page.getByRole('option', { name: /^demo/ }).click();
    await dialog.getByRole('textbox', { name: /^Branches/ }).fill('main, release/*');
    expect(await accessibilityFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Grant', exact: true }).click();
    const row = page.getByRole('grid', { name: 'Grants' }).getByRole('row').filter({ hasText: 'demo may use model-provider' });
    await row.getByText('Active').waitFor();
    await row.getByText('main, release/*').waitFor();
    await page.getByRole('link', { name: 'Secrets', exact: true }).last().click();
    await page.getByRole('grid', { name: 'Secrets' }).getByText('agent-stack/demo').waitFor();
  });

  it('opens the form for a grant by its button, too', async () => {
    await page.goto(`${server.url}/o/default/secrets/grants`);
    await page.getByRole('button', { name: 'New grant' }).first().click();
    await page.getByRole('dialog', { name: 'New grant' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(new URL(page.url()).search).toBe('');
  });

  it('has what was done in the audit log, live, with the decision; and the chain is good', async () => {
    await page.goto(`${server.url}/o/default/audit`);
    const log = page.getByRole('grid', { name: 'Audit log' });
    await log.getByText('admin created Secret model-provider').waitFor();
    await log.getByText(/AgentSecretGrant/).first().waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);

    // What happens by another way in comes by itself.
    await server.api('PUT', '/api/orgs/default/configmaps/build', { data: { NODE_ENV: 'test' } });
    await log.getByText('admin created ConfigMap build').waitFor();

    await page.getByPlaceholder('Kind, or kind/name').fill('Secret/model-provider');
    await log.getByText('admin created ConfigMap build').waitFor({ state: 'detached' });
    await log.getByRole('link', { name: 'admin created Secret model-provider' }).click();
    const record = page.getByRole('dialog', { name: 'admin created Secret model-provider' });
    await record.getByText('allowed').waitFor();
    await record.getByText('Console', { exact: false }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText(/^Yes: [\d,]+ records, none changed, taken out or put in\.$/).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');

    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export' }).click()]);
    const lines = readFileSync(await download.path(), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { spec?: { target?: { name?: string } } });
    expect(lines.length).toBeGreaterThan(1);
    // The filter of the page is that of the file.
    expect(new Set(lines.map(({ spec }) => spec?.target?.name).filter(Boolean))).toEqual(new Set(['model-provider']));
  });

  it('clears every filter at once', async () => {
    await page.goto(`${server.url}/o/default/audit?actor=nobody&target=Secret&outcome=denied&days=7`);
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await page.getByRole('grid', { name: 'Audit log' }).getByText('admin created Secret model-provider').waitFor();
    expect(new URL(page.url()).search).toBe('');
  });

  it('rings the bell when the run has ended, and reads what is opened', async () => {
    await page.goto(`${server.url}/o/default/secrets`);
    await approveAll(run);
    await page.getByRole('button', { name: /^Notifications, \d+ unread$/ }).click();
    const panel = page.getByRole('dialog', { name: 'Notifications' });
    const ended = panel.getByRole('link', { name: /^Fix the failing discount test is done/ });
    await ended.waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await ended.click();
    await page.waitForURL(new RegExp(`/runs/${run}`));
    await page.goto(`${server.url}/o/default/notifications`);
    const unread = page.getByRole('listitem').filter({ hasText: 'unread' });
    await page.getByRole('listitem').filter({ hasText: 'Fix the failing discount test' }).first().waitFor();
    await page.getByRole('listitem').filter({ has: ended }).filter({ hasText: 'unread' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Mark all as read' }).click();
    await expect.poll(() => unread.count()).toBe(0);
    await page.getByRole('button', { name: 'Notifications', exact: true }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('does not offer the log to who may not read it, and says whom to ask', async () => {
    const { invites } = await server.api<{ invites: { link: string }[] }>('POST', '/api/orgs/default/invites', { emails: ['vera@example.com'], role: 'viewer' });
    const vera = await newWindow(invites[0]?.link ?? '', async (opened) => {
      await opened.getByLabel(/^Your name/).fill('Vera');
      await opened.getByLabel(/^Password/).fill('four plain words together');
      await opened.getByRole('button', { name: 'Make the account and join' }).click();
    });
    await vera.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Connect' }).waitFor();
    await vera.goto(`${server.url}/o/default/audit`);
    await vera.getByText(/takes the role "admin" or above/).waitFor();
    expect(await vera.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Audit log' }).count()).toBe(0);
    await vera.goto(`${server.url}/o/default/secrets`);
    await vera.getByRole('heading', { name: 'You may not see this' }).waitFor();
    await vera.getByRole('link', { name: 'Grants' }).click();
    await vera.getByRole('button', { name: 'Revoke: demo may use model-provider' }).and(vera.locator('[aria-disabled=true]')).waitFor();
    expect(await vera.getByRole('dialog').count()).toBe(0);
    await vera.context().unrouteAll({ behavior: 'ignoreErrors' });
    await vera.context().close();
  });

  it('says how programs connect, with the addresses of this server', async () => {
    await page.getByRole('link', { name: 'Connect' }).click();
    await page.getByText(`kradle login ${server.url} --org default`).first().waitFor();
    await page.getByText(`git clone ${server.url}/git/default/demo-shop.git`).waitFor();
    await page.getByRole('combobox', { name: 'Way' }).click();
    await page.getByRole('option', { name: /over HTTP/ }).click();
    await page.getByText(`${server.url}/mcp?org=default`).first().waitFor();
    expect(new URL(page.url()).searchParams.get('over')).toBe('http');
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('has shown the values to nobody: in no answer, on no page, in nothing that the browser keeps', async () => {
    for (const path of ['secrets', 'secrets?name=model-provider', 'secrets/grants', 'audit', 'notifications', 'resources/agentsecretgrants', `runs/${run}`]) {
      await page.goto(`${server.url}/o/default/${path}`);
      // By the tag: an open dialog hides the page behind it from roles.
      await page.locator('h1').waitFor();
      if (path.includes('name=')) await page.getByText('in use').waitFor();
      expect(await page.content()).not.toContain('planted-');
    }
    expect(received.filter((answer) => answer.includes('/trpc/secrets.')).length).toBeGreaterThan(3);
    for (const planted of [VALUE, NEXT_VALUE, Buffer.from(VALUE).toString('base64'), Buffer.from(NEXT_VALUE).toString('base64')]) {
      expect(received.filter((answer) => answer.includes(planted)).map((answer) => answer.split('\n', 1))).toEqual([]);
    }
    expect(await page.evaluate(() => {
      const { localStorage, sessionStorage } = globalThis as unknown as Record<'localStorage' | 'sessionStorage', Record<string, string>>;
      return JSON.stringify([{ ...localStorage }, { ...sessionStorage }]);
    })).not.toContain('planted-');
    expect(server.log()).not.toContain('planted-');
    expect(problems).toEqual([]);
  });

  /** Answers whatever the run asks, by another door than the console, until it has ended. */
  async function approveAll(name: string): Promise<void> {
    await expect.poll(async () => {
      const { items } = await server.api<{ items: { metadata: { name: string }; status?: { phase?: string } }[] }>('GET', '/api/orgs/default/agents/approvals');
      for (const { metadata, status } of items) if (status?.phase === 'Pending') await server.api('POST', `/api/orgs/default/agents/approvals/${metadata.name}/decide`, { decision: 'approve' });
      return (await server.api<{ status?: { phase?: string } }>('GET', `/api/orgs/default/resources/agentdispatchruns/${name}`)).status?.phase;
    }, { timeout: 90_000, interval: 300 }).toBe('Completed');
  }
});
