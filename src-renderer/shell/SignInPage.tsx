import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { errorMessage } from '../api/errors';
import { Button } from '../ui/Button';
import { CodeBlock } from '../ui/CodeBlock';
import { Field } from '../ui/Field';
import { Input } from '../ui/Input';
import { useTitle } from '../ui/useTitle';
import { Mark } from './Mark';
import { signIn } from './session';

/** For those whom the printed link did not sign in. */
export function SignInPage() {
  useTitle('Sign in');
  const { next, reason } = useSearch({ from: '/sign-in' });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [token, setToken] = useState('');
  const [error, setError] = useState<string>();
  const [pending, setPending] = useState(false);
  const submit = async () => {
    setPending(true);
    setError(undefined);
    try {
      await signIn(token.trim());
      queries.clear();
      await navigate({ href: next?.startsWith('/') === true && !next.startsWith('//') ? next : '/' });
    } catch (cause) {
      setError(errorMessage(cause));
      setPending(false);
    }
  };
  return (
    <main id="main" className="flex h-full items-start justify-center overflow-auto px-4 py-[12vh]">
      <div className="flex w-full max-w-md flex-col gap-5">
        <div className="flex items-center gap-3">
          <Mark size={36} />
          <div>
            <h1 className="text-xl font-semibold">Sign in to Kradle</h1>
            <p className="text-muted">{WHY[reason ?? ''] ?? 'This browser has no session here yet.'}</p>
          </div>
        </div>
        <form
          className="flex flex-col gap-3 rounded-lg border bg-surface p-4"
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <Field label="Token" error={error} help={<>It is in the file <code>admin-token</code> of the server&apos;s data folder.</>}>
            {(control) => <Input {...control} type="password" autoFocus mono value={token} autoComplete="current-password" onChange={(event) => setToken(event.target.value)} />}
          </Field>
          <Button type="submit" variant="primary" pending={pending} disabled={token.trim() === ''}>Sign in</Button>
        </form>
        <div className="flex flex-col gap-1.5">
          <p className="text-muted">Or use the link that the server prints when it starts; it works once. On the server&apos;s machine this prints another:</p>
          <CodeBlock code="npx kradle open" language="bash" />
        </div>
      </div>
    </main>
  );
}

const WHY: Readonly<Record<string, string>> = {
  link: 'The link was used already or is too old.',
  'signed-out': 'You are signed out.',
  expired: 'Your session has ended.',
};
