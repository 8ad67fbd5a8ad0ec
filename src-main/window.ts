import { BrowserWindow, shell, type WebContents } from 'electron';
import { destinationOf } from './navigation';

/** The one window. It follows the server: `show` again after a restart leads it to the new address. */
export interface ConsoleWindow {
  show(link: string): void;
  /** Says in the window what is wrong, until the server is back. */
  showProblem(text: string): void;
  focus(): void;
  readonly browserWindow: BrowserWindow;
}

export function createConsoleWindow(preload: string): ConsoleWindow {
  const browserWindow = new BrowserWindow({
    width: 1440,
    height: 920,
    minWidth: 480,
    minHeight: 400,
    title: 'Kradle',
    autoHideMenuBar: true,
    webPreferences: { preload, contextIsolation: true, sandbox: true, nodeIntegration: false, webviewTag: false },
  });
  let origin = '';
  lockNavigation(browserWindow.webContents, () => origin);
  return {
    browserWindow,
    show(link) {
      origin = new URL(link).origin;
      // A load that fails is told by the window itself.
      browserWindow.loadURL(link).catch(() => undefined);
    },
    showProblem(text) {
      browserWindow.loadURL(problemPage(text)).catch(() => undefined);
    },
    focus() {
      if (browserWindow.isMinimized()) browserWindow.restore();
      browserWindow.focus();
    },
  };
}

/** What the console's pages may ask for: to copy, and to show notifications on the desktop. */
const GRANTED: ReadonlySet<string> = new Set(['clipboard-sanitized-write', 'notifications']);

function lockNavigation(contents: WebContents, origin: () => string): void {
  const openElsewhere = (url: string): void => {
    if (destinationOf(url, origin()) === 'browser') void shell.openExternal(url);
  };
  contents.on('will-navigate', (event) => {
    if (destinationOf(event.url, origin()) === 'console') return;
    event.preventDefault();
    openElsewhere(event.url);
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    // A second window of the console is the browser's: there it is signed out, so it stays in this one.
    if (destinationOf(url, origin()) === 'console') void contents.loadURL(url);
    else openElsewhere(url);
    return { action: 'deny' };
  });
  contents.session.setPermissionRequestHandler((_contents, permission, callback) => callback(GRANTED.has(permission)));
}

function problemPage(text: string): string {
  const escaped = text.replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] ?? '');
  const html = `<!doctype html><meta charset="utf-8"><title>Kradle</title><meta name="color-scheme" content="light dark">
<body style="font:15px/1.5 system-ui;margin:15vh auto;max-width:44rem;padding:0 1rem"><h1 style="font-size:1.2rem">Kradle is not running</h1><pre style="white-space:pre-wrap">${escaped}</pre>`;
  return `data:text/html;charset=utf-8,${encodeURIComponent(html)}`;
}
