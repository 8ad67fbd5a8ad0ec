import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumPath, launchBrowser } from '../harness/browser';
import { git } from '../harness/git';
import { startServer, type TestServer } from '../harness/startServer';

/** Each of these would put `HIT` into the page's title, or open a dialog, if anything of it ran. */
const RUN = "document.title='HIT';window.HIT=1;alert(1)";
const HOSTILE_MARKDOWN = `# Hostile

<script>${RUN}</script>
<img src=x onerror="${RUN}">
<svg onload="${RUN}"><script>${RUN}</script></svg>
<iframe srcdoc="<script>parent.${RUN}</script>"></iframe>
<object data="page.html"></object><embed src="page.html"><form action="https://evil.test"><input name=q autofocus onfocus="${RUN}"></form>
<a id="js" href="javascript:${RUN}">click me</a> [and me](javascript:${RUN}) [data](data:text/html,<script>${RUN}</script>)
<a href="vbscript:x" style="position:fixed;inset:0">overlay</a> <style>body{display:none}</style>
<div id="root" name="root">clobber</div> <details open ontoggle="${RUN}"><summary>details</summary>kept</details>

> [!WARNING]
> Mind the gap.

- [x] done
- [ ] to do

| a | b |
| - | - |
| 1 | 2 |

A note.[^1] See [the section](#the-section), [the guide](docs/guide.md), ![the dot](docs/dot.svg), ![elsewhere](https://evil.test/pixel.png).

[^1]: The note.

\`\`\`mermaid
graph TD; A["<img src=x onerror=${RUN.replaceAll("'", '')}>"] --> B; click A href "javascript:${RUN.replaceAll("'", '')}"
\`\`\`

## The section
`;
const HOSTILE_SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" onload="${RUN}"><script>${RUN}</script><circle cx="20" cy="20" r="18" fill="teal"/></svg>`;
const PDF = pdf();

/** Pixels across of a picture that the browser has decoded; it runs in the page. */
const naturalWidth = (img: unknown): number => (img as { naturalWidth?: number }).naturalWidth ?? 0;

/** A page of one line, and a script that is to run when it is opened. */
function pdf(): string {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>',
    '<< /Length 44 >>\nstream\nBT /F1 24 Tf 40 100 Td (Hello from PDF) Tj ET\n\nendstream',
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const at = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const xref = text.length;
  text += `xref\n0 5\n0000000000 65535 f \n${offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('')}trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n${xref}\n%%EOF\n`;
  return text;
}

