import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { AnyKind, KradleObject } from '../../shared/kind/defineKind';
import { createKindRegistry } from '../../shared/kind/registry';
import { AgentApproval } from '../../shared/kinds/agents/agentApproval';
import { AgentDispatchAttempt } from '../../shared/kinds/agents/agentDispatchAttempt';
import { AgentDispatchRun } from '../../shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '../../shared/kinds/agents/agentStack';
import { WorkItemSessionLink } from '../../shared/kinds/agents/workItemSessionLink';
import { WorkItemWorkspaceLink } from '../../shared/kinds/agents/workItemWorkspaceLink';
import { Organization } from '../../shared/kinds/identity/organization';
import { allKinds } from '../../shared/kinds/index';
import { silentLogger } from '../../src-server/app/log';
import { createAdapterStrategy } from '../../src-server/domains/agents/adapterStrategy';
import { createRunStrategy } from '../../src-server/domains/agents/runStrategy';
import { createStackStrategy } from '../../src-server/domains/agents/stackDefaults';
import { stackReadiness } from '../../src-server/domains/agents/stackReadiness';
import { auditStrategies } from '../../src-server/domains/audit/auditStrategies';
import { externalStrategies } from '../../src-server/domains/external/externalStrategies';
import { identityStrategies } from '../../src-server/domains/identity/identityStrategies';
import { policyStrategies } from '../../src-server/domains/policy/policyStrategies';
import type { Actor } from '../../src-server/resources/actor';
import { createMembersAuthorizer } from '../harness/membersAuthorizer';
import { createResources } from '../../src-server/resources/createResources';
import type { ResourceClient } from '../../src-server/resources/resourceClient';
import { createMemoryStore } from '../../src-server/store/memoryStore';
import { createAgentsFixture } from '../harness/agentsFixture';
import { createFakeClock } from '../harness/fakeClock';

const registry = createKindRegistry(allKinds);
const person: Actor = { kind: 'user', name: 'ada', orgs: '*' };
/** Where documents go that name no organization. */
const HOME = 'solo';

interface Document extends KradleObject {
  readonly metadata: KradleObject['metadata'] & { readonly namespace: string };
}

/** The documents of a file, word for word. */
function documentsOf(file: string): Document[] {
  const text = readFileSync(new URL(`../fixtures/documents/${file}`, import.meta.url), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as Document);
}

function kindOf(document: Document): AnyKind {
  const kind = registry.find(document.kind);
  if (kind === undefined) throw new Error(`no kind is called ${document.kind}`);
  return kind;
}

function organizationOf(document: Document): string {
  if (document.kind === Organization.names.kind) return document.metadata.name;
  return typeof document.spec?.organizationRef === 'string' ? document.spec.organizationRef : HOME;
}

/** Organizations with nothing in them, and a person who applies documents. */
async function emptyOrganizations(...orgs: string[]): Promise<ResourceClient> {
  const store = createMemoryStore();
  await store.start();
  const { forge } = (await createAgentsFixture()).ctx;
  const resources = createResources({
    store,
    kinds: registry,
    organization: Organization,
    strategies: [createRunStrategy(forge), createStackStrategy(), createAdapterStrategy(), ...identityStrategies(), ...externalStrategies(), ...policyStrategies(), ...auditStrategies()],
    authorizer: createMembersAuthorizer({ runKind: AgentDispatchRun }),
    clock: createFakeClock(),
    uuid: randomUUID,
    log: silentLogger(),
  });
  for (const org of orgs) await resources.create(Organization, org, { metadata: { name: org }, spec: { displayName: org, namespaceName: `kradle-org-${org}` } });
  return resources.as(person);
}

const apply = (resources: ResourceClient, document: Document) =>
  resources.apply(kindOf(document), organizationOf(document), document);

const stored = <TKind extends AnyKind>(resources: ResourceClient, kind: TKind, name: string) => resources.get(kind, { org: HOME, name });

it.each([
  { file: 'resourceContractExamples.yaml', orgs: [HOME], documents: 24 },
  { file: 'externalBackends.yaml', orgs: ['a5c'], documents: 1 },
  { file: 'externalBackendParts.yaml', orgs: [HOME, 'a5c'], documents: 6 },
])('$file applies in its order to organizations that have nothing, twice, and reads back complete', async ({ file, orgs, documents: count }) => {
  const documents = documentsOf(file);
  expect(documents).toHaveLength(count);
  const resources = await emptyOrganizations(...orgs);
  for (const document of documents) await apply(resources, document);
  for (const document of documents) {
    const kind = kindOf(document);
    const label = `${document.kind} ${document.metadata.name}`;
    const object = await resources.get(kind, { org: organizationOf(document), name: document.metadata.name });
    expect(object, label).toMatchObject({ apiVersion: 'kradle.a5c.ai/v1alpha1', kind: kind.names.kind });
    expect(object.status, label).toBeUndefined();
    const kept = new Set(leavesOf(object.spec));
    const said = leavesOf(document.spec ?? {}).map((value) => RESPELT.get(value) ?? value);
    expect(said.filter((value) => !kept.has(value)), label).toEqual([]);
  }
  for (const document of documents) expect((await apply(resources, document)).operation, `${document.kind} ${document.metadata.name}`).toBe('unchanged');
});

