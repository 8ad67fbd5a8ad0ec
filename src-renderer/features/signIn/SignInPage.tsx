import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Building2, ChevronRight } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { SignInMethods } from '#shared/api/signIn';
import { Button } from '../../ui/Button';
import { CodeBlock } from '../../ui/text/CodeBlock';
import { ErrorState } from '../../ui/ErrorState';
import { Notice } from './Notice';
import { Skeleton } from '../../ui/Skeleton';
import { useTitle } from '../../ui/useTitle';
import { GitHubMark } from './GitHubMark';
import { PasswordForm } from './PasswordForm';
import { SignInFrame } from './SignInFrame';
import { startHref, signInMethodsQuery } from './signInApi';
import { signInReason } from './signInReason';
import { TokenForm } from './TokenForm';

/** For who has no session in this browser: the ways that are open, the likeliest first. */
export function SignInPage() {
  useTitle('Sign in');
  const { next, reason } = useSearch({ from: '/sign-in' });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const methods = useQuery(signInMethodsQuery);
  const why = signInReason(reason);
  const goOn = async (href: string | undefined) => {
    queries.clear();
    await navigate({ href: isOwnPage(href) ? href : '/' });
  };
  return (
    <SignInFrame title="Sign in to Kradle" subtitle={why?.isFailure === false ? why.text : undefined}>
      {why?.isFailure === true && <Notice tone="warning">{why.text}</Notice>}
      {methods.isPending && <Skeleton className="h-24 w-full" />}
      {methods.error !== null && <ErrorState error={methods.error} onRetry={() => void methods.refetch()} />}
      {methods.data !== undefined && <Ways methods={methods.data} next={next} onDone={goOn} />}
    </SignInFrame>
  );
}

interface WaysProps {
  methods: SignInMethods;
  next: string | undefined;
  onDone: (href: string | undefined) => Promise<void>;
}

function Ways({ methods: { providers, password, token, link }, next, onDone }: WaysProps) {
  const onlyToken = providers.length === 0 && !password;
  return (
    <>
      {providers.length > 0 && (
        <div className="flex flex-col gap-2">
          {providers.map(({ name, type, displayName, startUrl }) => (
            <Button key={name} asChild variant={password ? 'secondary' : 'primary'} className="justify-center">
              <a href={startHref(startUrl, next)}>
                {type === 'github' ? <GitHubMark /> : <Building2 aria-hidden className="size-4" />}
                Sign in with {displayName}
              </a>
            </Button>
          ))}
        </div>
      )}
      {providers.length > 0 && password && <Or />}
      {password && <PasswordForm next={next} onDone={onDone} />}
      {token && (onlyToken ? <TokenForm autoFocus onDone={() => onDone(next)} /> : <Folded label="Sign in with the administrator's token"><TokenForm onDone={() => onDone(next)} /></Folded>)}
      {onlyToken && !token && !link && <Notice tone="warning">No way to sign in is switched on. Whoever runs the server can change that.</Notice>}
      {link && (
        <div className="flex flex-col gap-1.5">
          <p className="text-muted">Or use the link that the server prints when it starts; it works once. On the server&apos;s machine this prints another:</p>
          <CodeBlock code="npx kradle open" language="bash" />
        </div>
      )}
    </>
  );
}

function Or() {
  return (
    <div className="flex items-center gap-3 text-xs text-subtle" aria-hidden>
      <span className="h-px flex-1 bg-line" /> or <span className="h-px flex-1 bg-line" />
    </div>
  );
}

/** What few people need, out of the way. */
function Folded({ label, children }: { label: string; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <div className="flex flex-col gap-3">
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex items-center gap-1 self-start text-muted hover:text-fg">
        <ChevronRight aria-hidden className={`size-4 transition-transform ${open ? 'rotate-90' : ''}`} /> {label}
      </button>
      {open && children}
    </div>
  );
}

/** A path, and not the beginning of another host. */
function isOwnPage(href: string | undefined): href is string {
  return href !== undefined && /^\/(?![/\\])/.test(href);
}
