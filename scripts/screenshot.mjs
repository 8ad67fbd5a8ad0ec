// `node scripts/screenshot.mjs`: takes the README's screenshot from a real run: starts a server on a fresh data folder, lets the demo
// agent work until it asks whether it may edit, and pictures the run's page. Needs a build and a Chromium (KRADLE_TEST_CHROMIUM).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'docs/images/run.png');
const executablePath = [process.env.KRADLE_TEST_CHROMIUM, '/usr/bin/chromium'].find((path) => path !== undefined && existsSync(path));
if (executablePath === undefined) {
  process.stderr.write('There is no Chromium: install one, or set KRADLE_TEST_CHROMIUM to its path.\n');
  process.exit(2);
}

const dataDir = mkdtempSync(join(tmpdir(), 'kradle-screenshot-'));
const server = spawn(process.execPath, [join(root, 'bin/kradle.mjs'), 'serve', '--json', '--port', '0', '--data-dir', dataDir, '--log-level', 'warn'], { stdio: ['ignore', 'pipe', 'inherit'] });
const exited = once(server, 'exit');
const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
try {
  const [line] = await once(createInterface({ input: server.stdout }), 'line');
  const page = await browser.newPage({ viewport: { width: 1360, height: 860 }, deviceScaleFactor: 2, colorScheme: 'light' });
  await page.goto(JSON.parse(line).signInLink);
  await page.getByRole('button', { name: 'Try it' }).first().click();
  await page.waitForURL(/\/runs\//);
  await answer(/node --test/);
  await page.getByRole('article', { name: /Edit/ }).first().waitFor({ timeout: 60_000 });
  mkdirSync(join(root, 'docs/images'), { recursive: true });
  await page.screenshot({ path: target });
  process.stdout.write(`${target}\n`);

  async function answer(title) {
    const card = page.getByRole('article', { name: title }).first();
    await card.waitFor({ timeout: 60_000 });
    const allow = card.getByRole('button', { name: /^Allow/ }).first();
    // A card ignores answers for its first half second.
    while (await allow.isVisible()) {
      await allow.click({ timeout: 2000 }).catch(() => undefined);
      await page.waitForTimeout(300);
    }
  }
} finally {
  await browser.close();
  server.kill('SIGTERM');
  await exited;
  rmSync(dataDir, { recursive: true, force: true });
}
