import { Link, useSearch } from '@tanstack/react-router';
import { FileSearch } from 'lucide-react';
import { useRpc, type OutputOf } from '../../api/rpc';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { PageBody } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { useTitle } from '../../ui/useTitle';
import { CodeBar } from './CodeBar';
import { codeHref } from './codeAddress';
import { useRepository } from './repositoryContext';

/** Lines of the code that have a text in them. */
export function CodeSearchPage() {
  const { org, repo, defaultBranch } = useRepository();
  const { q = '', ref = defaultBranch } = useSearch({ from: '/o/$org/repositories/$repo/search' });
  useTitle(`“${q}”`, repo);
  const { data, error, isFetching, refetch } = useRpc('repositories.search', { org, repository: repo, ref, q, limit: 300 }, { enabled: q.length > 1, staleTime: 30_000 });
  const files = [...new Set(data?.items.map((hit) => hit.path))];
  return (
    <PageBody>
      <div className="flex flex-col gap-3">
        <CodeBar refName={ref} path="" type="tree" />
        <h2 className="text-base font-semibold">
          <span role="status">{data === undefined ? `Searching for “${q}”` : `${count(data.items.length, 'line', data.truncated)} in ${count(files.length, 'file')} with “${q}”`}</span>
        </h2>
        {isFetching && data === undefined && <SkeletonRows rows={8} />}
        {error !== null && data === undefined && <ErrorState error={error} onRetry={() => void refetch()} />}
        {data?.items.length === 0 && <EmptyState icon={<FileSearch />} title="No line has it">The search looks at {ref}, for the text as it is typed, capitals or not.</EmptyState>}
        {files.map((path) => <FileHits key={path} path={path} q={q} place={{ org, repo, ref }} hits={data?.items.filter((hit) => hit.path === path) ?? []} />)}
        {data?.truncated === true && <p className="text-center text-xs text-subtle">There are more; search for something more particular.</p>}
      </div>
    </PageBody>
  );
}

function count(number: number, word: string, orMore = false): string {
  return `${number}${orMore ? '+' : ''} ${word}${number === 1 ? '' : 's'}`;
}

function FileHits({ path, q, place, hits }: { path: string; q: string; place: { org: string; repo: string; ref: string }; hits: OutputOf<'repositories.search'>['items'] }) {
  const href = codeHref({ ...place, path, type: 'blob' });
  return (
    <section className="overflow-hidden rounded-lg border bg-surface">
      <h3 className="border-b bg-canvas px-3 py-1.5 font-mono text-xs font-medium"><Link to={href} className="hover:text-accent hover:underline">{path}</Link></h3>
      <ul className="overflow-x-auto py-1 font-mono text-xs">
        {hits.map((hit) => (
          <li key={hit.line}>
            <Link to={href} hash={`L${hit.line}`} className="flex h-5 w-fit min-w-full hover:bg-hover">
              <span className="w-16 shrink-0 pr-4 text-right text-subtle select-none">{hit.line}</span>
              <span className="pr-4 whitespace-pre"><Marked text={hit.text} q={q} /></span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Marked({ text, q }: { text: string; q: string }) {
  const at = text.toLowerCase().indexOf(q.toLowerCase());
  if (at === -1) return text;
  return <>{text.slice(0, at)}<mark className="rounded-sm bg-warning-soft text-fg">{text.slice(at, at + q.length)}</mark>{text.slice(at + q.length)}</>;
}
