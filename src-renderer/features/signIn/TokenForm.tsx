import { useState } from 'react';
import { errorMessage } from '../../api/errors';
import { signIn } from '../../shell/session';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/fields/Field';
import { Input } from '../../ui/fields/Input';

export function TokenForm({ autoFocus = false, onDone }: { autoFocus?: boolean; onDone: () => Promise<void> }) {
  const [token, setToken] = useState('');
  const [error, setError] = useState<string>();
  const [pending, setPending] = useState(false);
  const submit = async () => {
    setPending(true);
    setError(undefined);
    try {
      await signIn(token.trim());
      await onDone();
    } catch (cause) {
      setError(errorMessage(cause));
      setPending(false);
    }
  };
  return (
    <form
      className="flex flex-col gap-3 rounded-lg border bg-surface p-4"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Field label="Token" error={error} help={<>It is in the file <code>admin-token</code> of the server&apos;s data folder.</>}>
        {(control) => <Input {...control} type="password" autoFocus={autoFocus} mono value={token} autoComplete="off" onChange={(event) => setToken(event.target.value)} />}
      </Field>
      <Button type="submit" variant={autoFocus ? 'primary' : 'secondary'} className="justify-center" pending={pending} disabled={token.trim() === ''}>Sign in</Button>
    </form>
  );
}
