import { describe, expect, it } from 'vitest';
import type { GitCommit } from '#shared/api/git';
import { defaultMergeWords } from './mergeMethod';
import type { PullObject } from '../pullObject';

const pull = { spec: { title: 'Round prices', body: 'To cents.', number: 7, sourceBranch: 'round' } } as PullObject;
const commit = (subject: string, body = '', parents = ['p']) => ({ subject, body, parents }) as unknown as GitCommit;

describe('defaultMergeWords', () => {
  it('says where a merge comes from, and what a squash is', () => {
    expect(defaultMergeWords(pull, 'merge', { commits: [] })).toEqual({ title: 'Merge pull request #7 from round', message: 'Round prices' });
    expect(defaultMergeWords(pull, 'squash', { commits: [] })).toEqual({ title: 'Round prices (#7)', message: 'To cents.' });
  });

  it('follows the settings of the repository', () => {
    expect(defaultMergeWords(pull, 'merge', { mergeCommitMessage: 'pull-request', commits: [] })).toEqual({ title: 'Round prices (#7)', message: 'To cents.' });
    const commits = [commit('Second', 'Because.'), commit('Merge main', '', ['a', 'b']), commit('First')];
    expect(defaultMergeWords(pull, 'squash', { squashCommitMessage: 'commits', commits }).message).toBe('* First\n\n* Second\n\nBecause.');
    expect(defaultMergeWords(pull, 'squash', { squashCommitMessage: 'commits', commits: [commit('Only', 'Because.')] }).message).toBe('Because.');
  });
});
