import { afterAll, beforeAll, expect, it } from 'vitest';
import { ORG_ROLES } from '#shared/access/roles';
import { ACCESS_RULES } from '#shared/access/rules';
import { permissionsGuide } from '#shared/access/permissionsGuide';
import { allKinds } from '#shared/kinds/index';
import { createAccessFixture, type AccessFixture } from '../../../../test/harness/accessFixture';
import type { Actor } from '../../../resources/actor';
import { RepositoryGraph } from './repositoryGraph';

/**
 * The least role of an organization that may do each verb to an object of each kind: of no repository, of one that is open, or of one that
 * is one's own. Columns: read, create, update, delete. A status takes `admin`, everywhere.
 */
const EXPECTED = `
Organization                        viewer       installation admin        owner
OrgNamespaceBinding                 viewer       installation installation installation
User                                viewer       admin        viewer       admin
Team                                viewer       admin        viewer       admin
Invite                              admin        admin        admin        admin
IdentityMapping                     admin        admin        admin        admin
AuthProvider                        admin        admin        admin        admin
AgentServiceAccount                 viewer       admin        admin        admin
AgentRoleBinding                    viewer       admin        admin        admin
AgentSecretGrant                    viewer       admin        admin        admin
AgentConfigGrant                    viewer       admin        admin        admin
Repository                          viewer       developer    maintainer   admin
SSHKey                              viewer       viewer       viewer       viewer
GPGKey                              viewer       viewer       viewer       viewer
RepositoryPermission                viewer       admin        admin        admin
RefPolicy                           viewer       maintainer   maintainer   maintainer
BranchProtection                    viewer       maintainer   maintainer   maintainer
Release                             viewer       developer    developer    developer
PullRequest                         viewer       viewer       viewer       maintainer
Issue                               viewer       reviewer     reviewer     maintainer
Review                              viewer       reviewer     reviewer     reviewer
PolicyProfile                       viewer       admin        admin        admin
PolicyTemplate                      viewer       admin        admin        admin
PolicyBinding                       viewer       admin        admin        admin
PolicyExceptionRequest              viewer       developer    admin        admin
WebhookSubscription                 maintainer   maintainer   maintainer   maintainer
WebhookDelivery                     maintainer   admin        admin        admin
RunnerPool                          viewer       maintainer   maintainer   maintainer
Pipeline                            viewer       developer    developer    maintainer
Job                                 viewer       admin        admin        admin
View                                viewer       developer    developer    developer
Selector                            viewer       maintainer   maintainer   maintainer
AgentAdapter                        viewer       maintainer   maintainer   maintainer
AgentTransportBinding               viewer       maintainer   maintainer   maintainer
AgentProviderConfig                 viewer       maintainer   maintainer   maintainer
AgentToolProfile                    viewer       maintainer   maintainer   maintainer
AgentStack                          viewer       maintainer   maintainer   maintainer
AgentDispatchRun                    viewer       developer    developer    maintainer
AgentDispatchAttempt                viewer       admin        admin        admin
AgentSession                        viewer       admin        maintainer   maintainer
AgentSessionTranscript              viewer       admin        admin        admin
AgentApproval                       viewer       admin        admin        admin
KradleArtifact                      viewer       admin        admin        admin
KradleWorkspacePolicy               viewer       maintainer   maintainer   maintainer
KradleWorkspace                     viewer       admin        maintainer   maintainer
KradleWorkspaceRuntime              viewer       admin        admin        admin
AgentSubagent                       viewer       maintainer   maintainer   maintainer
AgentMcpServer                      viewer       maintainer   maintainer   maintainer
AgentSkill                          viewer       maintainer   maintainer   maintainer
AgentTriggerRule                    viewer       maintainer   maintainer   maintainer
AgentContextLabel                   viewer       maintainer   maintainer   maintainer
KradleProject                       viewer       maintainer   maintainer   maintainer
AgentGatewayConfig                  viewer       maintainer   maintainer   maintainer
AgentContextBundle                  viewer       admin        admin        admin
AgentTriggerExecution               viewer       admin        admin        admin
AgentCapabilityRequirement          viewer       admin        admin        admin
AgentSessionAttachment              viewer       admin        admin        admin
AgentReviewArtifact                 viewer       admin        admin        admin
WorkItemSessionLink                 viewer       admin        admin        admin
WorkItemWorkspaceLink               viewer       admin        admin        admin
AgentMemoryRepository               viewer       maintainer   maintainer   maintainer
AgentMemorySource                   viewer       maintainer   maintainer   maintainer
AgentMemoryOntology                 viewer       maintainer   maintainer   maintainer
AgentMemoryAssociation              viewer       maintainer   maintainer   maintainer
AgentMemorySnapshot                 viewer       admin        admin        admin
AgentMemoryQuery                    viewer       admin        admin        admin
AgentMemoryUpdate                   viewer       admin        admin        admin
AgentRunMemoryImport                viewer       maintainer   maintainer   maintainer
ExternalBackendProvider             maintainer   admin        admin        admin
ExternalBackendBinding              maintainer   admin        admin        admin
ExternalBackendSyncPolicy           maintainer   admin        admin        admin
ExternalProviderCapabilityManifest  maintainer   admin        admin        admin
ExternalWebhookDelivery             maintainer   admin        admin        admin
ExternalSyncEvent                   maintainer   admin        admin        admin
ExternalSyncState                   maintainer   admin        admin        admin
ExternalWriteIntent                 maintainer   admin        admin        admin
ExternalSyncConflict                maintainer   admin        admin        admin
ExternalObjectLink                  maintainer   admin        admin        admin
KradleInferenceService              viewer       maintainer   maintainer   maintainer
KradleServingRuntime                viewer       maintainer   maintainer   maintainer
ArtifactRegistry                    viewer       maintainer   maintainer   maintainer
ArtifactFeed                        viewer       maintainer   maintainer   maintainer
ArtifactAccessPolicy                viewer       maintainer   maintainer   maintainer
ArtifactVersion                     viewer       developer    maintainer   maintainer
ArtifactDownload                    viewer       admin        admin        admin
AuditEvent                          admin        admin        admin        admin
`;

