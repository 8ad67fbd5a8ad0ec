import { Link } from '@tanstack/react-router';

/** Where a token comes from. */
export function TokenLink({ children }: { children: string }) {
  return <Link to="/account/$section" params={{ section: 'tokens' }} search={{ new: '1' }} className="rounded-sm text-accent underline">{children}</Link>;
}
