import { expect, it } from 'vitest';
import { createConnectionLimits } from './connectionLimits';

const LIMITS = { max: 6, perAddress: 4, unauthenticated: 4, unauthenticatedPerAddress: 2 };

it('lets a few in from one address that have not signed in, and more once they have', () => {
  const limits = createConnectionLimits(LIMITS);
  const places = [limits.enter('a'), limits.enter('a')];
  expect(limits.enter('a')).toBeUndefined();
  for (const place of places) place?.admit();
  expect([limits.enter('a'), limits.enter('a')]).not.toContain(undefined);
  expect(limits.open).toBe(4);
  // All of one address are taken, whether they have signed in or not.
  expect(limits.enter('a')).toBeUndefined();
  expect(limits.enter('b')).toBeDefined();
});

it('bounds those who have not signed in, and all', () => {
  const limits = createConnectionLimits(LIMITS);
  const waiting = ['a', 'a', 'b', 'b'].map((address) => limits.enter(address));
  expect(limits.enter('c')).toBeUndefined();
  for (const place of waiting) place?.admit();
  expect([limits.enter('c'), limits.enter('c')]).not.toContain(undefined);
  expect(limits.open).toBe(6);
  expect(limits.enter('d')).toBeUndefined();
});

it('counts who leaves once, however often it is said', () => {
  const limits = createConnectionLimits(LIMITS);
  const [one, two] = [limits.enter('a'), limits.enter('a')];
  one?.leave();
  one?.leave();
  one?.admit();
  expect(limits.open).toBe(1);
  two?.admit();
  two?.admit();
  two?.leave();
  expect(limits.open).toBe(0);
  // Nothing was given back twice: the limits are what they were.
  expect(['a', 'a', 'b', 'b'].map((address) => limits.enter(address))).not.toContain(undefined);
  expect([limits.enter('a'), limits.enter('c')]).toEqual([undefined, undefined]);
});
