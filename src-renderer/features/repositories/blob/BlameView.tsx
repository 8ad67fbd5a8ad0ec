import { Link } from '@tanstack/react-router';
import { Rewind, Sparkles } from 'lucide-react';
import { useCallback, useMemo } from 'react';
import { useRpc, type OutputOf } from '../../../api/rpc';
import { useUrlState } from '../../../shell/urlState';
import { Avatar } from '../../../ui/Avatar';
import { Checkbox } from '../../../ui/fields/Checkbox';
import { ErrorState } from '../../../ui/ErrorState';
import { SkeletonRows } from '../../../ui/Skeleton';
import { Spinner } from '../../../ui/Spinner';
import { Time } from '../../../ui/Time';
import { Tooltip } from '../../../ui/overlays/Tooltip';
import { codeHref } from '../codeAddress';
import { CodeLines } from './CodeLines';
import { useRepository } from '../repositoryContext';

type Blame = OutputOf<'repositories.blame'>;
type Range = Blame['ranges'][number];

/** While lines are missing it is asked again this soon, in ms. */
const ASK_AGAIN_MS = 700;
const AGES = 8;
/** Commits that are asked about at once: which run made them. */
const MAX_PROVENANCE = 200;

/** A file with the commit that last touched each line. The edge is the stronger the younger the line is. */
export function BlameView({ path, refName, text }: { path: string; refName: string; text: string }) {
  const { org, repo } = useRepository();
  const [all, setAll] = useUrlState('revs', { replace: true });
  const input = { org, repository: repo, ref: refName, path, ignoreRevisions: all !== 'all' };
  const { data, error, refetch } = useRpc('repositories.blame', input, { staleTime: 60_000, keepPrevious: true, refetchInterval: ({ state }) => (state.data?.complete === false ? ASK_AGAIN_MS : false) });
  const shas = useMemo(() => Object.keys(data?.commits ?? {}).slice(0, MAX_PROVENANCE), [data]);
  const provenance = useRpc('repositories.provenance', { org, repository: repo, sha: shas }, { enabled: shas.length > 0, staleTime: 60_000, keepPrevious: true });
  const runs = useMemo(() => new Map(provenance.data?.items.map((item) => [item.sha, item.run])), [provenance.data]);
  const byLine = useMemo(() => rangesByLine(data?.ranges ?? []), [data]);
  const age = useMemo(() => ageScale(data), [data]);
  const before = useCallback(
    (line: number) => {
      const range = byLine.get(line);
      return <BlameCell range={range} isFirst={range?.line === line} commit={range === undefined ? undefined : data?.commits[range.sha]} age={range === undefined ? 0 : age(range.sha)} run={range === undefined ? undefined : runs.get(range.sha)} />;
    },
    [byLine, age, data, runs],
  );
  if (error !== null && data === undefined) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <SkeletonRows rows={12} label="Finding out who wrote what" />;
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b px-3 py-1.5 text-xs text-subtle">
        <span className="flex items-center gap-1.5">older<AgeLegend />newer</span>
        {!data.complete && <span role="status" className="flex items-center gap-1.5"><Spinner />Looking further back…</span>}
        {(data.ignoresRevisions || all === 'all') && (
          <label className="ml-auto flex items-center gap-2"><Checkbox checked={all !== 'all'} onCheckedChange={(checked) => setAll(checked ? undefined : 'all')} />Look through the commits of .git-blame-ignore-revs</label>
        )}
      </div>
      <CodeLines text={text} path={path} before={before} beforeWidth="w-44 sm:w-80" />
    </>
  );
}

function rangesByLine(ranges: readonly Range[]): ReadonlyMap<number, Range> {
  const byLine = new Map<number, Range>();
  let previous: Range | undefined;
  for (const range of ranges) {
    // Neighbours of one commit are shown as one, as far as they come from the same place.
    const joined: Range = previous !== undefined && previous.sha === range.sha && previous.path === range.path && previous.line + previous.lineCount === range.line ? { ...previous, lineCount: previous.lineCount + range.lineCount } : range;
    for (let line = range.line; line < range.line + range.lineCount; line += 1) byLine.set(line, joined);
    previous = joined;
  }
  return byLine;
}

/** 1 for the oldest lines of the file, {@link AGES} for the youngest, by their rank among the commits. */
function ageScale(data: Blame | undefined): (sha: string) => number {
  const order = Object.entries(data?.commits ?? {}).sort(([, left], [, right]) => Date.parse(left.at) - Date.parse(right.at)).map(([sha]) => sha);
  const ranks = new Map(order.map((sha, index) => [sha, 1 + Math.floor((index * AGES) / Math.max(1, order.length))]));
  return (sha) => ranks.get(sha) ?? 1;
}

function ageColour(age: number): string {
  return `color-mix(in oklab, var(--k-accent) ${Math.round((age / AGES) * 100)}%, var(--k-line))`;
}

function AgeLegend() {
  return <span aria-hidden className="flex">{Array.from({ length: AGES }, (_, index) => <span key={index} className="h-3 w-2" style={{ background: ageColour(index + 1) }} />)}</span>;
}

/** The first line of a run from one commit says it; the others only carry the mark at the edge. */
function BlameCell({ range, isFirst, commit, age, run }: { range: Range | undefined; isFirst: boolean; commit: Blame['commits'][string] | undefined; age: number; run: string | undefined }) {
  const { org, repo } = useRepository();
  return (
    <span className={`relative flex w-44 shrink-0 items-center gap-1.5 overflow-hidden border-r pr-1 pl-2.5 font-sans text-xs text-subtle sm:w-80 ${isFirst && range !== undefined && range.line > 1 ? 'shadow-[inset_0_1px_0_var(--k-line)]' : ''}`}>
      {range !== undefined && <span aria-hidden className="absolute inset-y-0 left-0 w-1" style={{ background: ageColour(age) }} />}
      {isFirst && range !== undefined && commit !== undefined && (
        <>
          <Avatar name={commit.author} size={14} />
          <Link to="/o/$org/repositories/$repo/commit/$sha" params={{ org, repo, sha: range.sha }} title={`${commit.subject}\n${commit.author} · ${range.sha.slice(0, 8)}`} className="min-w-0 flex-1 truncate text-muted hover:text-accent hover:underline">{commit.subject}</Link>
          {run !== undefined && (
            <Tooltip label="Why this line? The run that wrote it">
              <Link to="/o/$org/runs/$run" params={{ org, run }} aria-label={`Run ${run}`} className="shrink-0 text-accent"><Sparkles aria-hidden className="size-3" /></Link>
            </Tooltip>
          )}
          <span className="hidden shrink-0 sm:inline"><Time at={commit.at} /></span>
          {range.previous === undefined
            ? <span className="w-5 shrink-0" />
            : (
                <Tooltip label="Blame before this change">
                  <Link
                    to={codeHref({ org, repo, ref: range.previous.sha, path: range.previous.path, type: 'blob' })}
                    search={{ view: 'blame' }}
                    hash={`L${range.originalLine}`}
                    aria-label={`Blame before ${range.sha.slice(0, 8)}`}
                    className="flex h-5 w-5 shrink-0 items-center justify-center rounded-sm hover:bg-hover hover:text-fg"
                  >
                    <Rewind aria-hidden className="size-3" />
                  </Link>
                </Tooltip>
              )}
        </>
      )}
    </span>
  );
}
