import { useLiveObject } from '../../../api/liveList';
import { useRpc } from '../../../api/rpc';

/** Repositories of the organization that pull requests go between, as far as they may be seen: the one that is asked about first. */
export interface ForkChoices {
  readonly names: readonly string[];
  /** What it is a fork of: where a change of it usually goes. */
  readonly parent: string | undefined;
  readonly isPending: boolean;
}

export function useForkNetwork(org: string, repository: string): ForkChoices {
  const isFork = useLiveObject('repositories', { org, name: repository }).object?.spec.forkOf !== undefined;
  const { data, isPending } = useRpc('lifecycle.forks', { org, repository });
  const others = [data?.parent, data?.root, ...(data?.items ?? [])].flatMap((each) => (each?.organization === org ? [each.repository] : []));
  return { names: [...new Set([repository, ...others])], parent: data?.parent?.organization === org ? data.parent.repository : undefined, isPending: isFork && isPending };
}
