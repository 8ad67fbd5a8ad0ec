import { Link } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { useRpc, type OutputOf } from '../../api/rpc';
import { ErrorState } from '../../ui/ErrorState';
import { SkeletonRows } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';
import { CodeLines } from './CodeLines';
import { useRepository } from './repositoryContext';

/** A file with the commit that last touched each line. */
export function BlameView({ path, refName }: { path: string; refName: string }) {
  const { org, repo } = useRepository();
  const { data, error, refetch } = useRpc('repositories.blame', { org, repository: repo, ref: refName, path }, { staleTime: 60_000 });
  const text = useMemo(() => data?.lines.map((line) => line.text).join('\n') ?? '', [data]);
  const before = useCallback((line: number) => <BlameCell lines={data?.lines ?? []} index={line - 1} />, [data]);
  if (error !== null && data === undefined) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <SkeletonRows rows={12} label="Finding out who wrote what" />;
  return <CodeLines text={text} path={path} before={before} />;
}

type BlameLine = OutputOf<'repositories.blame'>['lines'][number];

/** The first line of a run from one commit says it; the others only carry the mark at the edge. */
function BlameCell({ lines, index }: { lines: readonly BlameLine[]; index: number }) {
  const { org, repo } = useRepository();
  const line = lines[index];
  if (line === undefined) return null;
  const isFirst = lines[index - 1]?.sha !== line.sha;
  return (
    <span className={`flex w-72 shrink-0 items-center gap-2 overflow-hidden border-r pr-2 pl-3 font-sans text-xs text-subtle ${isFirst && index > 0 ? 'shadow-[inset_0_1px_0_var(--k-line)]' : ''}`}>
      {isFirst && (
        <>
          <Link to="/o/$org/repositories/$repo/commit/$sha" params={{ org, repo, sha: line.sha }} title={`${line.subject}\n${line.author}`} className="min-w-0 flex-1 truncate text-muted hover:text-accent hover:underline">{line.subject}</Link>
          <span className="max-w-20 truncate">{line.author}</span>
          <Time at={line.at} />
        </>
      )}
    </span>
  );
}
