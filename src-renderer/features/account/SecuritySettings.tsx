import { useState } from 'react';
import { formErrors } from '../../api/formErrors';
import { useRpc, useVerb } from '../../api/rpc';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog';
import { ErrorState } from '../../ui/ErrorState';
import { Field, FieldError } from '../../ui/fields/Field';
import { Input } from '../../ui/fields/Input';
import { Card } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';

/** How I sign in: the password, and accounts elsewhere. */
export function SecuritySettings() {
  return (
    <div className="flex flex-col gap-4">
      <Password />
      <Identities />
    </div>
  );
}

function Password() {
  const account = useRpc('account.get', {});
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const save = useVerb('account.setPassword', {
    onError: () => undefined,
    done: 'The password is set. Your other sessions have ended.',
    invalidates: [['account.get'], ['account.sessions']],
    onSuccess: () => {
      setCurrent('');
      setPassword('');
    },
  });
  if (account.error !== null) return <ErrorState title="Your account could not be loaded" error={account.error} onRetry={() => void account.refetch()} />;
  if (account.isPending) return <SkeletonRows rows={3} label="Loading your account" />;
  const { hasPassword, passwordChangedAt, name } = account.data;
  const errors = formErrors(save.error, { current: 'currentPassword', password: 'password' });
  const isReady = password !== '' && (!hasPassword || current !== '');
  return (
    <Card title={hasPassword ? 'Change the password' : 'Set a password'}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady && !save.isPending) save.mutate({ password, ...(hasPassword ? { currentPassword: current } : {}) });
        }}
      >
        <p className="text-muted">{hasPassword ? <>Last changed <Time at={passwordChangedAt} />.</> : 'You have none: you sign in by other ways.'} Setting it ends your sessions in other browsers.</p>
        <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
        {hasPassword && (
          <Field label="Present password" required error={errors.at.current}>{(control) => <Input {...control} type="password" autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.target.value)} />}</Field>
        )}
        <Field label="New password" required error={errors.at.password} help="At least 12 characters. A few words that only you put together are good.">
          {(control) => <Input {...control} type="password" autoComplete="new-password" value={password} onChange={(event) => setPassword(event.target.value)} />}
        </Field>
        {errors.rest !== undefined && <FieldError>{errors.rest}</FieldError>}
        <div><Button type="submit" variant="primary" pending={save.isPending} disabled={!isReady}>Set the password</Button></div>
      </form>
    </Card>
  );
}

function Identities() {
  const list = useRpc('account.identities', {});
  const [asking, setAsking] = useState<{ provider: string; subject: string; displayName: string }>();
  const unlink = useVerb('account.unlinkIdentity', { done: 'You no longer sign in by it', invalidates: [['account.identities']] });
  return (
    <Card title="Accounts elsewhere" padded={false}>
      {list.error !== null ? <ErrorState title="They could not be loaded" error={list.error} onRetry={() => void list.refetch()} />
        : list.isPending ? <SkeletonRows rows={2} label="Loading accounts elsewhere" />
          : list.data.identities.length === 0 && <p className="p-3 text-muted">None is linked. Signing in by a provider links it, when it vouches for your e-mail address.</p>}
      <ul aria-label="Accounts elsewhere" className="divide-y">
        {list.data?.identities.map(({ provider, displayName, subject, login, linkedAt }) => (
          <li key={`${provider} ${subject}`} className="flex flex-wrap items-center gap-3 px-3 py-2.5">
            <div className="min-w-0 flex-1"><p className="font-medium">{displayName}</p><p className="truncate text-xs text-subtle">{login ?? subject}{linkedAt !== undefined && <> · linked <Time at={linkedAt} /></>}</p></div>
            <Button size="sm" disabled={unlink.isPending} onClick={() => setAsking({ provider, subject, displayName })}>Unlink</Button>
          </li>
        ))}
      </ul>
      <ConfirmDialog
        open={asking !== undefined}
        onOpenChange={() => setAsking(undefined)}
        title={`Unlink ${asking?.displayName ?? ''}?`}
        confirmLabel="Unlink"
        onConfirm={() => {
          if (asking !== undefined) unlink.mutate({ provider: asking.provider, subject: asking.subject });
          setAsking(undefined);
        }}
      >
        You can no longer sign in by it. See to it that you have another way.
      </ConfirmDialog>
    </Card>
  );
}
