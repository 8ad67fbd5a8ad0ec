import { Link } from '@tanstack/react-router';
import { clsx } from 'clsx';
import { Boxes } from 'lucide-react';
import { useMemo } from 'react';
import { CONTEXT_TITLES } from '#shared/kind/contextTitles';
import { useRpc } from '../api/rpc';
import { useKinds, type KindDescription } from '../shell/useKinds';
import { useOrg } from '../shell/useOrg';
import { useUrlState } from '../shell/urlState';
import { EmptyState } from '../ui/EmptyState';
import { FilterInput } from '../ui/fields/FilterInput';
import { PageBody, PageHeader } from '../ui/PageHeader';
import { SkeletonRows } from '../ui/Skeleton';
import { useTitle } from '../ui/useTitle';

/** Every kind, by context, with how many objects there are. */
export function KindIndexPage() {
  const org = useOrg();
  const kinds = useKinds();
  const [context] = useUrlState('context');
  const [q, setQ] = useUrlState('q', { replace: true });
  useTitle(context === undefined ? 'Resources' : CONTEXT_TITLES[context as KindDescription['context']], org);
  const shown = (kinds?.all ?? []).filter((kind) => (context === undefined || kind.context === context) && matches(kind, q));
  const counts = useCounts(org);
  const contexts = [...new Set(shown.map((kind) => kind.context))];
  return (
    <>
      <PageHeader
        title={context === undefined ? 'All resources' : (CONTEXT_TITLES[context as KindDescription['context']] ?? context)}
        icon={<Boxes />}
        description="Everything here is an object with a spec and a status: the same over the console, the command line, REST and git ops."
        actions={<FilterInput label="Filter kinds" value={q} onValueChange={setQ} className="w-56" />}
      />
      <PageBody className="bg-canvas">
        {kinds === undefined && <SkeletonRows rows={12} />}
        {kinds !== undefined && shown.length === 0 && <EmptyState title="No kind is called that" />}
        <div className="flex flex-col gap-5">
          {contexts.map((each) => (
            <section key={each}>
              <h2 className="mb-1.5 text-sm font-semibold">{CONTEXT_TITLES[each]}</h2>
              <ul className="grid grid-cols-1 gap-2 md:grid-cols-2 xl:grid-cols-3">
                {shown.filter((kind) => kind.context === each).map((kind) => (
                  <li key={kind.plural} className="relative flex items-start gap-3 rounded-lg border bg-surface p-3 hover:border-line-strong/60 hover:bg-hover">
                    <div className="min-w-0 flex-1">
                      <Link to="/o/$org/resources/$plural" params={{ org, plural: kind.plural }} className="font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-focus">{kind.title}</Link>
                      <p className="text-xs text-muted">{kind.purpose}</p>
                    </div>
                    <Count of={counts.get(kind.plural)} />
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
      </PageBody>
    </>
  );
}

function Count({ of }: { of: number | undefined }) {
  if (of === undefined) return null;
  return <span className={clsx('text-base tabular-nums', of === 0 ? 'text-subtle' : 'font-semibold text-fg')}>{of.toLocaleString('en')}</span>;
}

/** One question for all of them. Kinds of the installation are no organization's to count. */
function useCounts(org: string): ReadonlyMap<string, number> {
  const { data } = useRpc('home.snapshot', { org, limit: 1 });
  return useMemo(() => new Map(data?.kinds.map(({ plural, total }) => [plural, total])), [data]);
}

function matches(kind: KindDescription, q: string | undefined): boolean {
  if (q === undefined) return true;
  const wanted = q.toLowerCase();
  return [kind.kind, kind.plural, kind.title, kind.purpose, ...(kind.shortNames ?? [])].some((text) => text.toLowerCase().includes(wanted));
}
