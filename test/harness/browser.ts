import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PLACES = [
  process.env.KRADLE_TEST_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** A Chromium of this machine; undefined when there is none, and then tests that need one are skipped by name. */
export const chromiumPath: string | undefined = PLACES.find((path) => path !== undefined && existsSync(path));

/** For `describe.skipIf(chromiumPath === undefined)`: why. */
export const chromiumMissing = 'no Chromium: install one, or set KRADLE_TEST_CHROMIUM to its path';

if (chromiumPath === undefined) process.stderr.write(`Skipped: tests in a browser (${chromiumMissing}).\n`);

export async function launchBrowser(): Promise<Browser & AsyncDisposable> {
  if (chromiumPath === undefined) throw new Error(chromiumMissing);
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    // Chromium's sandbox refuses to run as root, as which containers run; /dev/shm is small there.
    args: process.getuid?.() === 0 ? ['--no-sandbox', '--disable-dev-shm-usage'] : [],
  });
  return Object.assign(browser, { [Symbol.asyncDispose]: () => browser.close() });
}
