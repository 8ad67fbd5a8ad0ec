import { Link } from '@tanstack/react-router';
import { formatBytes } from '#shared/kind/table';
import { useRpc } from '../../../api/rpc';
import { Avatar } from '../../../ui/Avatar';
import { Time } from '../../../ui/Time';
import { resourceHref } from '../../../shell/objectHref';
import { useRepository } from '../repositoryContext';

/** A repository in numbers, at the side of its front page. */
export function RepositoryFacts({ refName }: { refName: string }) {
  const { org, repo, object } = useRepository();
  const { data } = useRpc('repositories.stats', { org, repository: repo, ref: refName }, { staleTime: 60_000 });
  const contributors = useRpc('repositories.contributors', { org, repository: repo, ref: refName }, { staleTime: 300_000 });
  const { status } = object;
  const facts: [string, React.ReactNode][] = [
    ['Commits', data?.commitCount.toLocaleString('en') ?? '…'],
    ['Size', status?.sizeBytes === undefined ? '–' : formatBytes(status.sizeBytes)],
    ['Pushed', <Time key="pushed" at={status?.pushedAt} />],
    ['Created', <Time key="created" at={object.metadata.creationTimestamp} />],
  ];
  const total = (data?.languages ?? []).reduce((sum, language) => sum + language.files, 0);
  return (
    <aside aria-label="About the repository" className="hidden flex-col gap-4 xl:flex">
      <dl className="grid grid-cols-2 gap-x-3 gap-y-1.5 rounded-lg border bg-surface p-3">
        {facts.map(([label, value]) => [<dt key={`${label}-t`} className="text-muted">{label}</dt>, <dd key={`${label}-d`} className="text-right">{value}</dd>])}
      </dl>
      {data !== undefined && data.languages.length > 0 && (
        <section className="rounded-lg border bg-surface p-3">
          <h2 className="mb-2 font-semibold">Languages, by files</h2>
          <div aria-hidden className="mb-2 flex h-2 overflow-hidden rounded-full">
            {data.languages.map((language, index) => <span key={language.name} style={{ width: `${(language.files / total) * 100}%`, background: colourOf(index) }} />)}
          </div>
          <ul className="flex flex-col gap-0.5">
            {data.languages.slice(0, 6).map((language, index) => (
              <li key={language.name} className="flex items-center gap-2 text-muted">
                <span aria-hidden className="size-2 rounded-full" style={{ background: colourOf(index) }} />
                <span className="flex-1">{titleOf(language.name)}</span>
                <span className="text-xs text-subtle">{percent(language.files / total)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {contributors.data !== undefined && contributors.data.total > 0 && (
        <section className="rounded-lg border bg-surface p-3">
          <h2 className="mb-2 font-semibold">Contributors <span className="font-normal text-subtle">{contributors.data.total.toLocaleString('en')}</span></h2>
          <ul className="flex flex-wrap gap-1">
            {contributors.data.items.slice(0, 14).map((person) => <li key={`${person.name} ${person.email}`} title={`${person.name}: ${person.commits.toLocaleString('en')} ${person.commits === 1 ? 'commit' : 'commits'}`}><Avatar name={person.name} size={26} /></li>)}
          </ul>
        </section>
      )}
      <Link to={resourceHref(org, 'repositories', repo)} className="text-xs text-subtle hover:text-accent hover:underline">The resource behind this page</Link>
    </aside>
  );
}

function percent(share: number): string {
  return share > 0 && share < 0.01 ? '< 1 %' : `${Math.round(share * 100)} %`;
}

function titleOf(language: string): string {
  return TITLES[language] ?? language.charAt(0).toUpperCase() + language.slice(1);
}

const TITLES: Readonly<Record<string, string>> = {
  typescript: 'TypeScript', javascript: 'JavaScript', json: 'JSON', css: 'CSS', scss: 'SCSS', html: 'HTML', xml: 'XML', yaml: 'YAML', toml: 'TOML', sql: 'SQL', php: 'PHP', cpp: 'C++', csharp: 'C#', fsharp: 'F#', ini: 'INI', graphql: 'GraphQL', objectivec: 'Objective-C',
};

/** Steps around the wheel from the accent; the words beside them say which is which. */
function colourOf(index: number): string {
  return `light-dark(hsl(${(189 + index * 47) % 360} 60% 38%), hsl(${(189 + index * 47) % 360} 50% 60%))`;
}
