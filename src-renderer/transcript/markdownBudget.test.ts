import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MarkdownBudget } from './markdownBudget';

describe('MarkdownBudget', () => {
  let frames: FrameRequestCallback[] = [];
  const nextFrame = () => {
    const due = frames;
    frames = [];
    for (const frame of due) frame(0);
  };
  beforeEach(() => {
    frames = [];
    vi.stubGlobal('requestAnimationFrame', (frame: FrameRequestCallback) => frames.push(frame));
  });
  afterEach(() => vi.unstubAllGlobals());

  it('gives each frame its share and the rest to the next ones, newest first', () => {
    const budget = new MarkdownBudget();
    const done: string[] = [];
    expect(budget.take(6000)).toBe(true);
    expect(budget.take(4000)).toBe(false);
    budget.wait(4000, () => done.push('old'));
    budget.wait(6000, () => done.push('new'));
    nextFrame();
    expect(done).toEqual(['new']);
    nextFrame();
    expect(done).toEqual(['new', 'old']);
  });

  it('lets through what is larger than any share, alone', () => {
    const budget = new MarkdownBudget();
    expect(budget.take(50_000)).toBe(true);
    expect(budget.take(10)).toBe(false);
  });

  it('forgets what no longer waits', () => {
    const budget = new MarkdownBudget();
    const run = vi.fn();
    budget.wait(10, run)();
    nextFrame();
    expect(run).not.toHaveBeenCalled();
  });
});
