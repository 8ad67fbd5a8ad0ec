/** Where a link leads: within the console, to the system's browser, or nowhere. */
export type Destination = 'console' | 'browser' | 'nowhere';

const FOR_THE_BROWSER: ReadonlySet<string> = new Set(['https:', 'http:', 'mailto:']);

/** The window shows the console and nothing else. `origin` is the server's. */
export function destinationOf(url: string, origin: string): Destination {
  if (!URL.canParse(url)) return 'nowhere';
  const target = new URL(url);
  if (target.origin === origin) return 'console';
  return FOR_THE_BROWSER.has(target.protocol) ? 'browser' : 'nowhere';
}
