import { describe, expect, it } from 'vitest';
import { ACCESS_RULES } from '#shared/access/rules';
import { answerOf, findRules, leastRole, needWords, type PermissionRule } from './roleTable';

const RULES: PermissionRule[] = ACCESS_RULES.map((rule) => ({ ...rule, kinds: [...(rule.kinds === '*' ? ['*'] : rule.kinds)], verbs: [...rule.verbs], scopes: [...rule.scopes] }));
const ruleOf = (id: string) => RULES.find((rule) => rule.id === id) ?? expect.fail(`there is no rule ${id}`);

describe('the table of roles', () => {
  it('finds what a question is about', () => {
    const first = (question: string) => findRules(RULES, question)[0]?.id;
    expect(first('Who may merge?')).toBe('merge');
    expect(first('merging pull requests')).toBe('merge');
    expect(first('who can delete repositories')).toBe('administer-repository');
    expect(first('suspend the organization')).toBe('own-organization');
    expect(first('invite people')).toBe('administer-people');
    expect(findRules(RULES, 'BranchProtection').map(({ id }) => id)).toContain('write-protections');
    expect(findRules(RULES, 'who may?')).toHaveLength(RULES.length);
    expect(findRules(RULES, 'fly to the moon')).toEqual([]);
  });

  it('says from which role on, and what else gives it', () => {
    expect(leastRole(ruleOf('maintain-repository'))).toBe('maintainer');
    expect(needWords(ruleOf('maintain-repository'))).toBe('maintainer or above, or the role maintain in the repository');
    expect(needWords(ruleOf('own-organization'))).toBe('owner');
    expect(needWords(ruleOf('own-profile'))).toBe('viewer or above, for what is their own');
    expect(leastRole(ruleOf('installation'))).toBeUndefined();
  });

  it('answers for a role', () => {
    expect(answerOf('developer', ruleOf('maintain-repository'))).toBe('no');
    expect(answerOf('admin', ruleOf('maintain-repository'))).toBe('yes');
    expect(answerOf('developer', ruleOf('own-runs'))).toBe('own');
    expect(answerOf('owner', ruleOf('installation'))).toBe('no');
    expect(answerOf('agent', ruleOf('read-organization'))).toBe('no');
  });
});
