/**
 * Builds the parts whose inputs are newer than their last build. Looks only at modification times and the list of files, so that
 * nothing to do costs a few milliseconds; the builds themselves run in child processes, quietly.
 */
import { spawn } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const COMMON = ['shared', 'package.json', 'package-lock.json', 'vite.config.ts', 'tsconfig.base.json'];

/** What each part is made from, and the file that proves it was made. */
const PARTS = {
  server: { inputs: [...COMMON, 'src-server'], output: 'server/kradle.js', title: 'the server', swap: true },
  // The router's types cross over at build time only, so the server's sources are no input of the console.
  renderer: { inputs: [...COMMON, 'src-renderer'], output: 'renderer/index.html', title: 'the console', swap: true },
  main: { inputs: [...COMMON, 'src-main'], output: 'main/main.js', title: 'the desktop shell', swap: false },
};

/** Builds that take less are not worth a line. */
const QUIET_MS = 800;
const LOCK_POLL_MS = 100;
/** The first error is what people mend; the rest follows from it. */
const LINES_OF_A_FAILURE = 30;

/**
 * @param {readonly (keyof typeof PARTS)[]} names
 * @returns {Promise<boolean>} whether everything is built now; failures have been told on standard error
 */
export async function buildStale(names) {
  if (staleParts(names).length === 0) return true;
  const release = await lock();
  try {
    // Another start may have built while this one waited.
    for (const name of staleParts(names)) if (!(await buildPart(name))) return false;
    return true;
  } finally {
    release();
  }
}

function staleParts(names) {
  return names.filter((name) => readStamp(name) !== fingerprint(PARTS[name].inputs) || !isFile(join(dist, PARTS[name].output)));
}

async function buildPart(name) {
  // Taken before the build: a file that is saved meanwhile makes the next start build again.
  const before = fingerprint(PARTS[name].inputs);
  const fresh = PARTS[name].swap ? join(dist, `.${name}.${process.pid}`) : undefined;
  const notice = setTimeout(() => process.stderr.write(`Building ${PARTS[name].title} …\n`), QUIET_MS);
  const { code, output } = await runVite(name, fresh === undefined ? [] : ['--outDir', fresh, '--emptyOutDir']);
  clearTimeout(notice);
  if (code !== 0) {
    if (fresh !== undefined) rmSync(fresh, { recursive: true, force: true });
    const told = stripVTControlCharacters(output).trim().split('\n').slice(0, LINES_OF_A_FAILURE).join('\n');
    process.stderr.write(`${told}\n\nBuilding ${PARTS[name].title} failed. Did "npm ci" run?\n`);
    return false;
  }
  if (fresh !== undefined) replaceFolder(join(dist, name), fresh);
  writeFileSync(stampFile(name), before);
  return true;
}

/** A server that runs may load from the folder at any moment, so it is never seen half built. */
function replaceFolder(folder, fresh) {
  const old = `${fresh}.old`;
  if (statSync(folder, { throwIfNoEntry: false }) !== undefined) renameSync(folder, old);
  renameSync(fresh, folder);
  rmSync(old, { recursive: true, force: true });
}

function runVite(mode, options) {
  return new Promise((resolve) => {
    const vite = join(root, 'node_modules/vite/bin/vite.js');
    const args = [vite, 'build', '--mode', mode, '--logLevel', 'warn', ...options];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 1, output: String(error) }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** Changes when a file is added, removed, renamed or written. */
function fingerprint(inputs) {
  const hash = createHash('sha256');
  for (const input of inputs) visit(join(root, input), hash);
  return hash.digest('hex');
}

function visit(path, hash) {
  let stats;
  try {
    stats = statSync(path);
  } catch {
    // Not every checkout has every input.
    return;
  }
  if (!stats.isDirectory()) {
    if (!/\.test\.tsx?$/.test(path)) hash.update(`${path.slice(root.length)}\0${stats.mtimeMs}\0${stats.size}\n`);
    return;
  }
  for (const name of readdirSync(path).sort()) visit(join(path, name), hash);
}

function stampFile(name) {
  return join(dist, `.${name}.stamp`);
}

function readStamp(name) {
  try {
    return readFileSync(stampFile(name), 'utf8');
  } catch {
    return undefined;
  }
}

function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** One build at a time on a checkout. The lock names its holder, so that one who died does not block the next. */
async function lock() {
  const file = join(dist, '.build-lock');
  const own = `${file}.${process.pid}`;
  mkdirSync(dist, { recursive: true });
  writeFileSync(own, String(process.pid));
  try {
    while (!tryLink(own, file)) {
      if (holderIsAlive(file)) await delay(LOCK_POLL_MS);
      else rmSync(file, { force: true });
    }
  } finally {
    rmSync(own);
  }
  return () => rmSync(file, { force: true });
}

/** A link appears with its content or not at all. */
function tryLink(own, file) {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function holderIsAlive(file) {
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 0);
    return true;
  } catch (error) {
    // ENOENT: given back just now; ESRCH: the holder died. Either way there is nothing to wait for.
    return error.code === 'EPERM';
  }
}

// As a program: `node scripts/buildStale.mjs server renderer`.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = (await buildStale(process.argv.slice(2))) ? 0 : 1;
}
