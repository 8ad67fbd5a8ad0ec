import { Link } from '@tanstack/react-router';
import { useLiveObject } from '../../api/liveList';
import { signOut } from '../../shell/session';
import { useInfo } from '../../shell/useInfo';
import { Avatar } from '../../ui/Avatar';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/PageHeader';
import { Time } from '../../ui/Time';

/** Organization that holds the accounts of local mode. */
const ACCOUNTS_ORG = 'default';

/** Who I am here. */
export function ProfileSettings() {
  const actor = useInfo()?.actor;
  const { object } = useLiveObject('users', { org: ACCOUNTS_ORG, name: actor?.name ?? '' }, { enabled: actor?.kind === 'user' });
  if (actor === undefined) return null;
  return (
    <Card>
      <div className="flex flex-wrap items-center gap-4">
        <Avatar name={object?.spec.displayName ?? actor.displayName} size={48} />
        <div className="min-w-0 flex-1">
          <p className="flex flex-wrap items-center gap-2 text-lg font-semibold">{object?.spec.displayName ?? actor.displayName}{object?.spec.admin === true && <Badge tone="accent">administrator</Badge>}</p>
          <p className="text-muted">{actor.name}{(object?.spec.email ?? actor.email) !== undefined && ` · ${object?.spec.email ?? actor.email ?? ''}`}</p>
          {object?.status?.lastSignInAt !== undefined && <p className="text-xs text-subtle">Last signed in <Time at={object.status.lastSignInAt} /></p>}
        </div>
        <div className="flex gap-2">
          {object !== undefined && <Button asChild><Link to="/o/$org/resources/$plural/$name" params={{ org: ACCOUNTS_ORG, plural: 'users', name: object.metadata.name }} search={{ tab: 'edit' }}>Edit</Link></Button>}
          <Button onClick={() => void signOut()}>Sign out</Button>
        </div>
      </div>
      <p className="mt-4 border-t pt-3 text-xs text-subtle">Name and e-mail are what your merges are committed with.</p>
    </Card>
  );
}
