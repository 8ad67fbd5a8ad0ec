import { GitBranch } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useRpc } from '../../api/rpc';
import { Combobox } from '../../ui/Combobox';
import type { FieldControlProps } from '../../ui/Field';
import { formatRelative, useNow } from '../../ui/clock';

export interface BranchPickerProps extends Partial<FieldControlProps> {
  org: string;
  repository: string;
  value: string | undefined;
  onChange: (branch: string) => void;
  placeholder?: string;
  disabled?: boolean;
  'aria-label'?: string;
  /** In place of the usual field: any button. */
  trigger?: ReactNode;
}

/** A branch of a repository, found by typing; the newest come first. */
export function BranchPicker({ org, repository, value, onChange, placeholder = 'Choose a branch', disabled = false, trigger, ...control }: BranchPickerProps) {
  const [q, setQ] = useState('');
  const now = useNow(60_000);
  const branches = useRpc('repositories.branches', { org, repository, limit: 50, ...(q === '' ? {} : { q }) }, { enabled: repository !== '' && !disabled, keepPrevious: true });
  return (
    <Combobox
      {...control}
      value={value}
      onValueChange={onChange}
      options={(branches.data?.items ?? []).map((branch) => ({
        value: branch.name,
        description: `${branch.isDefault ? 'default · ' : ''}${formatRelative(Date.parse(branch.committedAt), now)} · ${branch.subject}`,
        icon: <GitBranch aria-hidden className="size-4 shrink-0 text-subtle" />,
      }))}
      onSearch={setQ}
      loading={branches.isPending && branches.isFetching}
      placeholder={placeholder}
      emptyText={branches.isError ? branches.error.message : 'No branch found'}
      disabled={disabled}
      {...(trigger === undefined ? { className: 'w-full' } : { trigger })}
    />
  );
}
