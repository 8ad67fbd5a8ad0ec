import { Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { Button } from '../ui/Button';
import { EmptyState } from '../ui/EmptyState';
import { useTitle } from '../ui/useTitle';

/** No page has this address. */
export function NotFoundPage() {
  useTitle('Not found');
  return (
    <EmptyState page icon={<Compass />} title="There is no page here" action={<Button asChild><Link to="/">Go home</Link></Button>}>
      The address may be mistyped, or what it showed was renamed. Search with the command palette finds everything that is here.
    </EmptyState>
  );
}
