import { describe, expect, it } from 'vitest';
import { toDiffThread } from './pullObject';

const thread = { id: 'r/1', path: 'a.ts', side: 'new', line: 10, startLine: 8, outdated: false, resolved: false, comments: [] } as const;

describe('toDiffThread', () => {
  it('moves the whole range to where the line is now', () => {
    expect(toDiffThread({ ...thread, comments: [], currentLine: 14 })).toMatchObject({ line: 14, startLine: 12 });
  });

  it('keeps the old place of an outdated one, which is shown with the line as it was', () => {
    expect(toDiffThread({ ...thread, comments: [], outdated: true, lineText: 'x' })).toMatchObject({ line: 10, startLine: 8, original: { startLine: 10, lines: ['x'], commented: 1 }, outdated: true });
  });
});
