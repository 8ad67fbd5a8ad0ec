import { afterEach, beforeEach, expect, it } from 'vitest';
import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import { admin, createForgeFixture, type ForgeFixture } from '../../../../test/harness/forgeFixture';

const org = 'default';
let fixture: ForgeFixture;

beforeEach(async () => {
  fixture = await createForgeFixture();
  await fixture.as(admin).repositories.create({ org, name: 'demo' });
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

function grant(name: string, spec: object = {}) {
  const subject = { kind: 'User' as const, name: 'bob' };
  return fixture.resources.as(admin).create(RepositoryPermission, org, { metadata: { name }, spec: { organizationRef: org, repository: 'demo', subject, permission: 'write', ...spec } });
}

it('is one for a subject that exists', async () => {
  await grant('bob');
  await expect(grant('bob-again', { permission: 'read' })).rejects.toMatchObject({ httpStatus: 422, details: { causes: [{ field: 'spec.subject.name', message: expect.stringContaining('"bob"') as string }] } });
  await expect(grant('nobody', { subject: { kind: 'User', name: 'nobody' } })).rejects.toMatchObject({ details: { causes: [{ code: 'FieldValueNotFound' }] } });
});

it('shows that it is taken back', async () => {
  const manager = await fixture.startControllers();
  await grant('bob', { revoked: true });
  await manager.drain();
  expect((await fixture.resources.get(RepositoryPermission, { org, name: 'bob' })).status?.phase).toBe('Revoked');
});

it('takes no pattern for a rule that could never match', async () => {
  const rule = fixture.resources.create(BranchProtection, org, { metadata: { name: 'rule' }, spec: { organizationRef: org, refs: ['main', 'a b'] } });
  await expect(rule).rejects.toMatchObject({ httpStatus: 422, details: { causes: [{ field: 'spec.refs[1]' }] } });
});
