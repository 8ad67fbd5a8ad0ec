import type { RunObject } from './runStory';

const MAX_LENGTH = 120;

/** What people call a run: its title, else the first line of its task. */
export function runTitle(run: RunObject): string {
  const firstLine = run.spec.prompt?.trim().split('\n', 1)[0] ?? '';
  const title = run.spec.title ?? firstLine;
  if (title === '') return run.metadata.name;
  return title.length > MAX_LENGTH ? `${title.slice(0, MAX_LENGTH - 1)}…` : title;
}
