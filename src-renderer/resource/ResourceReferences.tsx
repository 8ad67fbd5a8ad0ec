import { useQueries } from '@tanstack/react-query';
import type { KradleObject } from '#shared/kind/defineKind';
import { getAllPaths } from '#shared/kind/paths';
import { formatFieldRequirement } from '#shared/kind/selectors';
import { rpcQuery } from '../api/rpc';
import { objectHref } from '../shell/objectHref';
import { useKinds, type KindDescription } from '../shell/useKinds';
import { useOrg } from '../shell/useOrg';
import { Card } from '../ui/PageHeader';
import { ObjectLink } from './ResourceOverview';

/** Names shown for each way in which an object is used. */
const SHOWN = 8;

/** What the object names, and what names it. */
export function ResourceReferences({ kind, object }: { kind: KindDescription; object: KradleObject }) {
  const uses = usesOf(kind, object);
  const usedBy = useUsedBy(kind, object.metadata.name);
  const owners = object.metadata.ownerReferences ?? [];
  return (
    <>
      {(uses.length > 0 || owners.length > 0) && (
        <Card title="Uses" padded={false}>
          <ul>
            {uses.map((use) => <ReferenceRow key={use.path} kind={use.kind} name={use.name} note={use.path} />)}
            {owners.map((owner) => <ReferenceRow key={owner.uid} kind={owner.kind} name={owner.name} note="owner" />)}
          </ul>
        </Card>
      )}
      {usedBy.length > 0 && (
        <Card title="Used by" padded={false}>
          <ul>{usedBy.flatMap((user) => user.names.map((name) => <ReferenceRow key={`${user.plural}/${user.path}/${name}`} kind={user.plural} name={name} note={user.more > 0 ? `${user.path} · and ${user.more} more` : user.path} />))}</ul>
        </Card>
      )}
    </>
  );
}

function ReferenceRow({ kind, name, note }: { kind: string; name: string; note: string }) {
  const org = useOrg();
  const known = useKinds()?.find(kind);
  return (
    <li className="flex flex-col border-b px-3 py-1.5 last:border-b-0">
      <span className="flex min-w-0 items-baseline gap-2">
        {known === undefined ? <span className="truncate">{name}</span> : <ObjectLink href={objectHref(org, known.plural, name)}>{name}</ObjectLink>}
        <span className="text-xs text-subtle">{known?.kind ?? kind}</span>
      </span>
      <span className="truncate font-mono text-2xs text-subtle">{note}</span>
    </li>
  );
}

function usesOf(kind: KindDescription, object: KradleObject): { kind: string; name: string; path: string }[] {
  return kind.refs.flatMap((reference) =>
    getAllPaths(object, reference.path).flatMap(({ path, value }) => {
      const name = typeof value === 'string' ? value : (value as { name?: unknown } | null)?.name;
      return typeof name === 'string' && name !== '' ? [{ kind: reference.kind, name, path }] : [];
    }),
  );
}

function useUsedBy(kind: KindDescription, name: string) {
  const org = useOrg();
  return useQueries({
    queries: kind.usedBy.map(({ plural, path }) => rpcQuery('resources.list', { org, kind: plural, fieldSelector: formatFieldRequirement(path, '=', name), limit: SHOWN })),
    combine: (answers) => kind.usedBy.flatMap(({ plural, path }, index) => {
      const data = answers[index]?.data;
      return data === undefined || data.items.length === 0 ? [] : [{ plural, path, names: data.items.map((item) => item.metadata.name), more: (data.total ?? 0) - data.items.length }];
    }),
  });
}
