import type { ReactNode } from 'react';

export interface PageHeaderProps {
  title: ReactNode;
  /** In front of the title: an icon, a state. */
  icon?: ReactNode;
  /** Behind the title, in its line: badges. */
  badges?: ReactNode;
  description?: ReactNode;
  /** Buttons; the main one last. */
  actions?: ReactNode;
  tabs?: ReactNode;
}

/** The head of a page. Its title is the page's only h1. */
export function PageHeader({ title, icon, badges, description, actions, tabs }: PageHeaderProps) {
  return (
    <header className={`shrink-0 border-b bg-surface px-4 pt-3 sm:px-5 ${tabs === undefined ? 'pb-3' : ''}`}>
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <h1 className="flex flex-wrap items-center gap-2 text-lg font-semibold">
            {icon !== undefined && <span className="text-subtle [&_svg]:size-4.5">{icon}</span>}
            <span className="min-w-0 break-words">{title}</span>
            {badges}
          </h1>
          {description !== undefined && <div className="mt-0.5 max-w-prose text-muted">{description}</div>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {tabs !== undefined && <div className="mt-1.5">{tabs}</div>}
    </header>
  );
}

/** The line between the head of a page and its list: what the list is filtered by, and what can be made. */
export function FilterBar({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap items-center gap-2 border-b px-4 py-2 sm:px-5">{children}</div>;
}

/** The scrolling part of a page under its head. */
export function PageBody({ children, className = '' }: { children: ReactNode; className?: string }) {
  // Focusable, so that the keyboard scrolls a page that has nothing else to focus.
  return <div tabIndex={0} className={`relative min-h-0 flex-1 overflow-auto px-4 py-4 -outline-offset-2 sm:px-5 ${className}`}>{children}</div>;
}

/** A titled box. */
export function Card({ title, actions, children, className = '', padded = true }: { title?: ReactNode; actions?: ReactNode; children: ReactNode; className?: string; padded?: boolean }) {
  return (
    <section className={`min-w-0 rounded-lg border bg-surface ${className}`}>
      {title !== undefined && (
        <div className="flex min-h-10 flex-wrap items-center gap-x-2 gap-y-1.5 border-b px-3 py-1.5">
          <h2 className="min-w-0 flex-auto text-sm font-semibold">{title}</h2>
          {actions !== undefined && <div className="ml-auto flex max-w-full flex-wrap items-center justify-end gap-2">{actions}</div>}
        </div>
      )}
      <div className={padded ? 'p-3' : ''}>{children}</div>
    </section>
  );
}