let fixture: AccessFixture;
const actors: [string, Actor][] = [];

beforeAll(async () => {
  fixture = await createAccessFixture({ orgs: ['acme'] });
  for (const role of ORG_ROLES) actors.push([role, await fixture.member('acme', `a-${role}`, role)]);
  actors.push(['installation', { kind: 'user', name: 'admin', orgs: '*' }]);
});
afterAll(() => fixture[Symbol.asyncDispose]());

it('says of every kind who may do what', async () => {
  const lines: string[] = [];
  for (const kind of allKinds) {
    const cells: string[] = [];
    for (const verb of [kind.readVerb ?? 'get', 'create', 'update', 'delete', 'update-status']) {
      let least = 'nobody';
      const allowed: boolean[] = [];
      for (const [role, actor] of actors) {
        const decision = await fixture.access.authorizer.decide(actor, { verb, kind, org: 'acme' });
        if (role === 'agent') expect([kind.names.kind, verb, decision.allowed]).toEqual([kind.names.kind, verb, false]);
        else allowed.push(decision.allowed);
        if (decision.allowed && least === 'nobody') least = role;
      }
      // Who may do it, may do it with every role above.
      expect([kind.names.kind, verb, ...allowed]).toEqual([kind.names.kind, verb, ...[...allowed].sort()]);
      if (verb === 'update-status') expect([kind.names.kind, least]).toEqual([kind.names.kind, 'admin']);
      else cells.push(least);
    }
    lines.push(`${kind.names.kind.padEnd(35)} ${cells.map((cell) => cell.padEnd(12)).join(' ')}`.trimEnd());
  }
  expect(lines).toEqual(EXPECTED.trim().split('\n'));
});

it('names kinds that there are, each rule once, and every kind that belongs to a repository as one that does', () => {
  const known = new Set([...allKinds.map(({ names: { kind } }) => kind), 'Secret', 'ConfigMap']);
  for (const { id, kinds } of ACCESS_RULES) expect([id, kinds === '*' ? [] : kinds.filter((kind) => !known.has(kind))]).toEqual([id, []]);
  expect(new Set(ACCESS_RULES.map(({ id }) => id)).size).toBe(ACCESS_RULES.length);
  const graph = new RepositoryGraph(allKinds);
  const content = ACCESS_RULES.find(({ id }) => id === 'read-repository')?.kinds ?? [];
  expect([...content].filter((kind) => !graph.bound.has(kind))).toEqual([]);
});

it('has a rule for every verb that covers a field by itself', () => {
  for (const { names: { kind }, spec, fieldVerbs = {} } of allKinds) {
    for (const [path, verb] of Object.entries(fieldVerbs)) {
      expect([kind, path, Object.hasOwn(spec.shape, path.replace(/^spec\./, ''))]).toEqual([kind, path, true]);
      expect([kind, verb, ACCESS_RULES.some(({ kinds, verbs }) => kinds.includes(kind) && verbs.includes(verb))]).toEqual([kind, verb, true]);
    }
  }
});

it('is in the guide as it stands', () => {
  const guide = permissionsGuide();
  for (const { id } of ACCESS_RULES) expect(guide).toContain(`\`${id}\``);
});
