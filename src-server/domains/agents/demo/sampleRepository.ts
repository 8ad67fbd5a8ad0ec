/** The repository that the demo works on: small, real, and with one test that fails. */
export const SAMPLE_REPOSITORY = {
  name: 'demo-shop',
  description: 'A small shop with a failing test, for trying Kradle out.',
  message: 'Add a small shop with tests',
  files: [
    {
      path: 'README.md',
      content: `# Demo shop

The arithmetic of a small shop: carts, discounts and totals. It has no dependencies.

\`\`\`
node --test
\`\`\`

One test fails. An agent can find out why.
`,
    },
    {
      path: 'package.json',
      content: `${JSON.stringify({ name: 'demo-shop', version: '1.0.0', private: true, type: 'module', scripts: { test: 'node --test' } }, undefined, 2)}\n`,
    },
    {
      path: 'src/cart.js',
      content: `import { applyDiscount } from './discount.js';

/** A line of a cart: what, how many, and the price of one in cents. */
export function line(name, quantity, priceCents) {
  if (quantity < 1) throw new RangeError('a line has at least one item');
  return { name, quantity, priceCents };
}

/** What a cart costs, in cents, after its discount in percent. */
export function totalCents(lines, discountPercent = 0) {
  const sum = lines.reduce((total, { quantity, priceCents }) => total + quantity * priceCents, 0);
  return applyDiscount(sum, discountPercent);
}
`,
    },
    {
      path: 'src/discount.js',
      content: `/** Takes a discount off an amount in cents. The result is rounded to whole cents. */
export function applyDiscount(cents, percent) {
  if (percent < 0 || percent > 100) throw new RangeError('a discount is between 0 and 100 percent');
  return Math.round(cents - percent / 100);
}
`,
    },
    {
      path: 'test/cart.test.js',
      content: `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { line, totalCents } from '../src/cart.js';

test('a cart costs what its lines cost', () => {
  assert.equal(totalCents([line('tea', 2, 450), line('cup', 1, 1200)]), 2100);
});

test('a discount of ten percent takes a tenth off', () => {
  assert.equal(totalCents([line('tea', 2, 500)], 10), 900);
});

test('an empty line is refused', () => {
  assert.throws(() => line('tea', 0, 450), RangeError);
});
`,
    },
  ],
} as const;

/** What the demo asks of its agent. */
export const DEMO_TASK = `The test "a discount of ten percent takes a tenth off" fails.

Find out why, fix the cause with the smallest change that is right, and run the tests to show that they pass.`;
