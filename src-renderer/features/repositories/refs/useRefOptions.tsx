import { GitBranch, Tag } from 'lucide-react';
import { useState } from 'react';
import { errorMessage } from '../../../api/errors';
import { useRpc } from '../../../api/rpc';
import { formatRelative, useNow } from '../../../ui/clock';
import type { ComboboxOption, ComboboxProps } from '../../../ui/fields/Combobox';

export interface RefOptionsOf {
  readonly org: string;
  /** Empty: there is nothing to choose from yet. */
  readonly repository: string;
  readonly kinds: readonly ('branch' | 'tag')[];
  readonly enabled?: boolean;
}

export interface RefOption extends ComboboxOption {
  readonly kind: 'branch' | 'tag';
}

/** What a `Combobox` shows of the branches and tags of a repository. The server finds them by what is typed; the newest come first. */
export function useRefOptions({ org, repository, kinds, enabled = true }: RefOptionsOf): Pick<ComboboxProps, 'onSearch' | 'loading' | 'emptyText'> & { readonly options: readonly RefOption[] } {
  const [q, setQ] = useState('');
  const now = useNow(60_000);
  const input = { org, repository, limit: 50, ...(q === '' ? {} : { q }) };
  const asks = (kind: RefOption['kind']) => ({ enabled: enabled && repository !== '' && kinds.includes(kind), keepPrevious: true });
  const branches = useRpc('repositories.branches', input, asks('branch'));
  const tags = useRpc('repositories.tags', input, asks('tag'));
  const error = branches.error ?? tags.error;
  // The answer before is shown until the next one is there: Enter must not take from it what has nothing of the words that were typed.
  const fits = ({ name }: { name: string }) => name.toLowerCase().includes(q.toLowerCase());
  const about = (at: string, subject: string) => `${formatRelative(Date.parse(at), now)} · ${subject}`;
  const options: readonly RefOption[] = [
    ...(branches.data?.items ?? []).filter(fits).map((branch) => ({
      kind: 'branch' as const, value: branch.name, icon: <GitBranch aria-hidden className={ICON} />, description: `${branch.isDefault ? 'default · ' : ''}${about(branch.committedAt, branch.subject)}`,
    })),
    ...(tags.data?.items ?? []).filter(fits).map((tag) => ({ kind: 'tag' as const, value: tag.name, icon: <Tag aria-hidden className={ICON} />, description: about(tag.taggedAt, tag.subject) })),
  ];
  return {
    onSearch: setQ,
    loading: branches.isLoading || tags.isLoading || (options.length === 0 && (branches.isPlaceholderData || tags.isPlaceholderData)),
    emptyText: error === null ? `No ${kinds.join(' or ')} found` : errorMessage(error),
    options,
  };
}

const ICON = 'size-4 shrink-0 text-subtle';
