import type { DiffFile } from '#shared/api/git';
import { fileRows, type DiffRow, type FileRowsState } from './diffRows';

/** Keeps each file's rows until its file or state changes, so that opening one fold in a diff of 3,000 files rebuilds one file. */
export class DiffRowCache {
  readonly #files = new Map<string, { readonly file: DiffFile; readonly state: FileRowsState; readonly rows: readonly DiffRow[] }>();

  rows(file: DiffFile, state: FileRowsState): readonly DiffRow[] {
    const known = this.#files.get(file.path);
    if (known !== undefined && known.file === file && sameState(known.state, state)) return known.rows;
    const rows = fileRows(file, state);
    this.#files.set(file.path, { file, state, rows });
    return rows;
  }
}

function sameState(a: FileRowsState, b: FileRowsState): boolean {
  return (Object.keys(a) as (keyof FileRowsState)[]).every((key) => a[key] === b[key]);
}
