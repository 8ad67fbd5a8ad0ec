import type { ReactNode } from 'react';
import { CodeBlock } from './text/CodeBlock';

export interface EmptyStateProps {
  icon?: ReactNode;
  title: string;
  /** Why it is empty and what would be here. */
  children?: ReactNode;
  /** The command that fills it. */
  command?: string;
  /** The button that fills it. */
  action?: ReactNode;
  /** It stands for the whole page: its title is the page's h1. */
  page?: boolean;
}

/** An honest nothing: what would be here, and how to make it so. */
export function EmptyState({ icon, title, children, command, action, page = false }: EmptyStateProps) {
  const Heading = page ? 'h1' : 'h2';
  return (
    <div className="mx-auto flex w-full max-w-lg flex-col items-center gap-3 px-4 py-12 text-center">
      {icon !== undefined && <span aria-hidden className="flex size-10 items-center justify-center rounded-lg border bg-surface text-subtle [&_svg]:size-5">{icon}</span>}
      <Heading className="text-base font-semibold">{title}</Heading>
      {children !== undefined && <div className="text-muted text-pretty">{children}</div>}
      {action !== undefined && <div className="flex flex-wrap justify-center gap-2">{action}</div>}
      {command !== undefined && (
        <div className="w-full text-left">
          <p className="mb-1 text-center text-xs text-subtle">or from a terminal</p>
          <CodeBlock code={command} language="bash" />
        </div>
      )}
    </div>
  );
}
