import { expect, it } from 'vitest';
import { RefPolicy } from '#shared/kinds/forge/refPolicy';
import { createKindResources, refusalOf } from '../../../../test/harness/kindResources';
import { refPolicyStrategy } from './refPolicyStrategy';

it('a policy names references that there can be', async () => {
  const { create } = await createKindResources([refPolicyStrategy]);
  await create(RefPolicy, 'empty', {});
  await create(RefPolicy, 'archive', { refs: ['main', 'refs/tags/v*'], denyPrefixes: ['refs/heads/archive/', 'refs/heads/wip-'], denyRules: [{ pattern: 'release/**', actions: ['delete'] }] });
  await expect(create(RefPolicy, 'wrong', { refs: ['a b'], denyPrefixes: ['archive/', 'refs/heads/*'], denyRules: [{ pattern: '***' }] }))
    .rejects.toMatchObject(refusalOf('spec.refs[0]', 'spec.denyRules[0].pattern', 'spec.denyPrefixes[0]', 'spec.denyPrefixes[1]'));
});
