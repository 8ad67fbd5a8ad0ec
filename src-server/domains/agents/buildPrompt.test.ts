import { describe, expect, it } from 'vitest';
import { buildPrompt, titleOf } from './buildPrompt';

const parts = { prompt: ' Fix it. \n', repository: 'shop', branch: 'kradle/runs/r', baseSha: 'a'.repeat(40), interrupted: false };

describe('buildPrompt', () => {
  it('is the task alone where there is nothing to add', () => {
    expect(buildPrompt({ ...parts, system: '  ' })).toBe('Fix it.');
  });

  it('puts the operator\'s words in front, each under its heading, and the task last', () => {
    const text = buildPrompt({ ...parts, system: 'Be brief.', developer: 'Test it.', task: 'This is legacy code.' });
    expect(text.match(/^# .*$/gm)).toEqual(['# Instructions', '# Developer instructions', '# About this work', '# Working folder', '# Task']);
    expect(text.endsWith('# Task\n\nFix it.')).toBe(true);
    expect(text).toContain('repository "shop", on branch kradle/runs/r');
  });

  it('tells an agent that takes over what happened', () => {
    expect(buildPrompt({ ...parts, interrupted: true })).toMatch(/interrupted[^]*# Task\n\nFix it\.$/);
  });
});

describe('titleOf', () => {
  it('is the first line that says something, without marks and not too long', () => {
    expect(titleOf('\n\n## Fix *the* bug\nmore')).toBe('Fix *the* bug');
    expect([...titleOf('🙂'.repeat(300))]).toHaveLength(120);
    expect(titleOf('')).toBe('');
  });
});
