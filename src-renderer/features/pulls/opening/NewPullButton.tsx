import { useNavigate } from '@tanstack/react-router';
import { FolderGit2, Plus } from 'lucide-react';
import { useState } from 'react';
import { useLiveList } from '../../../api/liveList';
import { useMay } from '../../../shell/useMay';
import { Button } from '../../../ui/Button';
import { Combobox } from '../../../ui/fields/Combobox';

/** Opens a pull request in a repository that is chosen first. */
export function NewPullButton({ org }: { org: string }) {
  const navigate = useNavigate();
  const may = useMay('create', 'pullrequests');
  const [q, setQ] = useState('');
  const repositories = useLiveList('repositories', { org, q, limit: 50 });
  return (
    <Combobox
      aria-label="Repository of the new pull request"
      value={undefined}
      options={repositories.items.map((repository) => ({ value: repository.metadata.name, description: repository.spec.description ?? '', icon: <FolderGit2 aria-hidden className="size-4 shrink-0 text-subtle" /> }))}
      onSearch={setQ}
      loading={repositories.isPending}
      emptyText="No repository found"
      onValueChange={(repo) => void navigate({ to: '/o/$org/repositories/$repo/pulls/new', params: { org, repo } })}
      trigger={<Button variant="primary" icon={<Plus />} refusal={may.reason}>New pull request</Button>}
    />
  );
}
