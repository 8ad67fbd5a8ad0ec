import { useState } from 'react';
import { formErrors } from '../../api/formErrors';
import { useRpc, useVerb, type OutputOf } from '../../api/rpc';
import { Avatar } from '../../ui/Avatar';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { ErrorState } from '../../ui/ErrorState';
import { Field, FieldError } from '../../ui/fields/Field';
import { Input } from '../../ui/fields/Input';
import { Card } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';

/** What people call me, and where they write to me. */
export function ProfileSettings() {
  const account = useRpc('account.get', {});
  if (account.error !== null) return <ErrorState title="Your account could not be loaded" error={account.error} onRetry={() => void account.refetch()} />;
  if (account.isPending) return <SkeletonRows rows={4} label="Loading your account" />;
  // Made anew when somebody else changes it, so that the fields start from what is there.
  return <ProfileForm key={`${account.data.displayName} ${account.data.email ?? ''}`} account={account.data} />;
}

function ProfileForm({ account }: { account: OutputOf<'account.get'> }) {
  const [displayName, setDisplayName] = useState(account.displayName);
  const [email, setEmail] = useState(account.email ?? '');
  const save = useVerb('account.update', { onError: () => undefined, done: 'Saved', invalidates: [['account.get'], ['system.info']] });
  const errors = formErrors(save.error, { displayName: ['displayName', 'spec.displayName'], email: ['email', 'spec.email'] });
  const isChanged = displayName.trim() !== account.displayName || email.trim() !== (account.email ?? '');
  return (
    <Card>
      <div className="mb-4 flex flex-wrap items-center gap-4">
        <Avatar name={account.displayName} size={48} />
        <div className="min-w-0">
          <p className="flex flex-wrap items-center gap-2 text-lg font-semibold">{account.displayName}{account.administrator && <Badge tone="info" title="Acts in every organization">administrator of the installation</Badge>}</p>
          <p className="text-muted">{account.name}</p>
          <p className="text-xs text-subtle">Here since <Time at={account.createdAt} />{account.lastSignInAt !== undefined && <>, last signed in <Time at={account.lastSignInAt} /></>}</p>
        </div>
      </div>
      <form
        className="flex flex-col gap-4 border-t pt-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (isChanged && !save.isPending) save.mutate({ displayName: displayName.trim(), ...(email.trim() === '' ? {} : { email: email.trim() }) });
        }}
      >
        <Field label="Name" required error={errors.at.displayName}>{(control) => <Input {...control} value={displayName} autoComplete="name" onChange={(event) => setDisplayName(event.target.value)} />}</Field>
        <Field label="E-mail" error={errors.at.email} help={account.emailVerified && email === account.email ? 'Proved to be yours.' : 'Name and e-mail are what your merges are committed with.'}>
          {(control) => <Input {...control} type="email" value={email} autoComplete="email" onChange={(event) => setEmail(event.target.value)} />}
        </Field>
        {errors.rest !== undefined && <FieldError>{errors.rest}</FieldError>}
        <div><Button type="submit" variant="primary" pending={save.isPending} disabled={!isChanged || displayName.trim() === ''}>Save</Button></div>
      </form>
    </Card>
  );
}
