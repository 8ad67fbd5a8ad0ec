import { ChevronDown, GitBranch, GitCommitHorizontal, Tag } from 'lucide-react';
import { useState } from 'react';
import { useRpc } from '../../../api/rpc';
import { Button } from '../../../ui/Button';
import { Combobox } from '../../../ui/Combobox';
import { useRepository } from '../repositoryContext';

/** A branch or a tag, found by typing; a commit id may be typed too. */
export function RefPicker({ value, onChange }: { value: string; onChange: (ref: string) => void }) {
  const { org, repo } = useRepository();
  const [q, setQ] = useState('');
  const input = { org, repository: repo, limit: 50, ...(q === '' ? {} : { q }) };
  const branches = useRpc('repositories.branches', input, { keepPrevious: true });
  const tags = useRpc('repositories.tags', input, { keepPrevious: true });
  const isCommit = /^[0-9a-f]{40}$/.test(value);
  const isTag = tags.data?.items.some((tag) => tag.name === value) === true && branches.data?.items.some((branch) => branch.name === value) !== true;
  const Icon = isCommit ? GitCommitHorizontal : isTag ? Tag : GitBranch;
  return (
    <Combobox
      aria-label="Branch, tag or commit"
      value={value}
      onValueChange={onChange}
      onSearch={setQ}
      loading={branches.isPending}
      allowCustom
      options={[
        ...(branches.data?.items ?? []).map((branch) => ({ value: branch.name, icon: <GitBranch aria-hidden className="size-3.5 text-subtle" />, ...(branch.isDefault ? { description: 'default branch' } : {}) })),
        ...(tags.data?.items ?? []).map((tag) => ({ value: tag.name, icon: <Tag aria-hidden className="size-3.5 text-subtle" /> })),
      ]}
      trigger={
        <Button data-ref-picker icon={<Icon />} aria-label={`At ${value}; choose another branch or tag`} className="max-w-60">
          <span className={`truncate ${isCommit ? 'font-mono text-xs' : ''}`}>{isCommit ? value.slice(0, 8) : value}</span>
          <ChevronDown aria-hidden />
        </Button>
      }
    />
  );
}
