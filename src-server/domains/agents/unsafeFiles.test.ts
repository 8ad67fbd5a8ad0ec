import { describe, expect, it } from 'vitest';
import { estimateCostUsd } from './pricing';
import { unsafeFileWarnings } from './unsafeFiles';

describe('unsafeFileWarnings', () => {
  it('warns of files that run elsewhere, hold secrets or pin dependencies, once a rule', () => {
    expect(unsafeFileWarnings(['.github/workflows/a.yml', '.github/workflows/b.yml', '.env.local', 'web/package-lock.json', '.husky/pre-commit', 'AGENTS.md'])).toEqual([
      '.github/workflows/a.yml, .github/workflows/b.yml: changes what CI runs',
      '.husky/pre-commit: changes hooks that run on developers\' machines',
      '.env.local: may hold secrets',
      'web/package-lock.json: changes locked dependencies',
      'AGENTS.md: changes what agents are told',
    ]);
  });

  it('says nothing of ordinary files', () => {
    expect(unsafeFileWarnings(['src/environment.ts', 'docs/hooks.md', 'lib/lock.js', 'src/ci/index.ts'])).toEqual([]);
  });
});

describe('estimateCostUsd', () => {
  it('takes the organization\'s rates before the known ones, and invents none', () => {
    const usage = { inputTokens: 1_000_000, outputTokens: 100_000 };
    const own = { spec: { organizationRef: 'o', provider: 'p', authType: 'none' as const, modelRates: { 'my-sonnet': { inputPerMillionUsd: 1, outputPerMillionUsd: 10 } } } };
    expect(estimateCostUsd('my-sonnet', usage, [own])).toBe(2);
    expect(estimateCostUsd('claude-sonnet-4-5', usage, [])).toBe(4.5);
    expect(estimateCostUsd('nobody-knows', usage, [])).toBeUndefined();
    expect(estimateCostUsd(undefined, usage, [])).toBeUndefined();
    expect(estimateCostUsd('claude-sonnet-4-5', { inputTokens: 1 }, [])).toBeUndefined();
  });
});
