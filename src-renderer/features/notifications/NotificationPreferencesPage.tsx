import { useState } from 'react';
import { NOTIFICATION_TYPES, notificationPreferences, type NotificationPreferences, type NotificationPreferencesView, type NotificationType } from '#shared/api/notifications';
import type { ApiError } from '../../api/errors';
import { formErrors } from '../../api/formErrors';
import { useRpc, useVerb } from '../../api/rpc';
import { Button } from '../../ui/Button';
import { CopyButton } from '../../ui/CopyButton';
import { ErrorState } from '../../ui/ErrorState';
import { Field } from '../../ui/fields/Field';
import { Input } from '../../ui/fields/Input';
import { Card, PageBody } from '../../ui/PageHeader';
import { Select } from '../../ui/fields/Select';
import { SkeletonRows } from '../../ui/Skeleton';
import { Switch } from '../../ui/fields/Switch';
import { Time } from '../../ui/Time';
import { useTitle } from '../../ui/useTitle';
import { canShow } from './announce';
import { NotificationsHeader } from './NotificationsHeader';
import { TYPE_LABELS } from './typeLabels';

/** What I am told of, and how. Switches hold at once; the webhook is saved by its button. */
export function NotificationPreferencesPage() {
  useTitle('Notification preferences');
  return (
    <>
      <NotificationsHeader />
      <PageBody><div className="max-w-3xl"><Preferences /></div></PageBody>
    </>
  );
}

function Preferences() {
  const preferences = useRpc('notifications.preferences', {});
  const save = useVerb('notifications.setPreferences', { invalidates: [['notifications.preferences']] });
  if (preferences.error !== null) return <ErrorState title="Your preferences could not be loaded" error={preferences.error} onRetry={() => void preferences.refetch()} />;
  if (preferences.data === undefined) return <SkeletonRows label="Loading your preferences" />;
  const { webhookStatus: _status, ...current } = preferences.data;
  // What was just switched is shown before the server has it.
  const shown: NotificationPreferences = save.isPending ? notificationPreferences.parse({ ...current, ...save.variables }) : current;
  const change = (next: Partial<NotificationPreferences>) => save.mutate({ ...shown, ...next });
  return (
    <div className="flex flex-col gap-4">
      <Card title="What I am told of" padded={false}>
        <ul>{NOTIFICATION_TYPES.map((type) => <TypeRow key={type} type={type} preferences={shown} onChange={change} />)}</ul>
      </Card>
      <Card title="This browser">
        <div className="flex flex-col gap-3">
          <BrowserPermission />
          <label className="flex items-center gap-3"><Switch checked={shown.sound} onCheckedChange={(sound) => change({ sound })} />A short sound with each</label>
        </div>
      </Card>
      <Webhook key={current.webhook?.url ?? ''} preferences={preferences.data} />
    </div>
  );
}

const ABOUT = [{ value: 'mine', label: 'Mine' }, { value: 'all', label: 'All that I may see' }, { value: 'none', label: 'Nothing' }] as const;

function TypeRow({ type, preferences, onChange }: { type: NotificationType; preferences: NotificationPreferences; onChange: (next: Partial<NotificationPreferences>) => void }) {
  const { title, about } = TYPE_LABELS[type];
  const channel = preferences.types[type];
  const set = (next: Partial<typeof channel>) => onChange({ types: { ...preferences.types, [type]: { ...channel, ...next } } });
  const off = channel.about === 'none';
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-2 border-b px-3 py-3 last:border-b-0">
      <div className="min-w-0 flex-1 basis-56">
        <h3 className="font-semibold">{title}</h3>
        <p className="text-muted">{about}</p>
      </div>
      <Select aria-label={`${title}: which`} size="sm" className="w-44 max-sm:w-full" value={channel.about} onValueChange={(value) => set({ about: value })} options={ABOUT} />
      <label className="flex items-center gap-2"><Switch aria-label={`${title}: on the desktop`} disabled={off} checked={channel.desktop && !off} onCheckedChange={(desktop) => set({ desktop })} />Desktop</label>
      <label className="flex items-center gap-2"><Switch aria-label={`${title}: to the webhook`} disabled={off || preferences.webhook === undefined} checked={channel.webhook && !off && preferences.webhook !== undefined} onCheckedChange={(webhook) => set({ webhook })} />Webhook</label>
    </li>
  );
}

function BrowserPermission() {
  const [permission, setPermission] = useState(canShow);
  if (permission === 'unsupported') return <p className="text-muted">This browser shows no notifications outside the page.</p>;
  if (permission === 'granted') return <p className="text-muted">This browser shows notifications outside the page while you look at something else.</p>;
  if (permission === 'denied') return <p className="text-muted">This browser was told to show nothing of this site. Its settings for the site change that.</p>;
  return (
    <div className="flex flex-wrap items-center gap-3">
      <p className="flex-1 basis-56 text-muted">This browser has not been asked yet whether it may show notifications outside the page.</p>
      <Button onClick={() => void Notification.requestPermission().then(setPermission)}>Ask it</Button>
    </div>
  );
}

function Webhook({ preferences }: { preferences: NotificationPreferencesView }) {
  const { webhookStatus: status, ...current } = preferences;
  const [url, setUrl] = useState(current.webhook?.url ?? '');
  const [failure, setFailure] = useState<ApiError>();
  const save = useVerb('notifications.setPreferences', { invalidates: [['notifications.preferences']], done: 'Saved', onSuccess: () => setFailure(undefined), onError: setFailure });
  const errors = formErrors(failure, { url: 'webhook' });
  const { webhook: _previous, ...others } = current;
  return (
    <Card title="Webhook">
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(url.trim() === '' ? others : { ...others, webhook: { url: url.trim() } });
        }}
      >
        <p className="text-muted">Each notification is sent there as JSON, signed by the rules of <a className="text-accent underline" href="https://www.standardwebhooks.com" rel="noreferrer" target="_blank">Standard Webhooks</a>, again after a failure, four times at most.</p>
        <Field label="Address" error={errors.at.url ?? errors.rest}>
          {(control) => <Input {...control} type="url" placeholder="https://example.com/hooks/kradle" value={url} onChange={(event) => setUrl(event.target.value)} />}
        </Field>
        {status !== undefined && (
          <dl className="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-1.5">
            <dt className="text-muted">Signing secret</dt>
            <dd className="flex min-w-0 items-center gap-1"><code className="truncate font-mono text-xs">{status.signingSecret.slice(0, 12)}…</code><CopyButton label="Copy the signing secret" text={status.signingSecret} /></dd>
            <dt className="text-muted">Last taken</dt>
            <dd>{status.deliveredAt === undefined ? 'never' : <Time at={status.deliveredAt} />}</dd>
            {status.failedAt !== undefined && <><dt className="text-muted">Last failure</dt><dd className="text-danger"><Time at={status.failedAt} />: {status.message}</dd></>}
            {status.waiting > 0 && <><dt className="text-muted">Waiting</dt><dd>{status.waiting}</dd></>}
          </dl>
        )}
        <div><Button type="submit" variant="primary" pending={save.isPending} disabled={url.trim() === (current.webhook?.url ?? '')}>Save</Button></div>
      </form>
    </Card>
  );
}
