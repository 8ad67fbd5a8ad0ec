import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { KradleObject } from '#shared/kind/defineKind';
import { referencesOf } from '#shared/kind/references';
import { inSentence, singularTitle } from '#shared/kind/kindWords';
import { errorMessage } from '../api/errors';
import { fetchRpc, useRpc, type OutputOf } from '../api/rpc';
import { objectHref } from '../shell/objectHref';
import { useKinds, type KindDescription } from '../shell/useKinds';
import { useOrg } from '../shell/useOrg';
import { Button } from '../ui/Button';
import { Card } from '../ui/PageHeader';
import { ObjectLink } from './ObjectLink';

/** Users of each kind that are shown at first. */
const SHOWN = 8;
const MORE_AT_A_TIME = 100;

/** What the object names, and what names it. */
export function ResourceReferences({ kind, object }: { kind: KindDescription; object: KradleObject }) {
  const org = useOrg();
  const uses = referencesOf(kind, object);
  const { name } = object.metadata;
  const usedBy = useRpc('resources.usedBy', { org, kind: kind.plural, name, limit: SHOWN });
  const owners = object.metadata.ownerReferences ?? [];
  return (
    <>
      {(uses.length > 0 || owners.length > 0) && (
        <Card title="Uses" padded={false}>
          <ul>
            {uses.map((use) => <ReferenceRow key={use.path} kind={use.kind} name={use.name} note={use.path} elsewhere={use.org !== undefined && use.org !== org} />)}
            {owners.map((owner) => <ReferenceRow key={owner.uid} kind={owner.kind} name={owner.name} note="owner" />)}
          </ul>
        </Card>
      )}
      {usedBy.error !== null && <p role="alert" className="text-xs text-danger">What uses it is not known: {errorMessage(usedBy.error)}</p>}
      {usedBy.data !== undefined && usedBy.data.items.length > 0 && (
        <Card title="Used by" padded={false}>
          {usedBy.data.items.map((users) => <UsersOfKind key={users.kind} of={{ org, kind: kind.plural, name }} first={users} />)}
        </Card>
      )}
    </>
  );
}

type Users = OutputOf<'resources.usedBy'>['items'][number];

/** The users of one kind: the first of them, all when they are asked for. */
function UsersOfKind({ of, first }: { of: { org: string; kind: string; name: string }; first: Users }) {
  const title = useKinds()?.find(first.kind)?.title;
  const [more, setMore] = useState(false);
  const input = { ...of, by: first.plural, limit: MORE_AT_A_TIME };
  const rest = useInfiniteQuery({
    queryKey: ['resources.usedBy', input, 'pages'],
    enabled: more,
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => (await fetchRpc('resources.usedBy', { ...input, ...(pageParam === undefined ? {} : { continue: pageParam }) }, signal)).items[0],
    getNextPageParam: (page) => page?.continue,
  });
  const users = rest.data === undefined ? first.items : rest.data.pages.flatMap((page) => page?.items ?? []);
  const hasMore = rest.data === undefined ? first.continue !== undefined : rest.hasNextPage;
  return (
    <>
      <ul>{users.map((user) => <ReferenceRow key={user.name} kind={first.kind} name={user.name} note={user.paths.join(', ')} />)}</ul>
      {hasMore && (
        <div className="border-b p-1.5 last:border-b-0">
          <Button size="sm" variant="ghost" pending={rest.isFetching} onClick={() => (more ? void rest.fetchNextPage() : setMore(true))}>More {title === undefined ? first.plural : inSentence(title)}</Button>
        </div>
      )}
    </>
  );
}

function ReferenceRow({ kind, name, note, elsewhere = false }: { kind: string; name: string; note: string; elsewhere?: boolean }) {
  const org = useOrg();
  const known = useKinds()?.find(kind);
  return (
    <li className="flex flex-col border-b px-3 py-1.5 last:border-b-0">
      <span className="flex min-w-0 items-baseline gap-2">
        {known === undefined || elsewhere ? <span className="min-w-0 truncate" title={name}>{name}</span> : <ObjectLink href={objectHref(org, known.plural, name)}>{name}</ObjectLink>}
        <span className="shrink-0 text-xs text-subtle">{known === undefined ? kind : singularTitle(known.title)}</span>
      </span>
      <span title={note} className="truncate font-mono text-2xs text-subtle">{note}</span>
    </li>
  );
}
