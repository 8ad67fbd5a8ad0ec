import { expect, it } from 'vitest';
import { closest } from './closest';

it.each([
  ['visiblity', 'visibility'],
  ['defualtBranch', 'defaultBranch'],
  ['DEFAULTBRANCH', 'defaultBranch'],
  ['colour', undefined],
  ['x', undefined],
])('of the known fields, %s is nearest to %s', (text, expected) => {
  expect(closest(text, ['visibility', 'defaultBranch', 'archived'])).toBe(expected);
});
