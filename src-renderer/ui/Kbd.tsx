import { clsx } from 'clsx';

/** Keys to press: `g h`, `Mod K`. `Mod` is Cmd on a Mac and Ctrl elsewhere. */
export function Kbd({ children, inverted = false }: { children: string; inverted?: boolean }) {
  return (
    <span className="inline-flex items-center gap-0.5">
      {children.split(' ').map((key, index) => (
        <kbd
          key={index}
          className={clsx(
            'inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-sm border px-1 font-sans text-2xs font-medium',
            inverted ? 'border-canvas/30 text-canvas' : 'border-line bg-sunken text-muted',
          )}
        >
          {key === 'Mod' ? MOD_KEY : (NAMES[key.toLowerCase()] ?? key)}
        </kbd>
      ))}
    </span>
  );
}

/** What is printed on keys that browsers name otherwise. */
const NAMES: Readonly<Record<string, string>> = { arrowdown: '↓', arrowup: '↑', arrowleft: '←', arrowright: '→', enter: 'Enter', escape: 'Esc' };

/** What people here call the command key. */
export const MOD_KEY = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';
