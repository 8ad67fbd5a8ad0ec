import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { errorMessage, fieldErrors } from '../../api/errors';
import { useRpc, useVerb } from '../../api/rpc';
import { resourceHref } from '../../shell/objectHref';
import { useOrg } from '../../shell/useOrg';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { ErrorState } from '../../ui/ErrorState';
import { Field, FieldError } from '../../ui/Field';
import { Input } from '../../ui/Input';
import { Card } from '../../ui/PageHeader';
import { PhaseBadge } from '../../ui/PhaseBadge';
import { SkeletonRows } from '../../ui/Skeleton';

/** The organizations of this server, and a new one. */
export function OrganizationSettings() {
  const org = useOrg();
  const list = useRpc('orgs.list', {});
  const [displayName, setDisplayName] = useState('');
  const [slug, setSlug] = useState<string>();
  const name = slug ?? displayName.toLowerCase().replace(/[^a-z0-9-]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 63);
  const create = useVerb('orgs.create', {
    onError: () => undefined,
    done: 'The organization was made',
    invalidates: [['orgs.list'], ['system.info']],
    onSuccess: () => {
      setDisplayName('');
      setSlug(undefined);
    },
  });
  const errors = fieldErrors(create.error);
  return (
    <div className="flex flex-col gap-4">
      <Card title="Organizations" padded={false}>
        {list.isPending && <SkeletonRows rows={2} />}
        {list.error !== null && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
        <ul className="divide-y">
          {list.data?.organizations.map((each) => (
            <li key={each.slug} className="flex flex-wrap items-center gap-3 px-3 py-2.5">
              <div className="min-w-0 flex-1">
                <p className="flex items-center gap-2"><Link to="/o/$org" params={{ org: each.slug }} className="font-medium hover:text-accent hover:underline">{each.displayName}</Link>{each.slug === org && <Badge tone="accent">this one</Badge>}</p>
                <p className="font-mono text-xs text-subtle">{each.namespace}</p>
              </div>
              {each.phase !== undefined && <PhaseBadge phase={each.phase} />}
              <Button asChild size="sm"><Link to={resourceHref(org, 'organizations', each.slug)}>Details</Link></Button>
            </li>
          ))}
        </ul>
      </Card>
      <Card title="New organization">
        <form
          className="flex flex-col gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate({ slug: name, displayName: displayName.trim() });
          }}
        >
          <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
            <Field label="Name" error={errors.displayName}>{(control) => <Input {...control} value={displayName} onChange={(event) => setDisplayName(event.target.value)} />}</Field>
            <Field label="Short name" help="Part of every address; cannot be changed." error={errors.slug ?? errors['metadata.name']}>{(control) => <Input {...control} mono value={name} onChange={(event) => setSlug(event.target.value)} />}</Field>
          </div>
          {create.error !== null && Object.keys(errors).length === 0 && <FieldError>{errorMessage(create.error)}</FieldError>}
          <div className="flex justify-end"><Button type="submit" variant="primary" icon={<Plus />} pending={create.isPending} disabled={displayName.trim() === '' || name === ''}>Create</Button></div>
        </form>
      </Card>
    </div>
  );
}
