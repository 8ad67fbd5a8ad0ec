import { clsx } from 'clsx';
import { memo } from 'react';
import type { AnsiSpan } from './ansi';

/** One line of terminal output in its colours. */
export const AnsiLine = memo(function AnsiLine({ spans }: { spans: readonly AnsiSpan[] }) {
  if (spans.length === 0) return '\n';
  return spans.map((span, index) =>
    span.className === '' && span.color === undefined && span.background === undefined ? (
      span.text
    ) : (
      <span key={index} className={clsx(classOf(span.className))} style={{ color: span.color, backgroundColor: span.background }}>
        {span.text}
      </span>
    ),
  );
});

const classes = new Map<string, string>();

function classOf(name: string): string {
  const known = classes.get(name);
  if (known !== undefined) return known;
  const made = name.split(' ').map((part) => CLASSES[part] ?? '').join(' ');
  classes.set(name, made);
  return made;
}

/** The sixteen terminal colours as the theme has them; both themes keep text readable on the sunken ground. */
const CLASSES: Readonly<Record<string, string>> = {
  'ansi-bold': 'font-semibold', 'ansi-dim': 'opacity-75', 'ansi-italic': 'italic', 'ansi-underline': 'underline', 'ansi-strike': 'line-through',
  'ansi-fg-0': 'text-subtle', 'ansi-fg-1': 'text-danger', 'ansi-fg-2': 'text-success', 'ansi-fg-3': 'text-warning',
  'ansi-fg-4': 'text-info', 'ansi-fg-5': 'text-merged', 'ansi-fg-6': 'text-accent', 'ansi-fg-7': 'text-muted',
  'ansi-fg-8': 'text-subtle', 'ansi-fg-9': 'text-danger', 'ansi-fg-10': 'text-success', 'ansi-fg-11': 'text-warning',
  'ansi-fg-12': 'text-info', 'ansi-fg-13': 'text-merged', 'ansi-fg-14': 'text-accent', 'ansi-fg-15': 'text-fg', 'ansi-fg-inverse': 'text-canvas',
  'ansi-bg-0': 'bg-line', 'ansi-bg-1': 'bg-danger-soft', 'ansi-bg-2': 'bg-success-soft', 'ansi-bg-3': 'bg-warning-soft',
  'ansi-bg-4': 'bg-info-soft', 'ansi-bg-5': 'bg-merged-soft', 'ansi-bg-6': 'bg-accent-soft', 'ansi-bg-7': 'bg-line',
  'ansi-bg-8': 'bg-line', 'ansi-bg-9': 'bg-danger-soft', 'ansi-bg-10': 'bg-success-soft', 'ansi-bg-11': 'bg-warning-soft',
  'ansi-bg-12': 'bg-info-soft', 'ansi-bg-13': 'bg-merged-soft', 'ansi-bg-14': 'bg-accent-soft', 'ansi-bg-15': 'bg-line', 'ansi-bg-inverse': 'bg-fg',
};
