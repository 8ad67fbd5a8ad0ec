import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launchBrowser } from '../harness/browser';
import { git } from '../harness/git';
import { startServer, type TestServer } from '../harness/startServer';

const SCRIPTED_AGENT = fileURLToPath(new URL('../harness/scriptedAgent.mjs', import.meta.url));
const BROKEN = 'export const add = (a, b) => a - b;\n';
const FIXED = 'export const add = (a, b) => a + b;\n';

/** Streams a plan and a message, asks before it edits, and edits when it may. */
const SCRIPT = {
  prompt: [
    { plan: [{ content: 'Find the cause', priority: 'high', status: 'in_progress' }, { content: 'Fix it', priority: 'high', status: 'pending' }] },
    { message: 'The sum is a difference. I will **fix the operator**.' },
    {
      permission: {
        toolCall: {
          toolCallId: 'edit-1', title: 'Edit sum.js', kind: 'edit', status: 'pending', locations: [{ path: 'sum.js', line: 1 }],
          content: [{ type: 'diff', path: 'sum.js', oldText: BROKEN, newText: FIXED }],
        },
        options: [
          { optionId: 'yes-once', name: 'Yes, this once', kind: 'allow_once' },
          { optionId: 'never', name: 'No, leave it', kind: 'reject_once' },
        ],
        onSelected: {
          'yes-once': [
            { write: { path: 'sum.js', text: FIXED } },
            { plan: [{ content: 'Find the cause', priority: 'high', status: 'completed' }, { content: 'Fix it', priority: 'high', status: 'completed' }] },
            { message: 'Done: it adds now.' },
          ],
        },
      },
    },
  ],
};

