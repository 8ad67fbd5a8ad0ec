import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const tokens = new Map(
  [...css.matchAll(/--k-([a-z-]+): light-dark\((#[0-9a-f]{6,8}), (#[0-9a-f]{6,8})\)/g)].map(([, name = '', light = '', dark = '']) => [name, { light, dark }]),
);

const GROUNDS = ['canvas', 'surface', 'raised', 'sunken', 'hover', 'selected'];
const TEXT: readonly (readonly [string, readonly string[]])[] = [
  ['fg', [...GROUNDS, 'diff-add', 'diff-delete', 'diff-add-strong', 'diff-delete-strong', 'warning-soft', 'danger-soft', 'info-soft', 'success-soft', 'accent-soft']],
  ['muted', [...GROUNDS, 'diff-add', 'diff-delete', 'warning-soft', 'danger-soft', 'info-soft', 'success-soft', 'accent-soft']],
  ['subtle', [...GROUNDS, 'diff-add', 'diff-delete']],
  ['accent', [...GROUNDS, 'accent-soft']],
  ['on-accent', ['accent-strong']],
  ['on-danger', ['danger-solid']],
  ...['success', 'warning', 'danger', 'info', 'merged'].map((name) => [name, ['canvas', 'surface', 'raised', 'hover', 'selected', `${name}-soft`]] as const),
  ...['keyword', 'string', 'number', 'title', 'type', 'comment'].map((name) => [`code-${name}`, ['surface', 'sunken', 'diff-add', 'diff-delete']] as const),
];

describe.each(['light', 'dark'] as const)('colours in %s', (theme) => {
  it.each(TEXT.flatMap(([text, grounds]) => grounds.map((ground) => [text, ground] as const)))('%s on %s reads at WCAG AA', (text, ground) => {
    expect(contrast(colour(text), colour(ground))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['canvas', 'surface'])('the focus ring and field borders stand out from %s', (ground) => {
    expect(contrast(colour('focus'), colour(ground))).toBeGreaterThanOrEqual(3);
    expect(contrast(colour('line-strong'), colour(ground))).toBeGreaterThanOrEqual(2.7);
  });

  function colour(name: string): string {
    const token = tokens.get(name);
    if (token === undefined) throw new Error(`tokens.css has no --k-${name}`);
    return token[theme];
  }
});

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** WCAG 2.2, "relative luminance". */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
