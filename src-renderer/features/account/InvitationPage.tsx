import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { ORG_ROLE_TITLES } from '#shared/access/roleTitles';
import { ORG_ROLES } from '#shared/access/roles';
import type { InvitationView, NewAccount } from '#shared/api/people';
import { errorMessage, isApiError, toApiError, type ApiError } from '../../api/errors';
import { formErrors } from '../../api/formErrors';
import { rpcQuery } from '../../api/rpc';
import { Mark } from '../../shell/Mark';
import { signOut } from '../../shell/session';
import { Button } from '../../ui/Button';
import { ErrorState } from '../../ui/ErrorState';
import { Field, FieldError } from '../../ui/fields/Field';
import { Input } from '../../ui/fields/Input';
import { SkeletonRows } from '../../ui/Skeleton';
import { useTitle } from '../../ui/useTitle';
import { nameFrom } from '../people/nameFrom';
import { acceptInvitation, lookUpInvitation } from './invitationCalls';

/** What an invitation is to, and the ways to accept it: as who is signed in, with a new account, or after signing in. */
export function InvitationPage() {
  const { code = '' } = useParams({ strict: false });
  const invitation = useQuery({ queryKey: ['invitation', code], queryFn: ({ signal }) => lookUpInvitation(code, signal), retry: false, staleTime: Infinity });
  // Nobody has to be signed in here: who is not gets no answer, which is an answer.
  const me = useQuery({ ...rpcQuery('system.info', {}), retry: false });
  useTitle('Invitation', invitation.data?.organization.displayName);
  return (
    <main id="main" className="flex h-full items-start justify-center overflow-auto px-4 py-[10vh]">
      <div className="flex w-full max-w-md flex-col gap-5">
        {invitation.error !== null ? <NotGood error={toApiError(invitation.error)} onRetry={() => void invitation.refetch()} />
          : invitation.isPending || me.isPending ? <SkeletonRows rows={4} label="Loading the invitation" />
            : (
                <>
                  <Welcome invitation={invitation.data} />
                  {me.data?.actor.kind === 'user'
                    ? <AcceptAsMe code={code} invitation={invitation.data} name={me.data.actor.name} displayName={me.data.actor.displayName} />
                    : <AcceptAsNew code={code} invitation={invitation.data} />}
                </>
              )}
      </div>
    </main>
  );
}

function Welcome({ invitation: { organization, inviter, role, email } }: { invitation: InvitationView }) {
  const known = ORG_ROLES.find((each) => each === role);
  return (
    <div className="flex items-start gap-3">
      <Mark size={36} />
      <div className="min-w-0">
        <h1 className="text-xl font-semibold wrap-anywhere">Join {organization.displayName}</h1>
        <p className="text-muted"><span className="text-fg">{inviter}</span> invites <span className="text-fg wrap-anywhere">{email}</span> as <span className="text-fg">{role}</span>.</p>
        {known !== undefined && <p className="mt-1 text-xs text-subtle">{ORG_ROLE_TITLES[known]}</p>}
      </div>
    </div>
  );
}

function AcceptAsMe({ code, invitation, name, displayName }: { code: string; invitation: InvitationView; name: string; displayName: string }) {
  const accept = useAccept(code);
  const { organization } = invitation;
  return (
    <section aria-label="Accept" className={BOX}>
      <p>You are signed in as <span className="font-medium">{displayName}</span> <span className="text-subtle">({name})</span>.</p>
      {accept.error !== undefined && <FieldError>{errorMessage(accept.error)}</FieldError>}
      <div className="flex flex-wrap gap-2">
        {accept.error?.code === 'ALREADY_MEMBER'
          ? <Button variant="primary" asChild><Link to="/o/$org" params={{ org: organization.slug }}>Open {organization.displayName}</Link></Button>
          : <Button variant="primary" pending={accept.isPending} onClick={() => void accept.run()}>Accept as {displayName}</Button>}
        <Button variant="ghost" onClick={() => void signOut({ next: `/invites/${code}` })}>Use another account</Button>
      </div>
    </section>
  );
}

function AcceptAsNew({ code, invitation }: { code: string; invitation: InvitationView }) {
  const accept = useAccept(code);
  const suggested = nameFrom(invitation.email.split('@')[0] ?? '');
  const [displayName, setDisplayName] = useState('');
  const [typedName, setTypedName] = useState<string>();
  const [password, setPassword] = useState('');
  const username = typedName ?? suggested;
  const errors = formErrors(accept.error, { displayName: 'account.displayName', username: 'account.username', password: ['password', 'account.password'] });
  const isReady = displayName.trim() !== '' && username.trim() !== '' && password !== '';
  return (
    <>
      <form
        aria-label="New account"
        className={BOX}
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady && !accept.isPending) void accept.run({ username: username.trim(), displayName: displayName.trim(), password });
        }}
      >
        <h2 className="font-semibold">Make an account</h2>
        <Field label="Your name" required error={errors.at.displayName}>{(control) => <Input {...control} autoFocus autoComplete="name" value={displayName} onChange={(event) => setDisplayName(event.target.value)} />}</Field>
        <Field label="User name" required error={errors.at.username} help="You sign in with it, and others name you by it.">{(control) => <Input {...control} mono autoComplete="username" value={username} onChange={(event) => setTypedName(event.target.value)} />}</Field>
        <Field label="Password" required error={errors.at.password} help="At least 12 characters. A few words that only you put together are good.">{(control) => <Input {...control} type="password" autoComplete="new-password" value={password} onChange={(event) => setPassword(event.target.value)} />}</Field>
        {errors.rest !== undefined && <FieldError>{errors.rest}</FieldError>}
        <Button type="submit" variant="primary" pending={accept.isPending} disabled={!isReady}>Make the account and join</Button>
      </form>
      <p className="text-muted">You have one already? <Link to="/sign-in" search={{ next: `/invites/${code}` }} className="text-accent underline underline-offset-2">Sign in</Link>, and you come back here.</p>
    </>
  );
}

/** Accepts, signs a new account in, and opens the organization. */
function useAccept(code: string) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [error, setError] = useState<ApiError>();
  const [isPending, setPending] = useState(false);
  const run = async (account?: NewAccount) => {
    setPending(true);
    setError(undefined);
    try {
      const { org, isSignedIn } = await acceptInvitation(code, account);
      queries.clear();
      if (isSignedIn) await navigate({ to: '/o/$org', params: { org } });
      else await navigate({ to: '/sign-in', search: { next: `/o/${org}` } });
    } catch (cause) {
      setError(toApiError(cause));
      setPending(false);
    }
  };
  return { run, error, isPending };
}

/** An invitation that is used, too old, taken back, or none. */
function NotGood({ error, onRetry }: { error: ApiError; onRetry: () => void }) {
  const title = error.code === undefined ? undefined : TITLES[error.code];
  const way: ReactNode = <Button asChild><Link to="/">Open Kradle</Link></Button>;
  return <ErrorState page error={error} {...(title === undefined ? {} : { title })} {...(isApiError(error, 'Unreachable', 'ServiceUnavailable', 'TooManyRequests', 'InternalError') ? { onRetry } : {})} action={way} />;
}

const TITLES: Readonly<Record<string, string>> = {
  INVITE_USED: 'This invitation is used',
  INVITE_EXPIRED: 'This invitation is too old',
  INVITE_REVOKED: 'This invitation was taken back',
  INVITE_REPLACED: 'There is a newer link',
  INVITE_NOT_FOUND: 'This is no invitation',
};

const BOX = 'flex flex-col gap-4 rounded-lg border bg-surface p-4';
