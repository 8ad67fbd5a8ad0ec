import { beforeEach, expect, it } from 'vitest';
import { ExternalBackendBinding } from '#shared/kinds/external/externalBackendBinding';
import { ExternalBackendProvider } from '#shared/kinds/external/externalBackendProvider';
import { ExternalBackendSyncPolicy } from '#shared/kinds/external/externalBackendSyncPolicy';
import { ExternalObjectLink } from '#shared/kinds/external/externalObjectLink';
import { ExternalProviderCapabilityManifest } from '#shared/kinds/external/externalProviderCapabilityManifest';
import { ExternalSyncEvent } from '#shared/kinds/external/externalSyncEvent';
import { ExternalSyncState } from '#shared/kinds/external/externalSyncState';
import { ExternalWriteIntent } from '#shared/kinds/external/externalWriteIntent';
import { createKindResources, ORG, refusalOf, type KindResources } from '../../../test/harness/kindResources';
import { externalStrategies } from './externalStrategies';

let create: KindResources['create'];
let update: KindResources['update'];
beforeEach(async () => {
  ({ create, update } = await createKindResources(externalStrategies()));
  await create(ExternalBackendProvider, 'github', { providerType: 'github' });
  await create(ExternalBackendProvider, 'jira', { providerType: 'jira', endpoint: 'https://jira.example.com' });
});

const intent = { providerRef: 'github', interface: 'issueTracking', operation: 'createComment', target: { kind: 'Issue', name: 'issue-42' } };

it('a provider is of a known type, and can what its type can', async () => {
  await expect(create(ExternalBackendProvider, 'a', { providerType: 'githb', endpoint: 'https://x' })).rejects.toThrow('did you mean "github"?');
  await expect(create(ExternalBackendProvider, 'a', { providerType: 'custom', endpoint: 'https://x' })).rejects.toMatchObject(refusalOf('spec.adapterRef'));
  await create(ExternalBackendProvider, 'own', { providerType: 'custom', endpoint: 'https://x', adapterRef: 'forge-of-ours' });
  await expect(create(ExternalBackendProvider, 'a', { providerType: 'jira', endpoint: 'https://x', hosting: 'ghe', capabilities: { issueTracking: true, gitForge: true } }))
    .rejects.toMatchObject(refusalOf('spec.capabilities.gitForge', 'spec.hosting'));
});

it('a provider is found at the address of its type, of older documents, or of its own', async () => {
  const endpointOf = async (name: string, spec: Record<string, unknown>): Promise<unknown> => (await create(ExternalBackendProvider, name, { providerType: 'github', ...spec })).spec.endpoint;
  expect(await endpointOf('a', {})).toBe('https://api.github.com');
  expect(await endpointOf('b', { baseUrl: 'https://ghe.example.com' })).toBe('https://ghe.example.com');
  expect(await endpointOf('c', { baseUrl: 'https://ghe.example.com', apiBaseUrl: 'https://ghe.example.com/api/v3' })).toBe('https://ghe.example.com/api/v3');
  // An edit of the address that the endpoint was taken from is one of the endpoint, unless the two were told apart.
  const moved = (endpoint: string) => update(ExternalBackendProvider, 'c', { providerType: 'github', endpoint, apiBaseUrl: 'https://new.example.com' });
  expect((await moved('https://ghe.example.com/api/v3')).spec.endpoint).toBe('https://new.example.com');
  expect((await moved('https://other.example.com')).spec.endpoint).toBe('https://other.example.com');
  expect((await update(ExternalBackendProvider, 'c', { providerType: 'github', endpoint: 'https://other.example.com', apiBaseUrl: 'https://newest.example.com' })).spec.endpoint).toBe('https://other.example.com');
  await expect(create(ExternalBackendProvider, 'd', { providerType: 'gitea' })).rejects.toMatchObject(refusalOf('spec.endpoint'));
  await expect(create(ExternalBackendProvider, 'd', { providerType: 'gitea', endpoint: 'https://ada:hunter2@gitea.example.com' })).rejects.toMatchObject(refusalOf('spec.endpoint'));
});

it('credentials lie in the organization\'s own namespace, and deliveries are verified', async () => {
  const spec = { providerType: 'github', authRef: { mode: 'github-app', secretRef: { name: 'app', namespace: 'kradle-org-other' } }, webhook: {} };
  await expect(create(ExternalBackendProvider, 'a', spec)).rejects.toMatchObject(refusalOf('spec.webhook.secretRef', 'spec.authRef.secretRef.namespace'));
  await create(ExternalBackendProvider, 'a', { ...spec, authRef: { secretRef: { name: 'app', namespace: `krate-org-${ORG}` } }, webhook: { secretRef: { name: 'hook' } } });
  await create(ExternalBackendProvider, 'b', { providerType: 'jira', endpoint: 'https://x', webhook: {} });
});

