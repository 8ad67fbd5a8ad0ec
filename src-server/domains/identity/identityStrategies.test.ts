import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createKindRegistry } from '#shared/kind/registry';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { Organization } from '#shared/kinds/identity/organization';
import { OrgNamespaceBinding } from '#shared/kinds/identity/orgNamespaceBinding';
import { User } from '#shared/kinds/identity/user';
import { allKinds } from '#shared/kinds/index';
import { systemClock } from '../../app/clock';
import { silentLogger } from '../../app/log';
import { createMembersAuthorizer } from '../../../test/harness/membersAuthorizer';
import { createResources } from '../../resources/createResources';
import type { ResourceClient } from '../../resources/resourceClient';
import { createMemoryStore } from '../../store/memoryStore';
import { identityStrategies } from './identityStrategies';
import { bootstrapIdentity, createOrganization } from './organizations';

let resources: ResourceClient;
beforeEach(async () => {
  const store = createMemoryStore();
  await store.start();
  resources = createResources({
    store, kinds: createKindRegistry(allKinds), organization: Organization, strategies: identityStrategies(), authorizer: createMembersAuthorizer({ runKind: AgentDispatchRun }),
    clock: systemClock, uuid: randomUUID, log: silentLogger(),
  });
  await bootstrapIdentity(resources, { displayName: 'Ada', email: 'ada@example.com' });
});

/** As a document says it: with fields missing that the type requires. */
const organization = (name: string, spec: Record<string, unknown>) => resources.create(Organization, name, { metadata: { name }, spec: spec as never });
const fields = (fieldNames: string[]) => ({ reason: 'Invalid', details: { causes: fieldNames.map((field) => expect.objectContaining({ field }) as unknown) } });

describe('an organization', () => {
  it('gets its namespace and slug from its name, also from an older document', async () => {
    expect((await organization('a5c', { namespaceName: 'krate-org-a5c', slug: 'a5c' })).spec).toEqual({ displayName: 'a5c', slug: 'a5c', namespaceName: 'kradle-org-a5c' });
    expect((await organization('b5c', {})).spec).toMatchObject({ displayName: 'b5c', namespaceName: 'kradle-org-b5c' });
  });

  it('cannot take the namespace of another, nor a name that is no slug', async () => {
    await expect(organization('evil', { namespaceName: 'kradle-org-default', slug: 'default' })).rejects.toMatchObject(fields(['spec.slug', 'spec.namespaceName']));
    await expect(organization('a.b', {})).rejects.toMatchObject(fields(['metadata.name']));
  });

  it('is called by the slug of its name, and a person by the name that can be one', async () => {
    const warnings: string[] = [];
    const onWarning = (warning: string) => warnings.push(warning);
    const made = await resources.create(Organization, 'acme-corp', { metadata: { name: 'Acme Corp.' }, spec: { slug: 'Acme Corp', displayName: 'Acme' } as never }, { onWarning });
    expect(made).toMatchObject({ metadata: { name: 'acme-corp' }, spec: { slug: 'acme-corp', namespaceName: 'kradle-org-acme-corp' } });
    const person = { displayName: 'Ada', email: 'ada@example.com' };
    const ada = await resources.create(User, 'default', { metadata: { name: 'Ada_Lovelace@Example.com' }, spec: person as never }, { onWarning });
    expect(ada.metadata.name).toBe('ada-lovelace-example-com');
    expect((await resources.create(User, 'default', { metadata: { name: 'ada.l' }, spec: { ...person, email: 'l@example.com' } as never }, { onWarning })).metadata.name).toBe('ada.l');
    expect(warnings).toEqual(['metadata.name "Acme Corp." is written "acme-corp"', 'metadata.name "Ada_Lovelace@Example.com" is written "ada-lovelace-example-com"']);
    await expect(organization('...', {})).rejects.toMatchObject({ reason: 'Invalid' });
  });

  it('has one binding, to its own namespace', async () => {
    await createOrganization(resources, { slug: 'acme', displayName: 'Acme' });
    await expect(resources.create(OrgNamespaceBinding, 'acme', { metadata: { name: 'more' }, spec: { organizationRef: 'acme', namespace: 'kradle-org-default' } })).rejects.toMatchObject(fields(['metadata.name', 'spec.namespace']));
  });
});

describe('the administrator', () => {
  it('cannot be deleted, disabled or demoted, and neither can the organization around', async () => {
    await expect(resources.delete(User, { org: 'default', name: 'admin' })).rejects.toMatchObject({ reason: 'Forbidden' });
    await expect(resources.delete(Organization, { org: 'default', name: 'default' })).rejects.toMatchObject({ reason: 'Forbidden' });
    await expect(resources.mutate(User, { org: 'default', name: 'admin' }, ({ spec }) => Object.assign(spec, { admin: false, disabled: true }))).rejects.toMatchObject(fields(['spec.admin', 'spec.disabled']));
    await resources.mutate(User, { org: 'default', name: 'admin' }, ({ spec }) => void (spec.displayName = 'Ada Lovelace'));
  });

  it('of one organization is nobody special in another', async () => {
    await createOrganization(resources, { slug: 'acme', displayName: 'Acme' });
    const admin = await resources.create(User, 'acme', { metadata: { name: 'admin' }, spec: { organizationRef: 'acme', displayName: 'A', email: 'a@example.com', disabled: true } });
    expect(admin.spec).toMatchObject({ username: 'admin', admin: false });
    await resources.delete(User, { org: 'acme', name: 'admin' });
  });
});
