import type { HLJSApi } from 'highlight.js';
import type { DiffFile, DiffHunk } from '#shared/api/git';
import { codeLanguage } from './codeLanguage';
import { tokenLines, type CodeToken } from './codeTokens';
import type { CodeCell } from '../model/diffRows';

/** Lines that are highlighted in one go: a screenful and a half, so that no go takes long. */
const CHUNK_LINES = 120;
/** Longer lines are shown plain: they are generated, and highlighting them stops the page. */
const MAX_LINE_LENGTH = 3000;
/** Time that highlighting may take before the browser gets to draw, in ms. */
const SLICE_MS = 6;

type ChunkTokens = readonly (readonly CodeToken[] | undefined)[];

/**
 * Highlights what is on the screen, a chunk at a time between frames, and remembers it for as long as the diff lives. Rows are
 * plain until their chunk is done: scrolling never waits for colours.
 */
export class DiffHighlighter {
  readonly #chunks = new WeakMap<object, Map<string, ChunkTokens | 'queued'>>();
  readonly #listeners = new Set<() => void>();
  readonly #queue: (() => void)[] = [];
  #hljs: HLJSApi | undefined;
  #loading = false;
  #scheduled = false;
  #version = 0;

  /** For `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Rises when more lines have colours. */
  readonly version = (): number => this.#version;

  /** The tokens of a cell, or undefined when they are not there (yet). Asking is what gets them made. */
  tokens(file: DiffFile, cell: CodeCell, contents?: readonly string[]): readonly CodeToken[] | undefined {
    const language = codeLanguage(file.path);
    if (language === undefined) return undefined;
    if (cell.at === undefined) {
      if (contents === undefined || cell.line === undefined) return undefined;
      const index = cell.line - 1;
      return this.#chunk(contents, { language, from: index, side: 'new', lines: (from) => contents.slice(from, from + CHUNK_LINES) })?.[index % CHUNK_LINES];
    }
    const hunk = file.hunks[cell.at.hunk];
    if (hunk === undefined) return undefined;
    const side = cell.type === 'delete' ? 'old' : 'new';
    return this.#chunk(hunk, { language, from: cell.at.index, side, lines: (from) => sideLines(hunk, from, side) })?.[cell.at.index % CHUNK_LINES];
  }

  #chunk(owner: object, wanted: { language: string; from: number; side: string; lines: (from: number) => readonly (string | undefined)[] }): ChunkTokens | undefined {
    const number = Math.floor(wanted.from / CHUNK_LINES);
    const key = `${wanted.side}:${number}`;
    const chunks = this.#chunks.get(owner) ?? new Map<string, ChunkTokens | 'queued'>();
    const known = chunks.get(key);
    if (known !== undefined) return known === 'queued' ? undefined : known;
    this.#chunks.set(owner, chunks);
    chunks.set(key, 'queued');
    this.#queue.push(() => chunks.set(key, this.#highlight(wanted.lines(number * CHUNK_LINES), wanted.language)));
    this.#schedule();
    return undefined;
  }

  #schedule(): void {
    if (this.#hljs === undefined) {
      if (this.#loading) return;
      this.#loading = true;
      void import('highlight.js/lib/common').then((module) => {
        this.#hljs = module.default;
        this.#schedule();
      });
      return;
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    setTimeout(() => {
      this.#scheduled = false;
      const end = performance.now() + SLICE_MS;
      // The newest request first: what was asked for earlier may have scrolled away.
      for (let job = this.#queue.pop(); job !== undefined; job = this.#queue.pop()) {
        job();
        if (performance.now() > end) break;
      }
      this.#version += 1;
      for (const listener of this.#listeners) listener();
      if (this.#queue.length > 0) this.#schedule();
    });
  }

  #highlight(lines: readonly (string | undefined)[], language: string): ChunkTokens {
    const texts = lines.filter((line) => line !== undefined);
    if (this.#hljs?.getLanguage(language) === undefined || texts.some((text) => text.length > MAX_LINE_LENGTH)) return [];
    const tokens = tokenLines(this.#hljs.highlight(texts.join('\n'), { language, ignoreIllegals: true }).value);
    let at = 0;
    return lines.map((line) => (line === undefined ? undefined : tokens[at++]));
  }
}

/** The chunk's lines of one side; undefined where the line belongs to the other. */
function sideLines(hunk: DiffHunk, from: number, side: 'old' | 'new'): (string | undefined)[] {
  const other = side === 'old' ? 'add' : 'delete';
  return hunk.lines.slice(from, from + CHUNK_LINES).map((line) => (line.type === other ? undefined : line.text));
}
