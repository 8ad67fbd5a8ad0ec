import { useRpc } from '../../../api/rpc';
import { useMay } from '../../../shell/useMay';
import { useRepository } from '../repositoryContext';

/** Whether files at a ref can be changed here: only a branch can, and only by those who may push. */
export function useMayEdit(refName: string): { readonly refusal: string | undefined; readonly isBranch: boolean } {
  const { org, repo, object, defaultBranch } = useRepository();
  const may = useMay('push', 'repositories', repo);
  const branches = useRpc('repositories.branches', { org, repository: repo, q: refName, limit: 50 }, { enabled: refName !== defaultBranch, staleTime: 30_000 });
  const isBranch = refName === defaultBranch || branches.data?.items.some((branch) => branch.name === refName) === true;
  const refusal = object.spec.archived ? 'The repository is archived.' : may.reason ?? (isBranch ? undefined : 'Only files of a branch can be changed; choose one.');
  return { refusal, isBranch };
}
