import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { utilityProcess } from 'electron';
import { readReadyLine } from './readyLine';
import type { ServerChild } from './serverProcess';

const LOG_TAIL_CHARACTERS = 4_000;
/** Any free port; the address comes in the ready line. */
const ARGUMENTS = ['serve', '--json', '--port', '0'];

/**
 * Starts the server bundle in a process of its own. In a packaged app that is a utility process of Electron, whose native modules
 * were built for it; from a clone it is the Node that started the app, for which `npm ci` built them.
 */
export function launchServer(opts: { bundle: string; node: string | undefined }): ServerChild {
  return opts.node === undefined ? launchUtility(opts.bundle) : launchNode(opts.node, opts.bundle);
}

function launchUtility(bundle: string): ServerChild {
  // Runners are this same executable, told to be Node.
  const child = utilityProcess.fork(bundle, ARGUMENTS, { stdio: 'pipe', serviceName: 'Kradle server', env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    ...readStreams(child.stdout as Readable | null, child.stderr as Readable | null),
    exited,
    stop: () => void child.kill(),
    kill: () => child.pid !== undefined && process.kill(child.pid, 'SIGKILL'),
  };
}

function launchNode(node: string, bundle: string): ServerChild {
  const child = spawn(node, [bundle, ...ARGUMENTS], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  return { ...readStreams(child.stdout, child.stderr), exited, stop: () => void child.kill('SIGTERM'), kill: () => void child.kill('SIGKILL') };
}

function readStreams(stdout: Readable | null, stderr: Readable | null): Pick<ServerChild, 'ready' | 'lastLog'> {
  let log = '';
  stderr?.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-LOG_TAIL_CHARACTERS);
  });
  return { ready: stdout === null ? Promise.reject(new Error('The server has no output.')) : readReadyLine(stdout), lastLog: () => log };
}
