import { CircleAlert, LockKeyhole, RotateCw, SearchX, Unplug } from 'lucide-react';
import type { ReactNode } from 'react';
import { toApiError } from '../api/errors';
import { Button } from './Button';
import { CopyButton } from './CopyButton';

export interface ErrorStateProps {
  error: unknown;
  /** What could not be done: "The list could not be loaded". */
  title?: string;
  onRetry?: () => void;
  /** Another way on. */
  action?: ReactNode;
  /** It stands for the whole page: its title is the page's h1. */
  page?: boolean;
}

/** Says what failed, in which fields, how to find it in the log, and lets one try again. NotFound and Forbidden look as what they are. */
export function ErrorState({ error, title, onRetry, action, page = false }: ErrorStateProps) {
  const Heading = page ? 'h1' : 'h2';
  const { reason, message, causes, correlationId } = toApiError(error);
  if (reason === 'Forbidden') return <NoPermission message={message} action={action} page={page} />;
  const Icon = reason === 'NotFound' ? SearchX : reason === 'Unreachable' ? Unplug : CircleAlert;
  const said = title ?? (reason === 'NotFound' ? 'Not found' : reason === 'Unreachable' ? 'The server does not answer' : 'This did not work');
  return (
    <div role="alert" className="mx-auto flex w-full max-w-lg flex-col items-center gap-3 px-4 py-12 text-center">
      <span aria-hidden className="flex size-10 items-center justify-center rounded-lg border bg-surface text-danger"><Icon className="size-5" /></span>
      <Heading className="text-base font-semibold">{said}</Heading>
      <p className="text-muted break-words">{message}</p>
      {causes.length > 0 && (
        <ul className="w-full rounded-md border bg-surface text-left">
          {causes.map((cause, index) => (
            <li key={index} className="border-b px-3 py-2 last:border-b-0">
              {cause.field !== undefined && cause.field !== '' && <code className="mr-2 text-xs text-accent">{cause.field}</code>}
              <span className="text-sm">{cause.message}</span>
            </li>
          ))}
        </ul>
      )}
      <div className="flex flex-wrap justify-center gap-2">
        {onRetry !== undefined && <Button icon={<RotateCw />} onClick={onRetry}>Try again</Button>}
        {action}
      </div>
      {correlationId !== undefined && (
        <p className="flex items-center gap-1 text-xs text-subtle">
          In the server&apos;s log: <code>{correlationId}</code> <CopyButton text={correlationId} label="Copy correlation id" />
        </p>
      )}
    </div>
  );
}

/** The actor may not see this. */
export function NoPermission({ message, action, page = false }: { message?: string; action?: ReactNode; page?: boolean }) {
  const Heading = page ? 'h1' : 'h2';
  return (
    <div role="alert" className="mx-auto flex w-full max-w-lg flex-col items-center gap-3 px-4 py-12 text-center">
      <span aria-hidden className="flex size-10 items-center justify-center rounded-lg border bg-surface text-warning"><LockKeyhole className="size-5" /></span>
      <Heading className="text-base font-semibold">You may not see this</Heading>
      <p className="text-muted break-words">{message ?? 'Your account lacks the permission. An administrator of the organization can give it.'}</p>
      {action}
    </div>
  );
}
