import { ChevronRight } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';

/** Where the page is; every step but the last is a link. */
export function Breadcrumbs({ steps }: { steps: readonly ReactNode[] }) {
  return (
    <nav aria-label="Breadcrumb" className="min-w-0">
      <ol className="flex min-w-0 items-center gap-1 text-sm text-muted">
        {steps.map((step, index) => (
          <Fragment key={index}>
            {index > 0 && <ChevronRight aria-hidden className="size-3.5 shrink-0 text-subtle" />}
            <li className="min-w-0 truncate last:font-medium last:text-fg [&_a]:rounded-sm [&_a:hover]:text-fg" {...(index === steps.length - 1 ? { 'aria-current': 'page' as const } : {})}>{step}</li>
          </Fragment>
        ))}
      </ol>
    </nav>
  );
}
