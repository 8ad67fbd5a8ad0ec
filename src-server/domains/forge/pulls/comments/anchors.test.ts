import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AnchorHunk, mapLine } from './anchors';

/** A diff between two texts of unique lines: `keep` stay, the rest of `old` goes, `inserts` come before their index. */
function hunkOf(oldLines: readonly string[], newLines: readonly string[]): AnchorHunk[] {
  if (oldLines.join('\n') === newLines.join('\n')) return [];
  const kept = new Set(oldLines.filter((line) => newLines.includes(line)));
  const lines: { kind: 'context' | 'add' | 'delete'; oldLine?: number; newLine?: number }[] = [];
  let [oldAt, newAt] = [0, 0];
  while (oldAt < oldLines.length || newAt < newLines.length) {
    const [left, right] = [oldLines[oldAt], newLines[newAt]];
    if (left !== undefined && !kept.has(left)) lines.push({ kind: 'delete', oldLine: ++oldAt });
    else if (right !== undefined && !kept.has(right)) lines.push({ kind: 'add', newLine: ++newAt });
    else lines.push({ kind: 'context', oldLine: ++oldAt, newLine: ++newAt });
  }
  return [{ oldStart: oldLines.length === 0 ? 0 : 1, oldLines: oldLines.length, newStart: newLines.length === 0 ? 0 : 1, newLines: newLines.length, lines }];
}

it('follows every kept line and loses every removed one', () => {
  const plan = fc.array(fc.record({ keep: fc.boolean(), insert: fc.nat(2) }), { maxLength: 20 });
  fc.assert(
    fc.property(plan, (steps) => {
      const oldLines = steps.map((_, index) => `old ${index}`);
      const newLines = steps.flatMap((step, index) => [
        ...Array.from({ length: step.insert }, (_, count) => `new ${index}.${count}`),
        ...(step.keep ? [`old ${index}`] : []),
      ]);
      oldLines.forEach((text, index) => {
        const mapped = mapLine(hunkOf(oldLines, newLines), index + 1);
        const expected = newLines.indexOf(text);
        expect(mapped).toBe(expected < 0 ? undefined : expected + 1);
      });
    }),
  );
});

it('counts a hunk without old lines from the line before it', () => {
  const hunks: AnchorHunk[] = [{ oldStart: 3, oldLines: 0, newStart: 4, newLines: 2, lines: [{ kind: 'add', newLine: 4 }, { kind: 'add', newLine: 5 }] }];
  expect([1, 3, 4, 9].map((line) => mapLine(hunks, line))).toEqual([1, 3, 6, 11]);
});

it('leaves the lines of a file that did not change', () => {
  expect(mapLine([], 7)).toBe(7);
});
