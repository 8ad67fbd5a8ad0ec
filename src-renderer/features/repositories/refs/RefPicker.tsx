import { ChevronDown, GitBranch, GitCommitHorizontal, Tag } from 'lucide-react';
import { Button } from '../../../ui/Button';
import { Combobox } from '../../../ui/fields/Combobox';
import type { FieldControlProps } from '../../../ui/fields/Field';
import { useRepository } from '../repositoryContext';
import { useRefOptions } from './useRefOptions';

export interface RefPickerProps {
  value: string;
  onChange: (ref: string) => void;
  /** Of the `Field` that it stands in; without, it is a button that says the ref. */
  field?: FieldControlProps;
}

/** A branch or a tag of the page's repository, found by typing; a commit id may be typed too. */
export function RefPicker({ value, onChange, field }: RefPickerProps) {
  const { org, repo } = useRepository();
  const found = useRefOptions({ org, repository: repo, kinds: ['branch', 'tag'] });
  const isCommit = /^[0-9a-f]{40}$/.test(value);
  // A branch and a tag of one name: the branch is meant, and comes first.
  const Icon = isCommit ? GitCommitHorizontal : found.options.find((option) => option.value === value)?.kind === 'tag' ? Tag : GitBranch;
  const trigger = (
    <Button data-ref-picker icon={<Icon />} aria-label={`At ${value}; choose another branch or tag`} className="max-w-60">
      <span className={`truncate ${isCommit ? 'font-mono text-xs' : ''}`}>{isCommit ? value.slice(0, 8) : value}</span>
      <ChevronDown aria-hidden />
    </Button>
  );
  return <Combobox {...found} {...(field === undefined ? { 'aria-label': 'Branch, tag or commit', trigger } : { ...field, className: 'w-full' })} value={value} onValueChange={onChange} allowCustom />;
}
