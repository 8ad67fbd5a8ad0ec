import { useNavigate } from '@tanstack/react-router';
import { useVerb } from '../../api/rpc';

/** Runs the same task again and opens the new run. */
export function useRetryRun(org: string) {
  const navigate = useNavigate();
  return useVerb('agents.retryRun', {
    onSuccess: ({ run }, { name }) => {
      if (run !== name) void navigate({ to: '/o/$org/runs/$run', params: { org, run } });
    },
    done: 'Started again',
  });
}
