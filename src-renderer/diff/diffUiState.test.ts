import { describe, expect, it } from 'vitest';
import type { DiffGap } from './model/diffGap';
import { INITIAL_DIFF_UI, reduceDiffUi, type DiffUiState } from './diffUiState';

const gap: DiffGap = { index: 1, newStart: 10, newEnd: 64, oldOffset: 0, hunk: undefined };
const openingOf = (state: DiffUiState) => state.openings.get('a.ts')?.get(1);
const open = (state: DiffUiState, from: 'top' | 'bottom' | 'all') => reduceDiffUi(state, { type: 'open-gap', path: 'a.ts', gap, from });

describe('opening a fold', () => {
  it('goes by twenty lines from either end and never past the middle', () => {
    let state = open(INITIAL_DIFF_UI, 'top');
    expect(openingOf(state)).toEqual({ top: 20, bottom: 0 });
    state = open(state, 'bottom');
    expect(openingOf(state)).toEqual({ top: 20, bottom: 20 });
    state = open(state, 'top');
    expect(openingOf(state)).toEqual({ top: 35, bottom: 20 });
    expect(openingOf(open(state, 'bottom'))).toEqual({ top: 35, bottom: 20 });
  });

  it('opens the rest at once', () => {
    expect(openingOf(open(open(INITIAL_DIFF_UI, 'bottom'), 'all'))).toEqual({ top: 35, bottom: 20 });
  });
});

it('a loaded file is shown whole', () => {
  const file = { path: 'a.ts', status: 'modified', binary: false, additions: 9000, deletions: 0, hunks: [], truncated: false } as const;
  const state = reduceDiffUi(INITIAL_DIFF_UI, { type: 'loaded', file: { ...file, hunks: [] } });
  expect(state.loaded.get('a.ts')).toMatchObject({ additions: 9000 });
  expect(state.undeferred.has('a.ts')).toBe(true);
});
