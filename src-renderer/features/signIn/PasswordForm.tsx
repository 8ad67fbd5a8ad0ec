import { useState } from 'react';
import { isApiError } from '../../api/errors';
import { formErrors } from '../../api/formErrors';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/fields/Field';
import { Input } from '../../ui/fields/Input';
import { signInByPassword } from './signInApi';

export function PasswordForm({ next, onDone }: { next: string | undefined; onDone: (href: string) => Promise<void> }) {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<unknown>();
  const [pending, setPending] = useState(false);
  const submit = async () => {
    setPending(true);
    setError(undefined);
    try {
      const { next: href } = await signInByPassword({ username, password, ...(next === undefined ? {} : { next }) });
      await onDone(href);
    } catch (cause) {
      setError(cause);
      setPending(false);
    }
  };
  const errors = formErrors(error, { username: 'username', password: 'password' });
  return (
    <form
      className="flex flex-col gap-3 rounded-lg border bg-surface p-4"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Field label="Name or e-mail" error={errors.at.username}>
        {(control) => <Input {...control} name="username" autoFocus autoCapitalize="none" spellCheck={false} autoComplete="username" value={username} onChange={(event) => setUsername(event.target.value)} />}
      </Field>
      <Field label="Password" error={errors.at.password ?? (isApiError(error, 'Unauthorized') ? 'This name and password do not fit together.' : errors.rest)}>
        {(control) => <Input {...control} name="password" type="password" autoComplete="current-password" value={password} onChange={(event) => setPassword(event.target.value)} />}
      </Field>
      <Button type="submit" variant="primary" className="justify-center" pending={pending} disabled={username.trim() === '' || password === ''}>Sign in</Button>
    </form>
  );
}
