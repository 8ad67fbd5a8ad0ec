import { useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { useQueryErrorResetBoundary } from '@tanstack/react-query';
import { useEffect } from 'react';
import { toApiError } from '../api/errors';
import { ErrorState } from '../ui/ErrorState';

/** What shows instead of a page that failed. Navigation stays. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const { reset: resetQueries } = useQueryErrorResetBoundary();
  useEffect(() => {
    // After an update of the server the old pages' files are gone: the new ones come with a reload, once.
    if (!isMissingChunk(error) || sessionStorage.getItem(RELOADED_KEY) === window.location.href) return;
    sessionStorage.setItem(RELOADED_KEY, window.location.href);
    window.location.reload();
  }, [error]);
  const unexpected = toApiError(error).reason === 'InternalError';
  return (
    <ErrorState
      page
      error={error}
      {...(unexpected ? { title: 'This page failed' } : {})}
      onRetry={() => {
        resetQueries();
        reset();
        void router.invalidate();
      }}
    />
  );
}

const RELOADED_KEY = 'kradle.reloaded';

function isMissingChunk(error: unknown): boolean {
  return error instanceof TypeError && /dynamically imported module|Importing a module script/i.test(error.message);
}
