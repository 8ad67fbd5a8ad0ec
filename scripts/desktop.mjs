/** `npm run desktop`: builds what is stale and starts Electron on it. Electron fetches its own binary at the first launch. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { buildStale } from './buildStale.mjs';

if (!(await buildStale(['server', 'renderer', 'main']))) process.exit(1);
const electron = createRequire(import.meta.url).resolve('electron/cli.js');
const child = spawn(process.execPath, [electron, '.', ...process.argv.slice(2)], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  stdio: 'inherit',
  // The native modules of a clone are built for this Node, not for Electron.
  env: { ...process.env, KRADLE_NODE: process.execPath },
});
child.once('exit', (code) => process.exit(code ?? 1));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
