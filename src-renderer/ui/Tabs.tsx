import { createLink } from '@tanstack/react-router';
import { clsx } from 'clsx';
import type { ComponentProps, ReactNode } from 'react';

/** A row of links that are the parts of one page. The URL says which is open. */
export function Tabs({ label, children, className }: { label: string; children: ReactNode; className?: string }) {
  return (
    <nav aria-label={label} className={clsx('-mb-px flex gap-1 overflow-x-auto overflow-y-hidden', className)}>
      {children}
    </nav>
  );
}

interface TabAnchorProps extends ComponentProps<'a'> {
  icon?: ReactNode;
  count?: number | undefined;
  /** Says itself whether the tab is open, where its address alone does not. */
  open?: boolean;
  'data-status'?: string;
}

function TabAnchor({ icon, count, open, children, className, ...rest }: TabAnchorProps) {
  return (
    <a
      className={clsx(
        'flex h-9 shrink-0 items-center gap-1.5 border-b-2 border-transparent px-2.5 text-sm text-muted hover:text-fg focus-visible:-outline-offset-2 [&_svg]:size-3.5',
        'data-[status=active]:border-accent data-[status=active]:font-medium data-[status=active]:text-fg',
        className,
      )}
      {...rest}
      {...(open === undefined ? {} : { 'data-status': open ? 'active' : undefined, 'aria-current': open ? 'page' : undefined })}
    >
      {icon}
      {children}
      {count !== undefined && <span className="rounded-full bg-sunken px-1.5 text-2xs leading-4.5 font-medium text-muted">{count.toLocaleString('en')}</span>}
    </a>
  );
}

/** One tab: a typed link. `activeOptions={{ exact: true }}` for the first one. */
export const Tab = createLink(TabAnchor);
