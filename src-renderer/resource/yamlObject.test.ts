import { describe, expect, it } from 'vitest';
import type { KradleObject } from '#shared/kind/defineKind';
import { kindJsonSchema } from '#shared/kind/jsonSchema';
import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import { parseYamlObject, toYaml } from './yamlObject';

const schema = kindJsonSchema(BranchProtection);
const object: KradleObject = {
  apiVersion: 'kradle.a5c.ai/v1alpha1',
  kind: 'BranchProtection',
  metadata: { name: 'main', namespace: 'kradle-org-x', uid: 'u', resourceVersion: '12', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z', labels: { a: 'b' } },
  spec: { organizationRef: 'x', refs: ['main'], requirePullRequest: true },
  status: { phase: 'Active' },
};

describe('toYaml', () => {
  it('shows what people edit, and fits the schema', () => {
    const text = toYaml(object);
    expect(text).not.toContain('uid');
    expect(text).not.toContain('status');
    expect(text).toContain('resourceVersion: "12"');
    expect(parseYamlObject(text, schema).issues).toEqual([]);
  });

  it('shows everything when asked', () => {
    expect(toYaml(object, { full: true })).toContain('phase: Active');
  });
});

describe('parseYamlObject', () => {
  it.each([
    { from: 'requirePullRequest: true', to: 'requirePullRequest: often', marked: 'often', message: 'spec.requirePullRequest must be true or false, is text' },
    { from: 'requirePullRequest: true', to: 'requirePullRequests: true', marked: 'requirePullRequests', message: 'spec.requirePullRequests unknown field' },
    { from: '    - main', to: '    - 3', marked: '3', message: 'spec.refs.0 must be text, is a whole number' },
    { from: '  refs:\n    - main\n', to: '', marked: 'spec', message: 'spec needs refs' },
  ])('$from -> $to is marked at $marked', ({ from, to, marked, message }) => {
    const text = toYaml(object).replace(from, to);
    const [issue] = parseYamlObject(text, schema).issues;
    expect(issue?.message).toContain(message);
    expect(text.slice(issue?.from, issue?.to)).toBe(marked);
  });

  it('says where the grammar is broken, and has no value then', () => {
    const parsed = parseYamlObject('a: [1, 2\nb: 3', schema);
    expect(parsed.value).toBeUndefined();
    expect(parsed.issues.length).toBeGreaterThan(0);
  });

  it('finds the place of a field that the server names', () => {
    const text = toYaml(object);
    const { from, to } = parseYamlObject(text, schema).locate('spec.refs[0]');
    expect(text.slice(from, to)).toBe('main');
  });

  it('is not led on by a mapping that refers to itself over and over', () => {
    const bomb = 'a: &a [x,x,x,x,x,x,x,x,x]\n' + ['b', 'c', 'd', 'e', 'f'].map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdef'[index] ?? ''}`).join(',')}]`).join('\n');
    expect(() => parseYamlObject(bomb, schema)).not.toThrow();
    expect(parseYamlObject(bomb, schema).issues.length).toBeGreaterThan(0);
  });
});
