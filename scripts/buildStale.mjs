/**
 * Builds the parts whose inputs are newer than their last build. Looks only at modification times and the list of files, so that
 * nothing to do costs a few milliseconds; the builds themselves run in child processes, quietly.
 */
import { spawn } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const COMMON = ['shared', 'package.json', 'package-lock.json', 'vite.config.ts', 'tsconfig.base.json'];

/** What each part is made from, and the file that leads to all others. */
const PARTS = {
  server: { inputs: [...COMMON, 'src-server'], entry: 'kradle.js', title: 'the server' },
  // The router's types cross over at build time only, so the server's sources are no input of the console.
  renderer: { inputs: [...COMMON, 'src-renderer'], entry: 'index.html', title: 'the console' },
  main: { inputs: [...COMMON, 'src-main'], entry: 'main.js', title: 'the desktop shell' },
};

/** Builds that take less are not worth a line. */
const QUIET_MS = 800;
const LOCK_POLL_MS = 100;
/** A run may last a day, a server or a browser window longer. */
const KEEP_OLD_MS = 7 * 24 * 3600_000;
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
  return names.filter((name) => readStamp(name) !== fingerprint(PARTS[name].inputs) || !isFile(join(dist, name, PARTS[name].entry)));
}

async function buildPart(name) {
  const { inputs, title, entry } = PARTS[name];
  // Taken before the build: a file that is saved meanwhile makes the next start build again.
  const before = fingerprint(inputs);
  // Electron's two builds have folders of their own in the configuration; nobody loads from them later.
  const fresh = name === 'main' ? undefined : join(dist, `.${name}.${process.pid}`);
  const notice = setTimeout(() => process.stderr.write(`Building ${title} …\n`), QUIET_MS);
  const { code, output } = await runVite(name, fresh === undefined ? [] : ['--outDir', fresh, '--emptyOutDir']);
  clearTimeout(notice);
  if (code !== 0) {
    if (fresh !== undefined) rmSync(fresh, { recursive: true, force: true });
    const told = stripVTControlCharacters(output).trim().split('\n').slice(0, LINES_OF_A_FAILURE).join('\n');
    process.stderr.write(`${told}\n\nBuilding ${title} failed. Did "npm ci" run?\n`);
    return false;
  }
  if (fresh !== undefined) publish(fresh, join(dist, name), entry);
  writeFileSync(stampFile(name), before);
  return true;
}

/**
 * Moves a build to where it is used, file by file, the entry last: whoever starts meanwhile gets the old build or the new one. Files
 * of earlier builds stay a while, because a server, a runner or a browser that came before loads its chunks when it needs them.
 */
function publish(fresh, folder, entry) {
  const files = filesOf(fresh).sort((a, b) => Number(a === entry) - Number(b === entry));
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    renameSync(join(fresh, file), join(folder, file));
  }
  rmSync(fresh, { recursive: true });
  const current = new Set(files);
  for (const file of filesOf(folder)) {
    const path = join(folder, file);
    if (!current.has(file) && Date.now() - statSync(path).mtimeMs > KEEP_OLD_MS) rmSync(path);
  }
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
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

// As a program: `node scripts/buildStale.mjs [--clean] server renderer`.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2).filter((argument) => argument !== '--clean');
  if (process.argv.includes('--clean')) for (const name of names) rmSync(join(dist, name), { recursive: true, force: true });
  process.exitCode = (await buildStale(names)) ? 0 : 1;
}
