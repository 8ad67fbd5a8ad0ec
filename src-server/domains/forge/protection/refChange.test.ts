import { describe, expect, it } from 'vitest';
import type { Actor } from '../../../resources/actor';
import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import type { ProtectionRule } from './protectionRules';
import { type RefChange, type RefSituation, refuseRefChange } from './refChange';

const ada: Actor = { kind: 'user', name: 'ada', orgs: ['default'] };
const run: Actor = { kind: 'run', name: 'fix-1', orgs: ['default'], run: { org: 'default', name: 'fix-1' } };

function rule(spec: object): ProtectionRule {
  return {
    apiVersion: BranchProtection.apiVersion,
    kind: 'BranchProtection',
    metadata: { name: 'main-protection', namespace: 'kradle-org-default', uid: 'u', resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: BranchProtection.spec.parse({ organizationRef: 'default', refs: ['main'], ...spec }),
  };
}

function refuse(change: Partial<RefChange>, situation: Partial<RefSituation> = {}): string | undefined {
  return refuseRefChange(
    { ref: 'refs/heads/main', oldSha: 'a'.repeat(40), newSha: 'b'.repeat(40), forced: false, ...change },
    { org: 'default', repository: 'demo', actor: ada, administrator: false, archived: false, empty: false, defaultBranch: 'trunk', teams: new Set(), policies: [], rules: [rule({})], ...situation },
  );
}

describe('refuseRefChange', () => {
  it('names the rule that a direct push breaks', () => {
    expect(refuse({})).toBe('protected branch: main needs a pull request (BranchProtection default/main-protection)');
  });

  it('refuses to create a protected branch, except on the first push of an empty repository', () => {
    expect(refuse({ oldSha: undefined })).toContain('needs a pull request');
    expect(refuse({ oldSha: undefined }, { empty: true })).toBeUndefined();
  });

  it('refuses deletion and force, each unless its own switch allows it', () => {
    expect(refuse({ newSha: undefined })).toContain('cannot be deleted');
    expect(refuse({ newSha: undefined }, { rules: [rule({ allowDeletion: true })] })).toBeUndefined();
    expect(refuse({ forced: true })).toContain('cannot be force-pushed');
    expect(refuse({ forced: true }, { rules: [rule({ allowForcePush: true, requirePullRequest: false })] })).toBeUndefined();
  });

  it('lets administrators pass only rules that do not bind them', () => {
    expect(refuse({}, { administrator: true })).toBeDefined();
    expect(refuse({}, { administrator: true, rules: [rule({ enforceAdmins: false })] })).toBeUndefined();
    expect(refuse({}, { administrator: false, rules: [rule({ enforceAdmins: false })] })).toBeDefined();
  });

  it('keeps a run to its own branch', () => {
    expect(refuse({ ref: 'refs/heads/kradle/runs/fix-1' }, { actor: run })).toBeUndefined();
    expect(refuse({ ref: 'refs/heads/kradle/runs/fix-2' }, { actor: run })).toContain('kradle/runs/fix-1');
    expect(refuse({ ref: 'refs/tags/v1' }, { actor: run })).toContain('kradle/runs/fix-1');
  });

  it('holds a run to the rules of its branch', () => {
    expect(refuse({ ref: 'refs/heads/kradle/runs/fix-1' }, { actor: run, rules: [rule({ refs: ['**'] })] })).toContain('needs a pull request');
  });

  it('refuses an archived repository, foreign references and the deletion of the default branch', () => {
    expect(refuse({}, { archived: true, rules: [] })).toContain('archived');
    expect(refuse({ ref: 'refs/pull/1/head' }, { rules: [] })).toContain('not yours to write');
    expect(refuse({ newSha: undefined }, { defaultBranch: 'main', rules: [] })).toContain('default branch');
  });
});