describe.skipIf(chromiumPath === undefined)('code, in a browser', () => {
  let server: TestServer;
  let browser: Awaited<ReturnType<typeof launchBrowser>>;
  let page: Page;
  let folder: string;
  let repo: string;
  const problems: string[] = [];
  const outside: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kradle-code-'));
    [server, browser] = await Promise.all([startServer(), launchBrowser()]);
    await server.api('POST', '/api/orgs/default/repositories', { name: 'shop' });
    repo = join(folder, 'shop');
    await git(['init', '--quiet', '--initial-branch=main', repo], { cwd: folder });
    mkdirSync(join(repo, 'docs'));
    mkdirSync(join(repo, 'src'));
    for (const [path, content] of Object.entries({
      'README.md': HOSTILE_MARKDOWN, 'docs/guide.md': '# Guide\n\nBack to [the readme](../README.md).\n', 'docs/dot.svg': HOSTILE_SVG, 'page.html': `<script>${RUN}</script><h1>page</h1>`, 'paper.pdf': PDF,
      'table.csv': 'name,price\n"Tea, green",3\nCoffee,4\n', 'src/shop.ts': Array.from({ length: 300 }, (_, index) => `export const value${index} = ${index};`).join('\n'), 'odd "name"\n.txt': 'odd\n',
    })) writeFileSync(join(repo, path), content);
    symlinkSync('docs/guide.md', join(repo, 'link'));
    await commit('Open the shop');
    writeFileSync(join(repo, 'src/shop.ts'), Array.from({ length: 300 }, (_, index) => `export const value${index} = ${index === 149 ? '"changed"' : index};`).join('\n'));
    await commit('Change a value');
    await git(['push', '--quiet', server.gitUrl('shop'), 'main', 'HEAD~1:refs/heads/older'], { cwd: repo });
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(45_000);
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('dialog', (dialog) => {
      problems.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url) && /^https?:/.test(request.url())) outside.push(request.url());
    });
    await page.goto(server.signInLink);
    await page.getByRole('link', { name: 'Repositories' }).first().waitFor();
  });
  beforeEach(() => {
    problems.length = 0;
    outside.length = 0;
  });
  afterEach(async ({ task }) => {
    if (process.env.KRADLE_TEST_SCREENSHOTS !== undefined) await page.screenshot({ path: join(process.env.KRADLE_TEST_SCREENSHOTS, `code-${task.name.slice(0, 30).replace(/\W+/g, '-')}.png`) });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  async function commit(message: string): Promise<void> {
    await git(['add', '--all'], { cwd: repo });
    await git(['commit', '--quiet', '-m', message], { cwd: repo });
  }

  const open = (path: string) => page.goto(`${server.url}/o/default/repositories/shop${path}`);
  async function expectNothingRan(): Promise<void> {
    expect(await page.evaluate('"HIT" in window ? "ran" : document.title === "HIT" ? "titled" : "nothing"')).toBe('nothing');
    expect(problems).toEqual([]);
    expect(outside).toEqual([]);
  }

  it('shows a README as it reads, and runs nothing of it', async () => {
    await open('');
    const readme = page.locator('.k-file-prose');
    await readme.getByRole('heading', { name: 'Hostile' }).waitFor();
    await readme.getByText('Mind the gap.').waitFor();
    expect(await readme.locator('script, iframe, object, embed, form, style, svg:not(.lucide), [onload], [onerror], [style*="fixed"]').count()).toBe(0);
    expect(await readme.locator('a[href^="javascript:"], a[href^="data:"], a[href^="vbscript:"]').count()).toBe(0);
    expect(await page.locator('#root').count()).toBeLessThanOrEqual(1);
    // The two tasks, and the field of the form: a box that nobody can tick.
    expect(await readme.getByRole('checkbox', { disabled: true }).count()).toBe(3);
    expect(await readme.locator('input:not([disabled])').count()).toBe(0);
    expect(await readme.locator('.k-alert-warning').count()).toBe(1);
    // The relative picture is loaded, as a picture; that of another host is not.
    await expect.poll(() => readme.locator('img[alt="the dot"]').evaluate(naturalWidth)).toBe(40);
    await expect.poll(() => readme.locator('img[alt^="Diagram"]').count()).toBe(1);
    await readme.getByText('click me').click({ force: true });
    await readme.getByRole('link', { name: 'the section', exact: true }).click();
    await expect.poll(() => page.url()).toContain('#the-section');
    await expectNothingRan();
    await readme.getByRole('link', { name: 'the guide' }).click();
    await page.getByRole('heading', { name: 'Guide' }).waitFor();
    expect(page.url()).toContain('/blob/main/docs/guide.md');
  });

  it('shows SVG, PDF, tables and links for what they are, and HTML as text', async () => {
    await open('/blob/main/docs/dot.svg');
    await expect.poll(() => page.locator('img[alt="docs/dot.svg"]').evaluate(naturalWidth)).toBe(40);
    await expectNothingRan();
    await open('/blob/main/paper.pdf');
    await page.getByRole('img', { name: 'Page 1' }).waitFor();
    await expectNothingRan();
    await open('/blob/main/page.html');
    await page.getByText(RUN, { exact: false }).first().waitFor();
    await open('/blob/main/table.csv');
    await page.getByRole('cell', { name: 'Tea, green' }).waitFor();
    await open('/blob/main/link');
    await page.getByRole('link', { name: 'Follow it' }).click();
    await page.getByRole('heading', { name: 'Guide' }).waitFor();
    // Opened by themselves they have an origin of their own, and no script.
    for (const path of ['docs/dot.svg', 'page.html']) {
      await page.goto(`${server.url}/api/orgs/default/repositories/shop/raw/main/${path}`);
      await expectNothingRan();
    }
  });

  it('blames lines, and the lines before a change, and keeps a version in the address', async () => {
    await open('/blob/main/src/shop.ts');
    await page.getByText('value0', { exact: false }).first().waitFor();
    await page.keyboard.press('b');
    await page.getByRole('link', { name: 'Change a value' }).nth(1).waitFor();
    await page.getByRole('link', { name: /^Blame before/ }).first().click();
    await expect.poll(() => page.getByRole('link', { name: 'Change a value' }).count()).toBe(0);
    expect(page.url()).toMatch(/\/blob\/[0-9a-f]{40}\/src\/shop\.ts\?view=blame/);
    await open('/blob/main/src/shop.ts');
    await page.getByRole('link', { name: 'Line 3', exact: true }).click();
    await page.keyboard.press('y');
    await expect.poll(() => page.url()).toMatch(/\/blob\/[0-9a-f]{40}\/src\/shop\.ts#L3$/);
  });

  it('finds a file by its letters, and one with an odd name by its address', async () => {
    await open('');
    await page.getByRole('button', { name: /Go to file/ }).waitFor();
    await page.keyboard.press('t');
    await page.getByPlaceholder(/A file in shop/).fill('shts');
    await page.getByRole('option', { name: 'src/shop.ts' }).waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('/blob/main/src/shop.ts');
    await open(`/blob/main/${encodeURIComponent('odd "name"\n.txt')}`);
    await page.getByText('odd "name"\\n.txt').first().waitFor();
  });

  it('compares, shows one commit with its neighbours, and gives both as patches', async () => {
    await open('/compare/older...main');
    await page.getByText('1 commit', { exact: true }).waitFor();
    await page.getByText('"changed"', { exact: false }).first().waitFor();
    await page.getByRole('button', { name: 'Swap the two' }).click();
    await page.getByText('already has everything of', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'all differences' }).click();
    await expect.poll(() => page.url()).toContain('/compare/main..older');
    await open('/compare/older...main');
    await page.getByRole('link', { name: 'Change a value' }).first().click();
    await page.getByRole('list', { name: 'Branches and tags that contain it' }).getByText('main').waitFor();
    await page.getByRole('link', { name: 'The commit before' }).click();
    await page.getByRole('heading', { name: 'Open the shop' }).waitFor();
    await page.getByRole('link', { name: 'The commit after' }).click();
    await page.getByRole('heading', { name: 'Change a value' }).waitFor();
  });

  it('deletes a branch and brings it back', async () => {
    await open('/branches');
    await page.getByRole('button', { name: 'Delete older' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('button', { name: 'Deleted', exact: true }).click();
    await page.getByRole('button', { name: 'Restore' }).click();
    await page.getByText('No branch was deleted lately').waitFor();
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await page.getByRole('link', { name: 'older', exact: true }).waitFor();
  });

  it('changes a file on a new branch, and goes on to its pull request', async () => {
    await open('/blob/main/docs/guide.md');
    await page.getByRole('heading', { name: 'Guide' }).waitFor();
    await page.keyboard.press('e');
    const editor = page.getByRole('textbox', { name: /^Content of/ });
    await editor.click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('More to read.');
    await page.getByRole('radio', { name: /new branch/ }).check();
    await page.getByRole('textbox', { name: 'Name of the new branch' }).fill('more');
    await page.getByRole('button', { name: 'Commit' }).click();
    await expect.poll(() => page.url()).toContain('/pulls/new');
    const blob = await server.api<{ text: string }>('GET', '/api/orgs/default/repositories/shop/blob?ref=more&path=docs/guide.md');
    expect(blob.text).toContain('More to read.');
  });

  it('publishes a release with notes and a file', async () => {
    await open('/releases/new');
    await page.getByLabel('Tag', { exact: true }).click();
    await page.keyboard.type('v1.0.0');
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Title' }).fill('The first one');
    await page.getByRole('button', { name: 'Save as a draft' }).click();
    await page.getByText('or drop them here').waitFor();
    await page.getByLabel('Files of the release').setInputFiles({ name: 'shop.tar.gz', mimeType: 'application/gzip', buffer: Buffer.alloc(200_000, 'x') });
    await page.getByRole('button', { name: 'Remove shop.tar.gz' }).waitFor();
    await page.getByRole('button', { name: 'Publish' }).click();
    const card = page.getByRole('article', { name: 'The first one' });
    await card.getByText('latest').waitFor();
    expect(await card.getByText(/^sha256:/).count()).toBe(1);
    const [download] = await Promise.all([page.waitForEvent('download'), card.getByRole('link', { name: 'shop.tar.gz' }).click()]);
    expect(download.suggestedFilename()).toBe('shop.tar.gz');
    expect((await git(['ls-remote', server.gitUrl('shop'), 'refs/tags/v1.0.0'], { cwd: repo })).trim()).toContain('refs/tags/v1.0.0');
    expect(problems).toEqual([]);
  });

  it('makes the tag that was typed where there are others like it, and takes files that are dropped', async () => {
    await open('/releases/new');
    await page.getByLabel('Tag', { exact: true }).click();
    await page.keyboard.type('v1.0');
    await page.keyboard.press('Enter');
    await page.getByText('A new tag at main').waitFor();
    await page.getByText('It is a prerelease').click();
    await page.getByRole('button', { name: 'Save as a draft' }).click();
    const files = await page.evaluateHandle('(() => { const dropped = new DataTransfer(); dropped.items.add(new File(["hello"], "notes.txt")); return dropped; })()');
    await page.getByText('or drop them here').dispatchEvent('drop', { dataTransfer: files });
    await page.getByRole('button', { name: 'Remove notes.txt' }).waitFor();
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByRole('article', { name: 'v1.0', exact: true }).getByText('prerelease').waitFor();
    await open('/releases');
    await page.getByRole('article', { name: 'The first one' }).getByText('latest').waitFor();
    expect((await git(['ls-remote', server.gitUrl('shop'), 'refs/tags/v1.0'], { cwd: repo })).trim()).toContain('refs/tags/v1.0');
    expect(problems).toEqual([]);
  });
});
