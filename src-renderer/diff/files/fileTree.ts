import type { DiffFile } from '#shared/api/git';

/** A row of the file tree, in display order. */
export type FileTreeRow =
  | { readonly type: 'folder'; readonly path: string; readonly label: string; readonly depth: number; readonly files: number }
  | { readonly type: 'file'; readonly path: string; readonly label: string; readonly depth: number; readonly file: DiffFile };

interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: DiffFile[];
}

/**
 * The changed files as a tree: folders first, each level by name, and a chain of folders with one child joined into one row
 * (`src/main/java`). The rows under a folder in `closed` are left out.
 */
export function fileTreeRows(files: readonly DiffFile[], closed: ReadonlySet<string> = new Set()): FileTreeRow[] {
  const root = emptyFolder();
  for (const file of files) {
    const parts = file.path.split('/');
    let folder = root;
    for (const part of parts.slice(0, -1)) {
      const next = folder.folders.get(part) ?? emptyFolder();
      folder.folders.set(part, next);
      folder = next;
    }
    folder.files.push(file);
  }
  const rows: FileTreeRow[] = [];
  append(rows, root, { prefix: '', depth: 0, closed });
  return rows;
}

/** Files whose path contains every word of the filter, in any case. */
export function filterFiles(files: readonly DiffFile[], filter: string): readonly DiffFile[] {
  const wanted = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return files;
  return files.filter((file) => {
    const path = file.path.toLowerCase();
    return wanted.every((word) => path.includes(word));
  });
}

function append(rows: FileTreeRow[], folder: Folder, at: { prefix: string; depth: number; closed: ReadonlySet<string> }): void {
  for (const [name, child] of [...folder.folders].sort(([a], [b]) => compareNames(a, b))) {
    let [label, current] = [name, child];
    let only = onlyFolder(current);
    while (only !== undefined) {
      label = `${label}/${only[0]}`;
      current = only[1];
      only = onlyFolder(current);
    }
    const path = `${at.prefix}${label}`;
    rows.push({ type: 'folder', path, label, depth: at.depth, files: countFiles(current) });
    if (!at.closed.has(path)) append(rows, current, { prefix: `${path}/`, depth: at.depth + 1, closed: at.closed });
  }
  for (const file of [...folder.files].sort((a, b) => compareNames(a.path, b.path))) {
    rows.push({ type: 'file', path: file.path, label: file.path.slice(file.path.lastIndexOf('/') + 1), depth: at.depth, file });
  }
}

function onlyFolder(folder: Folder): [string, Folder] | undefined {
  return folder.files.length === 0 && folder.folders.size === 1 ? [...folder.folders][0] : undefined;
}

function countFiles(folder: Folder): number {
  let count = folder.files.length;
  for (const child of folder.folders.values()) count += countFiles(child);
  return count;
}

/** By code point: the same on every machine, and no collator for tens of thousands of paths. */
function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function emptyFolder(): Folder {
  return { folders: new Map(), files: [] };
}
