/** Calls of the operating system that the console may make when it runs in the desktop app; absent in a browser. */
export interface DesktopBridge {
  /** Shows the system's dialog; undefined when it was closed without a choice. */
  pickFolder(): Promise<string | undefined>;
}

/** Name of the bridge on `window`. */
export const DESKTOP_BRIDGE = 'kradleDesktop';

/** Channel of each call between the console and the app. */
export const DESKTOP_CHANNELS = { pickFolder: 'kradle:pick-folder' } as const satisfies Record<keyof DesktopBridge, string>;
