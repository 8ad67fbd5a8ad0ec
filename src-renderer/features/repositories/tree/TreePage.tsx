import { useParams } from '@tanstack/react-router';
import { useTitle } from '../../../ui/useTitle';
import { FolderView } from './FolderView';
import { useRepository } from '../repositoryContext';

/** A folder at a branch, tag or commit. */
export function TreePage() {
  const { repo, defaultBranch } = useRepository();
  const { ref = defaultBranch, _splat: path = '' } = useParams({ strict: false });
  useTitle(path === '' ? `${repo} at ${ref}` : path, repo);
  return <FolderView refName={ref} path={path} />;
}
