import type { RunView } from '#shared/runs/runView';
import { useLiveObject } from '../../api/liveList';
import type { RunObject } from './runStory';

/** Folder that the run's agent works in: from the events where they are loaded from the start, else from its session. */
export function useRunFolder(org: string, run: RunObject, view: RunView): string | undefined {
  const session = run.status?.sessionRef;
  const known = view.session?.cwd;
  const { object } = useLiveObject('agentsessions', { org, name: session ?? '' }, { enabled: known === undefined && session !== undefined });
  return known ?? object?.spec.cwd;
}
