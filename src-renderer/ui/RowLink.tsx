import { createLink } from '@tanstack/react-router';
import { clsx } from 'clsx';
import type { ComponentProps } from 'react';

/** The link of a row: its area is the whole row, so that a click, a middle click and "open in a new tab" work anywhere on it. */
export const RowLink = createLink(RowAnchor);

function RowAnchor({ className, ...rest }: ComponentProps<'a'>) {
  return <a data-row-link className={clsx('truncate font-medium text-fg after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-focus', className)} {...rest} />;
}
