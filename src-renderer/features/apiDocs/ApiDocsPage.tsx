import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { ArrowLeft, FileJson, Search } from 'lucide-react';
import { useMemo } from 'react';
import { Mark } from '../../shell/Mark';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { Input } from '../../ui/fields/Input';
import { SkeletonRows } from '../../ui/Skeleton';
import { ThemeToggle } from '../../ui/ThemeToggle';
import { useTitle } from '../../ui/useTitle';
import { apiDocumentQuery, readSections, searchSections, type ApiOperation } from './apiDocument';
import { MethodWord } from './MethodWord';
import { OperationView } from './OperationView';

/** `/docs`: every address of the REST API, to find, to read and to try. The URL says which one is open. */
export function ApiDocsPage() {
  const { q = '', op } = useSearch({ from: '/docs' });
  const navigate = useNavigate({ from: '/docs' });
  const { data, error, isPending, refetch } = useQuery(apiDocumentQuery);
  const sections = useMemo(() => (data === undefined ? [] : readSections(data)), [data]);
  const found = useMemo(() => searchSections(sections, q), [sections, q]);
  const open = sections.flatMap(({ operations }) => operations).find(({ id }) => id === op);
  useTitle(open?.summary, 'API');
  return (
    <div className="flex h-full flex-col">
      <header className="flex h-11 shrink-0 items-center gap-3 border-b bg-surface px-4">
        <Link to="/" className="flex items-center gap-2 font-semibold"><Mark /><span>Kradle</span></Link>
        <h1 className="text-sm text-muted">REST API{data === undefined ? '' : ` · ${data.info.version}`}</h1>
        <span className="flex-1" />
        <a href="/api/openapi.json" className="hidden items-center gap-1.5 text-xs text-muted hover:text-fg sm:flex"><FileJson aria-hidden className="size-3.5" />openapi.json</a>
        <ThemeToggle />
      </header>
      {error !== null ? (
        <ErrorState page error={error} title="The description of the API could not be loaded" onRetry={() => void refetch()} />
      ) : (
        <div className="flex min-h-0 flex-1">
          <nav aria-label="Operations" className={`min-h-0 w-full shrink-0 flex-col border-r bg-surface md:flex md:w-80 ${op === undefined ? 'flex' : 'hidden'}`}>
            <div className="border-b p-2">
              <Input icon={<Search />} type="search" autoFocus aria-label="Search operations" placeholder="Search: dispatch, /secrets, delete …" value={q} onChange={(event) => void navigate({ search: (before) => ({ ...before, q: event.target.value === '' ? undefined : event.target.value }), replace: true })} />
            </div>
            <div className="min-h-0 flex-1 overflow-y-auto py-2">
              {isPending && <SkeletonRows rows={12} label="Loading the API" />}
              {!isPending && found.length === 0 && <EmptyState title="No operation has these words">Search looks in summaries, addresses and methods.</EmptyState>}
              {found.map((section) => (
                <section key={section.name} aria-label={section.name} className="mb-3">
                  <h2 className="px-4 py-1 text-2xs font-semibold tracking-wide text-subtle uppercase" title={section.description}>{section.name}</h2>
                  <ul>
                    {section.operations.map((operation) => <li key={operation.id}><OperationLink operation={operation} isOpen={operation.id === op} /></li>)}
                  </ul>
                </section>
              ))}
            </div>
          </nav>
          <main id="main" tabIndex={-1} className={`min-h-0 min-w-0 flex-1 overflow-y-auto focus-visible:outline-none md:block ${op === undefined ? 'hidden' : ''}`}>
            {op !== undefined && (
              <Link from="/docs" search={(before) => ({ ...before, op: undefined })} className="flex items-center gap-1.5 border-b px-4 py-2 text-sm text-muted hover:text-fg md:hidden"><ArrowLeft aria-hidden className="size-3.5" />All operations</Link>
            )}
            {open !== undefined && <OperationView key={open.id} operation={open} />}
            {open === undefined && !isPending && (op === undefined ? <Introduction description={data?.info.description} /> : <EmptyState title="There is no such operation">It may have been renamed; search for it.</EmptyState>)}
          </main>
        </div>
      )}
    </div>
  );
}

function OperationLink({ operation, isOpen }: { operation: ApiOperation; isOpen: boolean }) {
  return (
    <Link
      from="/docs"
      search={(before) => ({ ...before, op: operation.id })}
      aria-current={isOpen ? 'page' : undefined}
      className={`flex items-baseline gap-2 px-4 py-1 text-sm hover:bg-hover ${isOpen ? 'bg-selected' : ''}`}
    >
      <MethodWord method={operation.method} />
      <span className={`min-w-0 flex-1 truncate ${operation.isPlanned ? 'text-subtle' : ''}`} title={operation.path}>{operation.summary}</span>
      {operation.isPlanned && <span className="text-2xs text-subtle">planned</span>}
    </Link>
  );
}

function Introduction({ description }: { description: string | undefined }) {
  return (
    <div className="mx-auto flex max-w-2xl flex-col gap-3 px-6 py-12">
      <h2 className="text-xl font-semibold">The REST API</h2>
      <p className="text-muted text-pretty">{description}</p>
      <p className="text-muted text-pretty">Choose an operation to read what it takes and answers, and to try it as yourself: requests from here are real. A program signs in with an access token, which your account makes.</p>
    </div>
  );
}
