/**
 * `npm run dev`: the console with hot reload in front of a server that restarts when its sources change. Arguments go to
 * `kradle serve`. Ctrl-C ends all of it.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const vite = fileURLToPath(new URL('../node_modules/vite/bin/vite.js', import.meta.url));
const server = fileURLToPath(new URL('../dist/server/kradle.js', import.meta.url));

const children = [];

function start(args) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
  child.once('exit', (code) => stop(code ?? 0));
  children.push(child);
}

function stop(code) {
  for (const child of children) child.kill('SIGTERM');
  process.exitCode = code;
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop(0));

start([vite, 'build', '--mode', 'server', '--watch', '--logLevel', 'warn']);
// The first build empties the folder; the server starts on what it leaves.
while (!existsSync(server)) await delay(100);
start(['--watch', '--watch-preserve-output', server, 'serve', ...process.argv.slice(2)]);
start([vite, '--mode', 'renderer', '--clearScreen', 'false']);
