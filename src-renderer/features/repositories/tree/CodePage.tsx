import { useTitle } from '../../../ui/useTitle';
import { EmptyRepository } from './EmptyRepository';
import { FolderView } from './FolderView';
import { useRepository } from '../repositoryContext';

/** The front page of a repository: the root of its default branch. */
export function CodePage() {
  const { org, repo, object, defaultBranch } = useRepository();
  useTitle(repo, org);
  return object.status?.empty === true ? <EmptyRepository /> : <FolderView refName={defaultBranch} path="" />;
}
