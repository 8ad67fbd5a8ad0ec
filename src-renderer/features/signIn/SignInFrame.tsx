import type { ReactNode } from 'react';
import { Mark } from '../../shell/Mark';

/** A page outside the console: one column in the middle, under the mark. */
export function SignInFrame({ title, subtitle, children }: { title: string; subtitle?: string | undefined; children: ReactNode }) {
  return (
    <main id="main" className="flex h-full items-start justify-center overflow-auto px-4 py-[8vh] sm:py-[12vh]">
      <div className="flex w-full max-w-sm flex-col gap-5">
        <div className="flex items-center gap-3">
          <Mark size={36} />
          <div className="min-w-0">
            <h1 className="text-xl font-semibold">{title}</h1>
            {subtitle !== undefined && <p className="text-muted">{subtitle}</p>}
          </div>
        </div>
        {children}
      </div>
    </main>
  );
}
