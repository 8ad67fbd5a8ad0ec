import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { app, dialog, ipcMain } from 'electron';
import { DESKTOP_CHANNELS } from '#shared/desktop/bridge';
import { launchServer } from './launchServer';
import { keepServerRunning, type ServerProcess } from './serverProcess';
import { createConsoleWindow, type ConsoleWindow } from './window';

/** A start that failed this often is shown to people, not only tried again. */
const TELL_AFTER_FAILURES = 2;

let server: ServerProcess | undefined;
let consoleWindow: ConsoleWindow | undefined;
let origin = '';

if (app.requestSingleInstanceLock()) start();
else app.quit();

function start(): void {
  app.on('second-instance', () => consoleWindow?.focus());
  app.on('window-all-closed', () => app.quit());
  app.on('before-quit', (event) => {
    if (server === undefined) return;
    // Quit once more when the server has stopped.
    event.preventDefault();
    const running = server;
    server = undefined;
    void running.stop().finally(() => app.quit());
  });
  ipcMain.handle(DESKTOP_CHANNELS.pickFolder, async (event) => {
    // Only the console may ask, not what a page of it may have embedded.
    if (consoleWindow === undefined || event.senderFrame === null || new URL(event.senderFrame.url).origin !== origin) return undefined;
    const { filePaths } = await dialog.showOpenDialog(consoleWindow.browserWindow, { properties: ['openDirectory'] });
    return filePaths[0];
  });
  app.whenReady().then(openConsole, (error: unknown) => {
    dialog.showErrorBox('Kradle cannot start', String(error));
    app.exit(1);
  });
}

function openConsole(): void {
  // Beside the archive, if there is one: electron-builder.yml, asarUnpack.
  const bundle = join(import.meta.dirname.replace(/\bapp\.asar(?=[\\/])/, 'app.asar.unpacked'), '../server/kradle.js');
  const window = createConsoleWindow(join(import.meta.dirname, 'preload.cjs'));
  consoleWindow = window;
  server = keepServerRunning({
    launch: () => launchServer({ bundle, node: app.isPackaged ? undefined : process.env.KRADLE_NODE }),
    onReady(address) {
      origin = new URL(address.url).origin;
      window.show(address.signInLink);
    },
    onFailure({ failures, lastLog }) {
      if (failures >= TELL_AFTER_FAILURES) window.showProblem(lastLog.trim() === '' ? 'The server ends as soon as it is started.' : lastLog);
    },
    // Ended early by a stop: that is the point of it.
    sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
    now: () => performance.now(),
  });
}
