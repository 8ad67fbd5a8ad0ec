import { useEffect, useRef, useSyncExternalStore } from 'react';

export interface Hotkey {
  /** What it does, for the overlay. */
  readonly label: string;
  /** Heading in the overlay. */
  readonly group: string;
  readonly run: () => void;
  /** Whether it applies now. */
  readonly when?: () => boolean;
  /** Works in fields and dialogs too: for combinations with `Mod`. */
  readonly everywhere?: boolean;
}

/** By keys: `j`, `g h` (one after the other), `Mod+k`, `Shift+x`, `?`, `Enter`. */
export type Hotkeys = Readonly<Record<string, Hotkey>>;

/** Keys that work while the component is mounted. The newest component wins. Not in fields, not under a dialog. */
export function useHotkeys(hotkeys: Hotkeys): void {
  // A ref, not an effect event: the overlay and the palette read the layers while they render.
  const current = useRef(hotkeys);
  useEffect(() => {
    current.current = hotkeys;
  });
  const names = Object.keys(hotkeys).join('\n');
  useEffect(() => {
    const layer = () => current.current;
    layers = [...layers, layer];
    notify();
    return () => {
      layers = layers.filter((each) => each !== layer);
      notify();
    };
  }, [names]);
}

/** Every key that works now, for the overlay. */
export function useActiveHotkeys(): readonly (readonly [string, Hotkey])[] {
  const active = useSyncExternalStore(subscribe, () => layers);
  const seen = new Map<string, Hotkey>();
  for (const layer of [...active].reverse()) {
    for (const [keys, hotkey] of Object.entries(layer())) if (!seen.has(keys)) seen.set(keys, hotkey);
  }
  return [...seen];
}

/** Time that the second key of a pair may take, in ms. */
const PAIR_MS = 1200;
let layers: readonly (() => Hotkeys)[] = [];
let pendingKey: { key: string; at: number } | undefined;
const listeners = new Set<() => void>();

/** Handles a key press of the window; attached once, by the shell. */
export function handleHotkey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const key = keyName(event);
  if (key === undefined) return;
  const pair = pendingKey !== undefined && event.timeStamp - pendingKey.at < PAIR_MS ? `${pendingKey.key} ${key}` : undefined;
  pendingKey = undefined;
  const typing = isTyping(event.target);
  const blocked = typing || document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]') !== null;
  const hotkey = (pair === undefined ? undefined : find(pair, blocked)) ?? find(key, blocked);
  if (hotkey !== undefined) {
    event.preventDefault();
    hotkey.run();
  } else if (!blocked && startsPair(key)) pendingKey = { key, at: event.timeStamp };
}

function find(keys: string, blocked: boolean): Hotkey | undefined {
  for (const layer of [...layers].reverse()) {
    const hotkey = layer()[keys];
    if (hotkey !== undefined && (!blocked || hotkey.everywhere === true) && hotkey.when?.() !== false) return hotkey;
  }
  return undefined;
}

function startsPair(key: string): boolean {
  return layers.some((layer) => Object.keys(layer()).some((keys) => keys.startsWith(`${key} `)));
}

/** `Mod+k`, `Shift+x`, `?`; undefined for a modifier alone and for combinations that belong to the browser. */
export function keyName(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string | undefined {
  const { key } = event;
  if (['Shift', 'Control', 'Alt', 'Meta', 'AltGraph'].includes(key) || event.altKey) return undefined;
  if (event.ctrlKey || event.metaKey) return `Mod+${event.shiftKey ? 'Shift+' : ''}${key.toLowerCase()}`;
  // Shift is part of how "?" is typed; with a letter or a named key it is said.
  return event.shiftKey && (key.length > 1 || /[a-z]/i.test(key)) ? `Shift+${key.length === 1 ? key.toLowerCase() : key}` : key;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && (target as HTMLInputElement).type !== 'checkbox');
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function notify(): void {
  for (const listener of listeners) listener();
}
