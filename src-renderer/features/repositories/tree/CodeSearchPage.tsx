import { Link, useSearch } from '@tanstack/react-router';
import { FileSearch, Folder } from 'lucide-react';
import { useDeferredValue } from 'react';
import { useRpc, type OutputOf } from '../../../api/rpc';
import { useUrlState } from '../../../shell/urlState';
import { CheckField } from '../../../ui/fields/CheckField';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorState } from '../../../ui/ErrorState';
import { Input } from '../../../ui/fields/Input';
import { PageBody } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/Skeleton';
import { useTitle } from '../../../ui/useTitle';
import { CodeBar } from './CodeBar';
import { codeHref } from '../codeAddress';
import { useRepository } from '../repositoryContext';
import { shownPath } from '../shownPath';

/** Lines of the code that have a text in them. */
export function CodeSearchPage() {
  const { org, repo, defaultBranch } = useRepository();
  const { q = '', ref = defaultBranch } = useSearch({ from: '/o/$org/repositories/$repo/search' });
  useTitle(`“${q}”`, repo);
  const [regex, setRegex] = useUrlState('regex', { replace: true });
  const [exact, setExact] = useUrlState('case', { replace: true });
  const [path, setPath] = useUrlState('path', { replace: true });
  const folder = useDeferredValue(path);
  const input = { org, repository: repo, ref, q, limit: 300, regex: regex === 'on', caseSensitive: exact === 'on', ...(folder === undefined ? {} : { path: folder }) };
  const { data, error, isFetching, refetch } = useRpc('repositories.search', input, { enabled: q.length > 1, staleTime: 30_000, keepPrevious: true });
  const files = [...new Set(data?.items.map((hit) => hit.path))];
  return (
    <PageBody>
      <div className="flex flex-col gap-3">
        <CodeBar refName={ref} path="" type="tree" search={q} />
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <CheckField label="Capitals count" checked={exact === 'on'} onCheckedChange={(on) => setExact(on ? 'on' : undefined)} />
          <CheckField label="Regular expression" checked={regex === 'on'} onCheckedChange={(on) => setRegex(on ? 'on' : undefined)} />
          <Input aria-label="Only in this folder or file" icon={<Folder />} placeholder="Only in folder…" value={path ?? ''} onChange={(event) => setPath(event.target.value)} className="w-full sm:w-64" />
        </div>
        <h2 className="text-base font-semibold">
          <span role="status">{data === undefined ? `Searching for “${q}”` : `${count(data.items.length, 'line', data.truncated)} in ${count(files.length, 'file')} with “${q}”`}</span>
        </h2>
        {isFetching && data === undefined && <SkeletonRows rows={8} />}
        {error !== null && data === undefined && <ErrorState error={error} onRetry={() => void refetch()} />}
        {data?.items.length === 0 && <EmptyState icon={<FileSearch />} title="No line has it">The search looks at {ref}, {regex === 'on' ? 'for the expression' : 'for the text as it is typed'}{exact === 'on' ? '' : ', capitals or not'}.</EmptyState>}
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
      <h3 className="border-b bg-canvas px-3 py-1.5 font-mono text-xs font-medium"><Link to={href} className="hover:text-accent hover:underline">{shownPath(path)}</Link></h3>
      <ul className="overflow-x-auto py-1 font-mono text-xs">
        {hits.map((hit) => (
          <li key={hit.line}>
            <Link to={href} hash={`L${hit.line}`} className="flex h-5 w-fit min-w-full hover:bg-hover">
              <span className="w-16 shrink-0 pr-4 text-right text-subtle select-none">{hit.line}</span>
              <span className="pr-4 whitespace-pre"><Marked text={hit.text} q={q} column={hit.column} /></span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Marked({ text, q, column }: { text: string; q: string; column: number }) {
  const at = text.toLowerCase().indexOf(q.toLowerCase());
  // What an expression found is not the expression: then only its place is known.
  const [from, to] = at === -1 ? [column - 1, column] : [at, at + q.length];
  if (from < 0 || from >= text.length) return text;
  return <>{text.slice(0, from)}<mark className="rounded-sm bg-warning-soft text-fg">{text.slice(from, to)}</mark>{text.slice(to)}</>;
}
