import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

/** A link to another object. */
export function ObjectLink({ href, children }: { href: string; children: ReactNode }) {
  return <Link to={href} className="min-w-0 truncate rounded-sm text-accent hover:underline">{children}</Link>;
}