/** What is written another way now. */
const RESPELT: ReadonlyMap<unknown, unknown> = new Map([['krate/91', 'krate-91'], ['krate-org-a5c', 'kradle-org-a5c']]);

/** Every value at the end of a path. */
function leavesOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [value];
}

it('brings documents of older shapes to the present one', async () => {
  const resources = await emptyOrganizations(HOME);
  for (const document of documentsOf('resourceContractExamples.yaml')) await apply(resources, document);
  expect((await stored(resources, AgentApproval, 'approval-01hx-writeback')).spec).toMatchObject({
    action: 'write-back',
    target: { type: 'pull-request-comment', name: 'krate/42' },
    summary: 'Post diagnosis and attach proposed patch.',
  });
  expect((await stored(resources, WorkItemSessionLink, 'issue-91-session-01hx')).spec).toEqual({
    organizationRef: HOME, workItemRef: { kind: 'Issue', name: 'krate-91' }, agentSession: 'ses_01hx', dispatchRun: 'adr-01hx-ci-repair', relation: 'active-agent-chat',
  });
  expect((await stored(resources, WorkItemWorkspaceLink, 'issue-91-workspace-01hx')).spec.workItemRef).toEqual({ kind: 'Issue', name: 'krate-91' });
  expect((await stored(resources, AgentDispatchRun, 'adr-01hx-ci-repair')).spec).toMatchObject({ repository: 'krate', sha: 'abcdef1234567890', ref: 'refs/pull/42/head', taskKind: 'ci-repair' });
  expect((await stored(resources, AgentDispatchAttempt, 'ada-01hx-ci-repair-1')).spec.contextBundleDigest).toBe('sha256:9f5b...');
});

it('understands documents of older shapes in the patches that kubectl makes of them', async () => {
  const resources = await emptyOrganizations(HOME);
  for (const document of documentsOf('resourceContractExamples.yaml')) await apply(resources, document);
  const whole = (document: Document) => ({ org: HOME, name: document.metadata.name });
  for (const document of documentsOf('resourceContractExamples.yaml').filter((each) => ['AgentApproval', 'WorkItemSessionLink', 'WorkItemWorkspaceLink'].includes(each.kind))) {
    const before = await resources.get(kindOf(document), whole(document));
    const { object } = await resources.patch(kindOf(document), whole(document), { type: 'merge', patch: { spec: document.spec } });
    expect(object.spec, document.kind).toEqual(before.spec);
  }
  const changed = await resources.patch(AgentStack, { org: HOME, name: 'claude-code-ci-repair' }, { type: 'merge', patch: { spec: { systemPrompt: 'Be brief.' } } });
  expect(changed.object.spec.prompt).toMatchObject({ system: 'Be brief.', developer: expect.stringContaining('Preserve') as string });
});

it('keeps the spec of a stack whose document has none, and fills in one that is new', async () => {
  const resources = await emptyOrganizations(HOME);
  const [whole, statusOnly] = documentsOf('resourceContractExamples.yaml').filter(({ kind }) => kind === 'AgentStack');
  if (whole === undefined || statusOnly === undefined) throw new Error('the file has two documents of the stack');
  expect(statusOnly.spec).toBeUndefined();
  const first = (await apply(resources, whole)).object;
  expect((await apply(resources, statusOnly)).object).toEqual(first);
  expect((await resources.update(AgentStack, HOME, statusOnly as never)).spec).toEqual(first.spec);

  const serverSide = await emptyOrganizations(HOME);
  const ref = { org: HOME, name: statusOnly.metadata.name };
  for (const object of [whole, statusOnly]) {
    const patched = await serverSide.patch(AgentStack, ref, { type: 'apply', object, force: false }, { fieldManager: 'kubectl' });
    expect(patched.object.spec).toEqual(first.spec);
  }

  const fresh = await emptyOrganizations(HOME);
  const { object, operation } = await apply(fresh, statusOnly);
  expect(operation).toBe('created');
  expect(object.spec).toMatchObject({ baseAgent: 'claude-code', adapter: 'default', approvalMode: 'prompt' });
  const stack = await stored(fresh, AgentStack, 'claude-code-ci-repair');
  const { defaulted } = await stackReadiness(fresh, { org: HOME, stack, now: '2026-01-01T00:00:00Z' });
  expect(defaulted.map(({ field }) => field)).toEqual(expect.arrayContaining(['spec.baseAgent', 'spec.adapter', 'spec.runtimeIdentity']));
  // What its author says later was not filled in.
  await fresh.apply(AgentStack, HOME, { metadata: { name: 'claude-code-ci-repair' }, spec: { baseAgent: 'codex' } } as never);
  const said = await stackReadiness(fresh, { org: HOME, stack: await stored(fresh, AgentStack, 'claude-code-ci-repair'), now: '2026-01-01T00:00:00Z' });
  expect(said.defaulted.map(({ field }) => field)).not.toContain('spec.baseAgent');
});
