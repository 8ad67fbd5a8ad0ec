import { describe, expect, it } from 'vitest';
import { displayWidth } from './terminalText';
import { renderTextTable } from './textTable';

const columns = [{ header: 'Name' }, { header: 'Title' }, { header: 'Cost', align: 'end' as const }];
const rows = [['run-1', 'A title that goes on and on and on', '$0.10'], ['run-22', 'Short', '$12.00']];

describe('renderTextTable', () => {
  it('aligns columns and ends no line in blanks', () => {
    expect(renderTextTable(columns, rows, Number.POSITIVE_INFINITY)).toBe(
      ['NAME     TITLE                                  COST', 'run-1    A title that goes on and on and on    $0.10', 'run-22   Short                                $12.00', ''].join('\n'),
    );
  });

  it('fits the screen by the widest column and keeps the name whole', () => {
    const text = renderTextTable(columns, rows, 40);
    for (const line of text.trimEnd().split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(40);
    expect(text).toContain('run-22');
    expect(text).toContain('A title that goes on …');
    expect(text).toContain('$12.00');
  });

  it('stops squeezing where nothing could be read any more', () => {
    expect(renderTextTable(columns, rows, 5)).toContain('A title…');
  });

  it('paints a cell after it was padded', () => {
    const painted = renderTextTable([{ header: 'A', paint: (padded) => `<${padded}>` }, { header: 'B' }], [['x', 'y'], ['long', 'y']], 80);
    expect(painted.split('\n').slice(1, 3)).toEqual(['<x   >   y', '<long>   y']);
  });
});
