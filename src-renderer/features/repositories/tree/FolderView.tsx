import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { BookOpen, CornerLeftUp, File, FileSymlink, Folder, FolderGit2 } from 'lucide-react';
import { lazy, Suspense, useEffect } from 'react';
import type { TreeEntry } from '#shared/api/git';
import { formatBytes } from '#shared/kind/table';
import type { ApiError } from '../../../api/errors';
import { fetchRpc, useRpc, type OutputOf } from '../../../api/rpc';
import { useInfo } from '../../../shell/useInfo';
import { Button } from '../../../ui/Button';
import { ErrorState } from '../../../ui/ErrorState';
import { PageBody } from '../../../ui/PageHeader';
import { Skeleton, SkeletonRows } from '../../../ui/Skeleton';
import { Time } from '../../../ui/Time';
import { CodeBar } from './CodeBar';
import { AddFileMenu } from '../edit/AddFileMenu';
import { codeHref, folderOf } from '../codeAddress';
import { LatestCommit } from './LatestCommit';
import { NoDefaultBranch } from './NoDefaultBranch';
import { RepositoryFacts } from './RepositoryFacts';
import { useRepository } from '../repositoryContext';
import { shownPath } from '../shownPath';
import { submoduleHref } from './submoduleHref';

/** What is in a folder, who touched it last, and its README. */
export function FolderView({ refName, path }: { refName: string; path: string }) {
  const { org, repo, object } = useRepository();
  const tree = useInfiniteQuery<OutputOf<'repositories.tree'>, ApiError, { pages: OutputOf<'repositories.tree'>[] }, readonly unknown[], string | undefined>({
    // A push moves the default branch's head: the listing is asked for again.
    queryKey: ['repositories.tree', { org, repository: repo, ref: refName, path }],
    queryFn: ({ pageParam, signal }) => fetchRpc('repositories.tree', { org, repository: repo, ref: refName, path, ...(pageParam === undefined ? {} : { continue: pageParam }) }, signal),
    initialPageParam: undefined,
    getNextPageParam: (page) => page.continue,
  });
  const head = object.status?.defaultBranchHead;
  const { refetch } = tree;
  useEffect(() => {
    if (head !== undefined) void refetch();
  }, [head, refetch]);
  const first = tree.data?.pages[0];
  const last = useLastCommits({ refName: first?.commit.sha ?? refName, path, enabled: first !== undefined });
  const entries = tree.data?.pages.flatMap((page) => page.entries) ?? [];
  const place = { org, repo, ref: refName };
  return (
    <PageBody>
      <div className={`grid grid-cols-1 items-start gap-5 ${path === '' ? 'xl:grid-cols-[minmax(0,1fr)_17rem]' : ''}`}>
        <div className="flex min-w-0 flex-col gap-3">
          <CodeBar refName={refName} path={path} type="tree"><AddFileMenu refName={refName} path={path} /></CodeBar>
          {tree.error !== null && tree.data === undefined
            ? (isMissingDefault(tree.error, { refName, path, defaultBranch: object.spec.defaultBranch }) ? <NoDefaultBranch /> : <ErrorState error={tree.error} onRetry={() => void refetch()} />)
            : first === undefined
              ? <div className="rounded-lg border bg-surface"><SkeletonRows rows={10} label="Loading the folder" /></div>
              : (
                  <div className="overflow-hidden rounded-lg border bg-surface">
                    <LatestCommit head={first.commit} refName={refName} path={path} />
                    <table className="w-full table-fixed text-sm">
                      <caption className="sr-only">Files in {path === '' ? repo : path}</caption>
                      <colgroup><col className="sm:w-2/5" /><col className="hidden sm:table-column" /><col className="hidden w-20 md:table-column" /><col className="w-24" /></colgroup>
                      <tbody>
                        {path !== '' && (
                          <tr className="relative border-t hover:bg-hover">
                            <td colSpan={4} className="h-8 px-3">
                              <Link to={codeHref({ ...place, path: folderOf(path), type: 'tree' })} className="flex items-center gap-2 text-muted after:absolute after:inset-0" aria-label="The folder above"><CornerLeftUp aria-hidden className="size-4" />..</Link>
                            </td>
                          </tr>
                        )}
                        {entries.map((entry) => <EntryRow key={entry.name} entry={entry} href={hrefOf(entry, place)} last={last.entries[entry.name]} complete={last.complete} />)}
                      </tbody>
                    </table>
                    {entries.length === 0 && <p className="border-t px-3 py-6 text-center text-muted">Nothing is in this folder.</p>}
                    {tree.hasNextPage && (
                      <div className="border-t p-2 text-center">
                        <Button size="sm" pending={tree.isFetchingNextPage} onClick={() => void tree.fetchNextPage()}>Show more of {first.total.toLocaleString('en')}</Button>
                      </div>
                    )}
                  </div>
                )}
          {first?.readme !== undefined && <Readme place={place} readme={first.readme} />}
        </div>
        {path === '' && <RepositoryFacts refName={refName} />}
      </div>
    </PageBody>
  );
}

