import { expect, it } from 'vitest';
import { keyName } from './hotkeys';

it.each([
  [{ key: 'j' }, 'j'],
  [{ key: 'K', ctrlKey: true }, 'Mod+k'],
  [{ key: 'k', metaKey: true }, 'Mod+k'],
  [{ key: '?', shiftKey: true }, '?'],
  [{ key: 'X', shiftKey: true }, 'Shift+x'],
  [{ key: 'Enter', shiftKey: true }, 'Shift+Enter'],
  [{ key: 'Shift', shiftKey: true }, undefined],
  [{ key: 'a', altKey: true }, undefined],
])('%o is %s', (pressed, name) => {
  expect(keyName({ ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...pressed })).toBe(name);
});
