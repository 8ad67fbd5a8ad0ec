import { Link } from '@tanstack/react-router';
import { ChevronDown, FilePlus2, Plus, Upload } from 'lucide-react';
import { Button } from '../../../ui/Button';
import { DropdownMenu, MenuItem } from '../../../ui/overlays/DropdownMenu';
import { useRepository } from '../repositoryContext';
import { useMayEdit } from './useMayEdit';

/** New files without a clone. */
export function AddFileMenu({ refName, path }: { refName: string; path: string }) {
  const { org, repo } = useRepository();
  const edit = useMayEdit(refName);
  if (edit.refusal !== undefined) return <Button icon={<Plus />} refusal={edit.refusal}>Add</Button>;
  const params = { org, repo, ref: refName, _splat: path };
  return (
    <DropdownMenu trigger={<Button icon={<Plus />}>Add<ChevronDown aria-hidden /></Button>}>
      <MenuItem asChild icon={<FilePlus2 />}><Link to="/o/$org/repositories/$repo/new/$ref/$" params={params}>New file</Link></MenuItem>
      <MenuItem asChild icon={<Upload />}><Link to="/o/$org/repositories/$repo/upload/$ref/$" params={params}>Upload files</Link></MenuItem>
    </DropdownMenu>
  );
}
