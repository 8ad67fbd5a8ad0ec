import { ShieldAlert, ShieldCheck } from 'lucide-react';
import { useRpc } from '../../api/rpc';
import { CodeBlock } from '../../ui/text/CodeBlock';
import { Dialog } from '../../ui/overlays/Dialog';
import { ErrorState } from '../../ui/ErrorState';
import { SkeletonRows } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';

/** Walks the chain of the log on the server and says what it found. */
export function VerifyDialog({ org, onClose }: { org: string; onClose: () => void }) {
  const result = useRpc('audit.verify', { org }, { staleTime: 0 });
  const found = result.data;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Is the log as it was written?" description="Each record carries the digest of the one before it; the newest is signed outside the database.">
      {result.error !== null ? (
        <ErrorState title="The log could not be verified" error={result.error} onRetry={() => void result.refetch()} />
      ) : found === undefined || result.isFetching ? (
        <SkeletonRows label="Walking the chain" rows={3} />
      ) : (
        <div className="flex flex-col gap-3 pb-2">
          <p className="flex items-start gap-2 text-base">
            {found.ok ? <ShieldCheck aria-hidden className="mt-0.5 size-5 shrink-0 text-success" /> : <ShieldAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-danger" />}
            {found.ok
              ? `Yes: ${found.records.toLocaleString('en')} records, none changed, taken out or put in.`
              : `No. The first record that is not as it was written is ${found.broken?.sequence ?? '?'}: ${found.broken?.problem ?? 'the log could not be read'}`}
          </p>
          {found.cut !== undefined && <p className="text-muted">Records up to {found.cut.through} were deleted by the retention setting, <Time at={found.cut.at} />.</p>}
          {found.anchor !== undefined && <p className="text-muted">Compared with the signed head at record {found.anchor.sequence}, <Time at={found.anchor.at} />.</p>}
          {found.head !== undefined && <div><p className="mb-1 text-muted">Digest of the newest record; keep it, and everything up to now is fixed:</p><CodeBlock code={found.head} /></div>}
          <div><p className="mb-1 text-muted">The same from a terminal, also without the server:</p><CodeBlock language="bash" code={`kradle audit verify --org ${org}`} /></div>
        </div>
      )}
    </Dialog>
  );
}
