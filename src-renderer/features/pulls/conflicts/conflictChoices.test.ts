import { describe, expect, it } from 'vitest';
import type { ConflictFile } from '#shared/api/pullViews';
import { isDecided, progressOf, resolutionOf, UNDECIDED, type FileChoice } from './conflictChoices';

const block = (name: string) => `<<<<<<< a\nours ${name}\n=======\ntheirs ${name}\n>>>>>>> b\n`;
const file: ConflictFile = { path: 'a.txt', kind: 'content', message: '', resolvable: true, ways: ['edit', 'ours', 'theirs'], merged: `${block('1')}between\n${block('2')}` };
const decide = (choice: Partial<FileChoice>): FileChoice => ({ ...UNDECIDED, ...choice });

describe('a conflicting file', () => {
  it('is decided when every block is', () => {
    const half = decide({ blocks: new Map([[0, 'ours']]) });
    expect([isDecided(file, half), progressOf(file, half), resolutionOf(file, half)]).toEqual([false, { done: 1, all: 2 }, undefined]);
    const whole = decide({ blocks: new Map([[0, 'ours'], [1, 'theirs']]) });
    expect(resolutionOf(file, whole)).toEqual({ path: 'a.txt', content: 'ours 1\nbetween\ntheirs 2\n' });
  });

  it('is decided by hand when no marker is left', () => {
    expect(resolutionOf(file, decide({ text: `x\n${block('2')}` }))).toBeUndefined();
    expect(resolutionOf(file, decide({ text: 'all new\n' }))).toEqual({ path: 'a.txt', content: 'all new\n' });
  });

  it('may be taken as a whole, or removed', () => {
    expect(resolutionOf(file, decide({ whole: 'theirs' }))).toEqual({ path: 'a.txt', take: 'theirs' });
    expect(resolutionOf(file, decide({ whole: 'delete' }))).toEqual({ path: 'a.txt', deleted: true });
  });

  it('without a merged text waits for a choice', () => {
    const binary: ConflictFile = { ...file, kind: 'binary', merged: undefined, ways: ['ours', 'theirs'] };
    expect([isDecided(binary, UNDECIDED), progressOf(binary, UNDECIDED)]).toEqual([false, { done: 0, all: 1 }]);
    expect(progressOf(binary, decide({ whole: 'ours' }))).toEqual({ done: 1, all: 1 });
  });
});
