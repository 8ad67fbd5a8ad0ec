import { CircleAlert, CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';

/** One thing to know before going on. */
export function Notice({ tone, children }: { tone: 'success' | 'warning'; children: ReactNode }) {
  const Icon = tone === 'success' ? CircleCheck : CircleAlert;
  return (
    <div role={tone === 'warning' ? 'alert' : 'status'} className={`flex items-start gap-2 rounded-md px-3 py-2 ${tone === 'success' ? 'bg-success-soft' : 'bg-warning-soft'}`}>
      <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${tone === 'success' ? 'text-success' : 'text-warning'}`} />
      <p className="min-w-0">{children}</p>
    </div>
  );
}
