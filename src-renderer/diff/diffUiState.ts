import type { DiffFile } from '#shared/api/git';
import type { DiffAnchor } from './model/diffAnchor';
import { EXPAND_STEP, hiddenRange, type DiffGap, type GapOpening } from './model/diffGap';

/** What the reader did to the diff on the screen. */
export interface DiffUiState {
  readonly ignoreWhitespace: boolean;
  /** Folded by hand; a file that is marked as viewed starts folded. */
  readonly collapsed: ReadonlyMap<string, boolean>;
  /** Large files that were asked for. */
  readonly undeferred: ReadonlySet<string>;
  readonly openings: ReadonlyMap<string, ReadonlyMap<number, GapOpening>>;
  /** Lines of the new side, by path. */
  readonly contents: ReadonlyMap<string, readonly string[]>;
  /** Whole files that replaced truncated ones. */
  readonly loaded: ReadonlyMap<string, DiffFile>;
  readonly composer: DiffAnchor | undefined;
}

export const INITIAL_DIFF_UI: DiffUiState = {
  ignoreWhitespace: false, collapsed: new Map(), undeferred: new Set(), openings: new Map(), contents: new Map(), loaded: new Map(), composer: undefined,
};

export type DiffUiAction =
  | { readonly type: 'whitespace'; readonly ignore: boolean }
  | { readonly type: 'collapse'; readonly paths: readonly string[]; readonly collapsed: boolean }
  | { readonly type: 'undefer'; readonly path: string }
  | { readonly type: 'open-gap'; readonly path: string; readonly gap: DiffGap; readonly from: 'top' | 'bottom' | 'all' }
  | { readonly type: 'contents'; readonly path: string; readonly lines: readonly string[] }
  | { readonly type: 'loaded'; readonly file: DiffFile }
  | { readonly type: 'compose'; readonly anchor: DiffAnchor | undefined };

export function reduceDiffUi(state: DiffUiState, action: DiffUiAction): DiffUiState {
  switch (action.type) {
    case 'whitespace':
      return { ...state, ignoreWhitespace: action.ignore };
    case 'collapse':
      return { ...state, collapsed: new Map([...state.collapsed, ...action.paths.map((path) => [path, action.collapsed] as const)]) };
    case 'undefer':
      return { ...state, undeferred: new Set([...state.undeferred, action.path]) };
    case 'open-gap': {
      const gaps = state.openings.get(action.path) ?? new Map<number, GapOpening>();
      const opened = openGap(action.gap, gaps.get(action.gap.index), action.from);
      return { ...state, openings: new Map([...state.openings, [action.path, new Map([...gaps, [action.gap.index, opened]])]]) };
    }
    case 'contents':
      return { ...state, contents: new Map([...state.contents, [action.path, action.lines]]) };
    case 'loaded':
      return { ...state, loaded: new Map([...state.loaded, [action.file.path, action.file]]), undeferred: new Set([...state.undeferred, action.file.path]) };
    case 'compose':
      return { ...state, composer: action.anchor };
  }
}

function openGap(gap: DiffGap, opening: GapOpening | undefined, from: 'top' | 'bottom' | 'all'): GapOpening {
  const [top, bottom] = [opening?.top ?? 0, opening?.bottom ?? 0];
  const hidden = hiddenRange(gap, opening);
  const left = hidden === undefined ? 0 : hidden[1] === undefined ? Number.MAX_SAFE_INTEGER : hidden[1] - hidden[0] + 1;
  if (from === 'all') return { top: top + left, bottom };
  const step = Math.min(EXPAND_STEP, left);
  return from === 'top' ? { top: top + step, bottom } : { top, bottom: bottom + step };
}
