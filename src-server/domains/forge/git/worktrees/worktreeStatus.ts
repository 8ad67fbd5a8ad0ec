export interface WorktreeStatusEntry {
  readonly path: string;
  readonly oldPath?: string;
  readonly state: 'added' | 'modified' | 'deleted' | 'renamed' | 'untracked' | 'conflicting';
}

export interface WorktreeStatus {
  readonly head: string;
  /** Undefined when HEAD is detached. */
  readonly branch: string | undefined;
  readonly entries: readonly WorktreeStatusEntry[];
  readonly truncated: boolean;
}

/** The output of `git status --porcelain=v2 --branch -z` (git-status(1), "Porcelain Format Version 2"). */
export function parseStatus(output: string, limit: number): WorktreeStatus {
  const fields = output.split('\0');
  const entries: WorktreeStatusEntry[] = [];
  let head = '';
  let branch: string | undefined;
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index] ?? '';
    if (field.startsWith('# branch.oid ')) head = field.slice('# branch.oid '.length);
    else if (field.startsWith('# branch.head ')) branch = field.endsWith(' (detached)') ? undefined : field.slice('# branch.head '.length);
    else if (field.startsWith('2 ')) {
      // A renamed file has its old path in the next field.
      index += 1;
      entries.push({ state: 'renamed', path: afterSpaces(field, 9), oldPath: fields[index] ?? '' });
    } else if (field.startsWith('1 ')) entries.push({ state: stateOf(field.slice(2, 4)), path: afterSpaces(field, 8) });
    else if (field.startsWith('u ')) entries.push({ state: 'conflicting', path: afterSpaces(field, 10) });
    else if (field.startsWith('? ')) entries.push({ state: 'untracked', path: field.slice(2) });
  }
  return { head, branch, entries: entries.slice(0, limit), truncated: entries.length > limit };
}

/** Index and worktree letters together: what happened since HEAD. */
function stateOf(letters: string): WorktreeStatusEntry['state'] {
  if (letters.includes('D')) return 'deleted';
  return letters.includes('A') ? 'added' : 'modified';
}

function afterSpaces(field: string, count: number): string {
  return field.split(' ').slice(count).join(' ');
}
