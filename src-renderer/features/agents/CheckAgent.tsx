import { CircleCheck, CircleX, Stethoscope } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { errorMessage } from '../../api/errors';
import { useVerb } from '../../api/rpc';
import { Button } from '../../ui/Button';
import { Spinner } from '../../ui/Spinner';

/** Starts the agent without a task and says whether it answers, and if not, why. */
export function CheckAgent({ org, name, startAtOnce = false }: { org: string; name: string; startAtOnce?: boolean }) {
  const check = useVerb('agents.check', { onError: () => undefined });
  const { mutate, data, error, isPending } = check;
  const started = useRef(false);
  useEffect(() => {
    if (!startAtOnce || started.current) return;
    started.current = true;
    mutate({ org, name });
  }, [startAtOnce, mutate, org, name]);
  const version = [data?.agentInfo?.title ?? data?.agentInfo?.name, data?.agentInfo?.version].filter(Boolean).join(' ');
  return (
    <div className="flex flex-col items-start gap-2">
      <Button icon={<Stethoscope />} pending={isPending} onClick={() => mutate({ org, name })}>Check</Button>
      <div role="status" className="min-w-0">
        {isPending && <p className="flex items-center gap-2 text-muted"><Spinner /> Starting it without a task…</p>}
        {!isPending && error !== null && <p className="flex items-start gap-2 text-danger"><CircleX aria-hidden className="mt-0.5 size-4 shrink-0" /><span className="wrap-anywhere">{errorMessage(error)}</span></p>}
        {!isPending && data !== undefined && (
          <div className="flex items-start gap-2">
            {data.ok ? <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-success" /> : <CircleX aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />}
            <div className="min-w-0">
              <p className="wrap-anywhere">{data.message}</p>
              {data.authRequired === true && <p className="text-muted">Sign in with its own program in a terminal on this machine, then check again: it uses your login.</p>}
              {(version !== '' || data.protocolVersion !== undefined) && <p className="text-xs text-subtle">{[version, data.protocolVersion === undefined ? '' : `ACP v${data.protocolVersion}`].filter(Boolean).join(' · ')}</p>}
            </div>
          </div>
        )}
      </div>
    </div>
  );
}