it('a binding uses interfaces that its provider has', async () => {
  const bind = (spec: Record<string, unknown>) => create(ExternalBackendBinding, 'b', { interfaces: { gitForge: { mode: 'bidirectional' } }, ...spec });
  await expect(bind({ providerRef: 'jira' })).rejects.toThrow('the provider "jira" does not have gitForge; it has issueTracking');
  await create(ExternalBackendProvider, 'issues-only', { providerType: 'github', capabilities: { issueTracking: true } });
  await expect(bind({ providerRef: 'issues-only' })).rejects.toMatchObject(refusalOf('spec.interfaces.gitForge'));
  await bind({ providerRef: 'jira', interfaces: { gitForge: { enabled: false }, issueTracking: { mode: 'krate-owned' } } });
  await expect(create(ExternalBackendBinding, 'c', { providerRef: 'github', credentialRef: { name: 'a', namespace: 'elsewhere' } })).rejects.toMatchObject(refusalOf('spec.credentialRef.namespace'));
  await create(ExternalBackendBinding, 'd', { providerRef: 'still-to-come', credentialRef: 'github-app', interfaces: { gitForge: {} } });
});

it('a binding writes only where the provider was found to be writable', async () => {
  const capabilities = { issueTracking: { operations: [{ name: 'listIssues' }] }, gitForge: { supported: false } };
  await create(ExternalProviderCapabilityManifest, 'github', { providerRef: 'github', capabilities });
  const bind = (name: string, issueTracking: object) => create(ExternalBackendBinding, name, { providerRef: 'github', interfaces: { issueTracking } });
  await expect(bind('a', { mode: 'reviewed-write' })).rejects.toMatchObject(refusalOf('spec.interfaces.issueTracking.mode'));
  await bind('a', { mode: 'external-owned' });
  await expect(create(ExternalBackendBinding, 'b', { providerRef: 'github', interfaces: { gitForge: {} } })).rejects.toMatchObject(refusalOf('spec.interfaces.gitForge'));
  await expect(create(ExternalWriteIntent, 'w', intent)).rejects.toMatchObject(refusalOf('spec.operation'));
});

it('an external object carries the labels that it is found by', async () => {
  const binding = await create(ExternalBackendBinding, 'b', { providerRef: 'github', targetRef: { kind: 'Repository', name: 'kradle' }, externalRef: { owner: 'a5c-ai', repository: 'krate', installationId: 1, region: 'eu' } });
  expect(binding.metadata.labels).toEqual({
    'kradle.a5c.ai/org': ORG, 'kradle.a5c.ai/provider': 'github', 'kradle.a5c.ai/repository': 'kradle', 'kradle.a5c.ai/external-owner': 'a5c-ai',
  });
  expect(binding.spec.externalRef).toMatchObject({ region: 'eu' });
  const link = await create(ExternalObjectLink, 'l', { providerRef: 'github', localRef: { kind: 'PullRequest', name: 'pr-42' }, external: { interface: 'gitForge', nativeId: '42' } });
  expect(link).toMatchObject({ spec: { externalId: '42' }, metadata: { labels: { 'kradle.a5c.ai/interface': 'gitForge' } } });
});

it('a record belongs to a binding of its own provider', async () => {
  await create(ExternalBackendBinding, 'jira-board', { providerRef: 'jira' });
  await expect(create(ExternalSyncState, 's', { providerRef: 'github', bindingRef: 'jira-board', resourceRef: { kind: 'Repository', name: 'kradle' } })).rejects.toMatchObject(refusalOf('spec.bindingRef'));
  const event = await create(ExternalSyncEvent, 'e', { providerRef: 'jira', bindingRef: 'jira-board', interface: 'issueTracking', resourceKind: 'Issue', action: 'opened' });
  expect(event.spec.eventKind).toBe('Issue.opened');
});

it('a write never holds a secret, nor asks for one', async () => {
  const stored = await create(ExternalWriteIntent, 'w', { ...intent, payload: { body: 'The token expired.' } });
  expect(stored.spec.resourceRef).toEqual(intent.target);
  await expect(create(ExternalWriteIntent, 'x', { ...intent, payload: { headers: { authorization: 'Bearer x' } }, nativeTarget: { apiKey: 'y' } })).rejects.toMatchObject(refusalOf('spec.payload.headers.authorization', 'spec.nativeTarget.apiKey'));
  await expect(create(ExternalWriteIntent, 'x', { ...intent, target: { kind: 'Secret', name: 'github-app' } })).rejects.toMatchObject(refusalOf('spec.resourceRef', 'spec.target'));
});

it('a sync policy waits longer for more', async () => {
  const policy = await create(ExternalBackendSyncPolicy, 'p', { providerRef: 'github', backfill: { interval: '15m', fullResyncInterval: '24h' }, conflictPolicy: { defaultResolution: 'remote-wins' } });
  expect(policy.spec).toMatchObject({ syncInterval: '15m', conflictPolicy: { defaultResolution: 'prefer-external' } });
  expect((await update(ExternalBackendSyncPolicy, 'p', { ...policy.spec, backfill: { interval: '5m' } })).spec).toMatchObject({ syncInterval: '5m' });
  await expect(create(ExternalBackendSyncPolicy, 'q', { providerRef: 'github', syncInterval: '1d', backfill: { fullResyncInterval: '1h' }, retryPolicy: { initialBackoff: '5m', maxBackoff: '30s' } }))
    .rejects.toMatchObject(refusalOf('spec.backfill.fullResyncInterval', 'spec.retryPolicy.maxBackoff'));
});
