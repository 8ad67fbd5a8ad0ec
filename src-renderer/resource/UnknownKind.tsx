import { Link } from '@tanstack/react-router';
import { Boxes } from 'lucide-react';
import { useOrg } from '../shell/useOrg';
import { Button } from '../ui/Button';
import { EmptyState } from '../ui/EmptyState';

/** The address names a kind that the server does not know. */
export function UnknownKind({ name }: { name: string }) {
  const org = useOrg();
  return (
    <EmptyState page icon={<Boxes />} title={`There is no kind “${name}”`} action={<Button asChild><Link to="/o/$org/resources" params={{ org }}>All kinds</Link></Button>}>
      It may be spelled differently, or this server is older than the page that linked here.
    </EmptyState>
  );
}
