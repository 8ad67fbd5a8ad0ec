import { LoaderCircle } from 'lucide-react';

/** Says "busy" by motion only; put words beside it. */
export function Spinner({ className = '' }: { className?: string }) {
  return <LoaderCircle aria-hidden className={`size-3.5 animate-spin-slow ${className}`} />;
}