describe.skipIf(chromiumPath === undefined)('the whole story, in a browser', () => {
  let server: TestServer;
  let browser: Awaited<ReturnType<typeof launchBrowser>>;
  let page: Page;
  let folder: string;
  const problems: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kradle-story-'));
    [server, browser] = await Promise.all([startServer(), launchBrowser()]);
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(45_000);
    page.on('pageerror', (error) => problems.push(error.message));
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail' && process.env.KRADLE_TEST_SCREENSHOTS !== undefined) await page.screenshot({ path: join(process.env.KRADLE_TEST_SCREENSHOTS, 'story.png') });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Presses until the answer is taken: a card ignores what comes in its first half second. */
  async function answer(button: Locator, action: string): Promise<void> {
    await expect.poll(async () => {
      if (await button.isVisible()) await button.click({ timeout: 1000 }).catch(() => undefined);
      const { items } = await server.api<{ items: { spec: { action: string }; status?: { phase?: string } }[] }>('GET', '/api/orgs/default/agents/approvals');
      return items.find(({ spec }) => spec.action === action)?.status?.phase;
    }, { timeout: 30_000, interval: 300 }).toBe('Approved');
  }

  it('goes from a folder on disk to a merged change that git pull brings down', async () => {
    const project = join(folder, 'calculator');
    writeFileSync(join(folder, 'script.json'), JSON.stringify(SCRIPT));
    await git(['init', '--quiet', '--initial-branch=main', project], { cwd: folder });
    writeFileSync(join(project, 'sum.js'), BROKEN);
    await git(['add', '.'], { cwd: project });
    await git(['commit', '--quiet', '-m', 'A sum'], { cwd: project });

    // The printed link signs in, once.
    await page.goto(server.signInLink);
    await page.getByText('Try it', { exact: false }).first().waitFor();

    // Import the folder.
    await page.goto(`${server.url}/o/default/repositories`);
    await page.getByRole('button', { name: /new repository|import/i }).first().click();
    const dialog = page.getByRole('dialog', { name: 'New repository' });
    await dialog.getByRole('button', { name: 'Import' }).first().click();
    await dialog.getByRole('textbox', { name: 'From' }).fill(project);
    await dialog.getByRole('textbox', { name: 'Name' }).fill('calculator');
    await dialog.getByRole('button', { name: 'Import' }).last().click();
    await page.getByRole('link', { name: 'sum.js' }).first().waitFor();

    // Describe the agent.
    await page.goto(`${server.url}/o/default/agents/new`);
    await page.getByRole('button', { name: /another command/i }).or(page.getByRole('radio', { name: /another command/i })).first().click();
    await page.getByRole('textbox', { name: 'Command' }).fill(`${process.execPath} ${SCRIPTED_AGENT} ${join(folder, 'script.json')}`);
    await page.getByRole('textbox', { name: 'Name' }).fill('scripted');
    await page.getByRole('button', { name: 'Create and check' }).click();
    await page.getByText('Scripted agent', { exact: false }).first().waitFor();

    // Write a task and dispatch it, from the repository.
    await page.goto(`${server.url}/o/default/repositories/calculator`);
    await page.getByRole('button', { name: 'Dispatch here' }).click();
    const dispatch = page.getByRole('dialog');
    await dispatch.getByRole('textbox', { name: 'Task' }).fill('The sum is wrong. Make it right.');
    const agent = dispatch.getByLabel('Agent');
    if (!(await agent.textContent())?.includes('scripted')) {
      await agent.click();
      await page.getByRole('option', { name: /scripted/ }).click();
    }
    await dispatch.getByRole('button', { name: 'Dispatch' }).click();

    // Watch it live, until it asks; the exact diff and the agent's own options are there.
    await page.waitForURL(/\/runs\/run-/);
    await page.getByText('Find the cause').filter({ visible: true }).first().waitFor();
    await page.getByText('The sum is a difference').first().waitFor();
    const question = page.getByRole('article', { name: /Asks for permission: Edit sum\.js/ }).first();
    await question.waitFor();
    expect(await question.textContent()).toContain('a + b');
    await question.getByRole('button', { name: /No, leave it/ }).waitFor();
    expect(await page.locator('button:focus').allTextContents()).not.toContainEqual(expect.stringContaining('Yes, this once'));

    // A second browser sees the question in its inbox.
    const second = await browser.newPage();
    await second.context().addCookies(await page.context().cookies());
    await second.goto(`${server.url}/o/default/approvals`);
    await second.getByRole('article', { name: /Edit sum\.js/ }).first().waitFor();

    await answer(question.getByRole('button', { name: /Yes, this once/ }), 'tool-use');
    await second.getByRole('button', { name: /Yes, this once/ }).first().waitFor({ state: 'hidden' });
    await second.close();

    // Read the change and approve the write-back.
    await page.getByRole('link', { name: /^Changes/ }).or(page.getByRole('tab', { name: /^Changes/ })).first().click();
    await page.getByText('sum.js').first().waitFor();
    await answer(page.getByRole('button', { name: 'Approve and open the pull request' }), 'write-back');
    await page.getByRole('link', { name: 'calculator-1' }).first().click();
    await page.waitForURL(/\/pulls\/calculator-1/);

    // Comment on a line, then merge.
    await page.getByRole('link', { name: /^Files/ }).or(page.getByRole('tab', { name: /^Files/ })).first().click();
    await page.getByText('a + b').first().hover();
    await page.getByRole('button', { name: 'Comment on line 1' }).last().click({ force: true });
    await page.getByRole('textbox', { name: 'Comment' }).fill('Good: a plus.');
    await page.getByRole('button', { name: 'Comment now' }).click();
    await page.getByText('Good: a plus.').first().waitFor();
    await page.getByRole('link', { name: /^Conversation/ }).or(page.getByRole('tab', { name: /^Conversation/ })).first().click();
    await page.getByRole('button', { name: 'Merge pull request' }).click();
    await page.getByText(/merge commit as/).waitFor();

    await git(['pull', '--quiet', server.gitUrl('calculator'), 'main'], { cwd: project });
    expect(readFileSync(join(project, 'sum.js'), 'utf8')).toBe(FIXED);
    const log = await git(['log', '--format=%an|%s', '-3'], { cwd: project });
    expect(log).toMatch(/scripted/);
    expect(problems).toEqual([]);
  }, 240_000);
});