/** The branch that the front page is of is not there: others are. */
function isMissingDefault(error: ApiError, shown: { refName: string; path: string; defaultBranch: string }): boolean {
  return error.reason === 'NotFound' && shown.path === '' && shown.refName === shown.defaultBranch;
}

type LastCommits = OutputOf<'repositories.lastCommits'>;

/** Asked for until the server has computed all of it. */
function useLastCommits({ refName, path, enabled }: { refName: string; path: string; enabled: boolean }): LastCommits {
  const { org, repo } = useRepository();
  const { data } = useRpc('repositories.lastCommits', { org, repository: repo, ref: refName, path }, {
    enabled,
    staleTime: 60_000,
    refetchInterval: ({ state }) => (state.data?.complete === false ? 400 : false),
  });
  return data ?? NOT_YET;
}

const NOT_YET: LastCommits = { entries: {}, complete: false };

function EntryRow({ entry, href, last, complete }: { entry: TreeEntry; href: string | undefined; last: LastCommits['entries'][string] | undefined; complete: boolean }) {
  const { org, repo } = useRepository();
  const Icon = ICONS[entry.type];
  return (
    <tr className="relative border-t hover:bg-hover">
      <th scope="row" className="h-8 px-3 text-left font-normal">
        <span className="flex min-w-0 items-center gap-2">
          <Icon role="img" aria-label={entry.type} className={`size-4 shrink-0 ${entry.type === 'tree' ? 'text-accent' : 'text-subtle'}`} />
          {href === undefined
            ? <SubmoduleName entry={entry} />
            : <Link to={href} className="truncate hover:underline" title={shownPath(entry.name)}>{shownPath(entry.name)}</Link>}
        </span>
      </th>
      <td className="hidden truncate px-3 text-muted sm:table-cell">
        {last === undefined
          ? !complete && <Skeleton className="h-3 w-3/5" />
          : <Link to="/o/$org/repositories/$repo/commit/$sha" params={{ org, repo, sha: last.sha }} className="hover:text-accent hover:underline" title={last.subject}>{last.subject}</Link>}
      </td>
      <td className="hidden px-3 text-right text-xs text-subtle md:table-cell">{entry.type === 'blob' && entry.sizeBytes !== undefined && formatBytes(entry.sizeBytes)}</td>
      <td className="px-3 text-right text-xs text-subtle">{last !== undefined && <Time at={last.at} />}</td>
    </tr>
  );
}

/** A submodule leads to its commit: here, when it is a repository of this server, else to where it comes from. */
function SubmoduleName({ entry }: { entry: TreeEntry }) {
  const { org, repo } = useRepository();
  const target = submoduleHref(entry.submoduleUrl, { org, repo, sha: entry.sha, base: useInfo()?.gitBaseUrl ?? `${window.location.origin}/git` });
  const words = <>{shownPath(entry.name)} <span className="font-mono text-xs text-subtle">@ {entry.sha.slice(0, 8)}</span></>;
  if (target === undefined) return <span className="truncate" title={entry.submoduleUrl}>{words}</span>;
  if (target.here) return <Link to={target.href} className="truncate hover:underline">{words}</Link>;
  return <a href={target.href} target="_blank" rel="nofollow noopener noreferrer" title={entry.submoduleUrl} className="truncate hover:underline">{words}</a>;
}

const ICONS = { tree: Folder, blob: File, symlink: FileSymlink, submodule: FolderGit2 } as const;

function hrefOf(entry: TreeEntry, place: { org: string; repo: string; ref: string }): string | undefined {
  if (entry.type === 'submodule') return undefined;
  return codeHref({ ...place, path: entry.path, type: entry.type === 'tree' ? 'tree' : 'blob' });
}

function Readme({ place, readme }: { place: { org: string; repo: string; ref: string }; readme: { path: string; text: string } }) {
  const isMarkdown = /\.(md|markdown)$/i.test(readme.path);
  return (
    <section className="overflow-hidden rounded-lg border bg-surface">
      <h2 className="flex items-center gap-2 border-b px-3 py-2 text-sm font-semibold"><BookOpen aria-hidden className="size-4 text-subtle" />{readme.path.slice(readme.path.lastIndexOf('/') + 1)}</h2>
      <div className="px-4 py-4 sm:px-6">
        {isMarkdown
          ? <Suspense fallback={<Skeleton className="h-40" />}><FileMarkdown text={readme.text} place={{ ...place, path: readme.path }} /></Suspense>
          : <pre className="overflow-x-auto text-xs whitespace-pre-wrap">{readme.text}</pre>}
      </div>
    </section>
  );
}

const FileMarkdown = lazy(() => import('../markdown/FileMarkdown').then((module) => ({ default: module.FileMarkdown })));
