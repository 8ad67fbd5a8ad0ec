import { useSearch } from '@tanstack/react-router';
import { Check, MonitorSmartphone, X } from 'lucide-react';
import { useState } from 'react';
import { errorMessage } from '../../api/errors';
import { useRpc, useVerb } from '../../api/rpc';
import { useInfo } from '../../shell/useInfo';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/fields/Field';
import { Input } from '../../ui/fields/Input';
import { Notice } from './Notice';
import { Skeleton } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';
import { useTitle } from '../../ui/useTitle';
import { SignInFrame } from './SignInFrame';

/** Where a person lets a program in that showed them a code: the command line of another machine. */
export function DevicePage() {
  useTitle('Sign a program in');
  const { code: given } = useSearch({ from: '/device' });
  const [typed, setTyped] = useState(given ?? '');
  const [code, setCode] = useState(given);
  const name = useInfo()?.actor.displayName;
  return (
    <SignInFrame title="Sign a program in" subtitle={name === undefined ? undefined : `You are ${name}.`}>
      {code === undefined ? (
        <form
          className="flex flex-col gap-3 rounded-lg border bg-surface p-4"
          onSubmit={(event) => {
            event.preventDefault();
            setCode(typed);
          }}
        >
          <Field label="Code" help="The program shows it, in the terminal where you started the sign-in.">
            {(control) => <Input {...control} mono autoFocus autoCapitalize="characters" autoComplete="off" spellCheck={false} placeholder="BCDF-GHJK" value={typed} onChange={(event) => setTyped(event.target.value)} />}
          </Field>
          <Button type="submit" variant="primary" className="justify-center" disabled={typed.replace(/[^a-z]/gi, '').length < 8}>Go on</Button>
        </form>
      ) : (
        <Decision code={code} onAnother={() => setCode(undefined)} />
      )}
    </SignInFrame>
  );
}

function Decision({ code, onAnother }: { code: string; onAnother: () => void }) {
  const request = useRpc('device.get', { userCode: code }, { staleTime: Infinity });
  const approve = useVerb('device.approve');
  const deny = useVerb('device.deny');
  if (request.isPending) return <Skeleton className="h-40 w-full" />;
  if (request.error !== null) {
    return (
      <>
        <Notice tone="warning">{errorMessage(request.error)}</Notice>
        <Button className="justify-center" onClick={onAnother}>Type another code</Button>
      </>
    );
  }
  const state = approve.data?.state ?? deny.data?.state ?? request.data.state;
  const { title, address, createdAt, userCode } = request.data;
  if (state === 'approved') return <Notice tone="success">{title} is signed in as you. You can close this page and go back to it. Its token is among yours, where you can revoke it.</Notice>;
  if (state === 'denied') return <Notice tone="warning">{title} was turned away. If you did not start this sign-in, somebody else did; nothing has happened.</Notice>;
  return (
    <div className="flex flex-col gap-4 rounded-lg border bg-surface p-4">
      <div className="flex items-start gap-3">
        <MonitorSmartphone aria-hidden className="mt-0.5 size-5 shrink-0 text-muted" />
        <div className="min-w-0">
          <p className="font-medium break-words">{title}</p>
          <p className="text-xs text-subtle">asked <Time at={createdAt} />{address === undefined ? '' : ` from ${address}`}</p>
        </div>
      </div>
      <p className="text-center font-mono text-xl tracking-widest" aria-label={`Code ${userCode}`}>{userCode}</p>
      <p className="text-muted">It gets a personal access token with which it may do all that you may. Go on only if you started this yourself and it shows the same code.</p>
      <div className="flex gap-2">
        <Button variant="primary" className="flex-1 justify-center" icon={<Check aria-hidden className="size-4" />} pending={approve.isPending} disabled={deny.isPending} onClick={() => approve.mutate({ userCode })}>Sign it in</Button>
        <Button className="flex-1 justify-center" icon={<X aria-hidden className="size-4" />} pending={deny.isPending} disabled={approve.isPending} onClick={() => deny.mutate({ userCode })}>Turn it away</Button>
      </div>
    </div>
  );
}
