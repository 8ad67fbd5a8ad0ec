import { expect, it } from 'vitest';
import { PolicyExceptionRequest } from '#shared/kinds/policy/policyExceptionRequest';
import { PolicyProfile } from '#shared/kinds/policy/policyProfile';
import { PolicyTemplate } from '#shared/kinds/policy/policyTemplate';
import { createKindResources, refusalOf } from '../../../test/harness/kindResources';
import { policyStrategies } from './policyStrategies';

const template = { displayName: 'Signed images', targetKinds: ['Pod'], kyverno: { rules: [] } };

it('a template\'s parameters have names of their own and defaults of their type', async () => {
  const { create } = await createKindResources(policyStrategies());
  await create(PolicyTemplate, 'signed', { ...template, parameters: [{ name: 'issuers', type: 'array', default: [] }, { name: 'strict', type: 'boolean', default: false }, { name: 'replicas', type: 'integer' }] });
  await expect(create(PolicyTemplate, 'mixed', { ...template, parameters: [{ name: 'a', type: 'integer', default: 1.5 }, { name: 'b', type: 'object', default: [] }, { name: 'a' }] }))
    .rejects.toMatchObject(refusalOf('spec.parameters[0].default', 'spec.parameters[1].default', 'spec.parameters[2].name'));
});

it('a profile asks for as many approvals as there can be', async () => {
  const { create } = await createKindResources(policyStrategies());
  const profile = { displayName: 'Baseline', mode: 'audit' };
  await expect(create(PolicyProfile, 'alone', { ...profile, exceptionApproval: { minimumApprovals: 2, approvers: ['ada', 'ada'] } })).rejects.toMatchObject(refusalOf('spec.exceptionApproval.minimumApprovals'));
  await create(PolicyProfile, 'team', { ...profile, exceptionApproval: { minimumApprovals: 2, approvers: ['ada'], approverTeams: ['security'] } });
  await create(PolicyProfile, 'open', { ...profile, exceptionApproval: { required: false, minimumApprovals: 2, approvers: ['ada'] } });
});

it('an exception is asked for by who writes it, for a time that lies ahead', async () => {
  const { create, update } = await createKindResources(policyStrategies());
  const wish = { policyRef: 'signed-images', justification: 'The vendor signs from next week on.', expiresAt: '2999-01-01T00:00:00Z' };
  expect((await create(PolicyExceptionRequest, 'vendor', { ...wish, requestedBy: { kind: 'user', name: 'somebody' } })).spec.requestedBy).toEqual({ kind: 'user', name: 'ada' });
  await expect(create(PolicyExceptionRequest, 'late', { ...wish, expiresAt: '2001-01-01T00:00:00Z' })).rejects.toMatchObject(refusalOf('spec.expiresAt'));
  await expect(update(PolicyExceptionRequest, 'vendor', { ...wish, expiresAt: '3999-01-01T00:00:00Z' })).rejects.toMatchObject(refusalOf('spec.expiresAt'));
  await update(PolicyExceptionRequest, 'vendor', { ...wish, revoked: true });
});
