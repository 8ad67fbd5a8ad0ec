import type { ReactNode } from 'react';
import { CodeBlock } from '../../ui/text/CodeBlock';

/** The steps of one way in, numbered. */
export function Steps({ children }: { children: ReactNode }) {
  return <ol className="flex flex-col gap-4 [counter-reset:step]">{children}</ol>;
}

export interface StepProps {
  readonly title: ReactNode;
  /** To paste; `language` as the highlighter calls it. */
  readonly code?: string;
  readonly language?: string;
  readonly children?: ReactNode;
}

/** One thing to do. */
export function Step({ title, code, language = 'bash', children }: StepProps) {
  return (
    <li className="flex min-w-0 flex-col gap-1.5 [counter-increment:step]">
      <p className="before:mr-2 before:inline-flex before:size-5 before:items-center before:justify-center before:rounded-full before:bg-sunken before:text-2xs before:font-semibold before:text-muted before:content-[counter(step)]">{title}</p>
      {code !== undefined && <CodeBlock language={language} code={code} />}
      {children}
    </li>
  );
}
