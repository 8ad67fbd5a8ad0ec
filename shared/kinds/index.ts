/** The registration list: the one place that names every kind. */
import type { AnyKind } from '../kind/defineKind';
import { AgentAdapter } from './agents/agentAdapter';
import { AgentApproval } from './agents/agentApproval';
import { AgentDispatchAttempt } from './agents/agentDispatchAttempt';
import { AgentDispatchRun } from './agents/agentDispatchRun';
import { AgentProviderConfig } from './agents/agentProviderConfig';
import { AgentSession } from './agents/agentSession';
import { AgentSessionTranscript } from './agents/agentSessionTranscript';
import { AgentStack } from './agents/agentStack';
import { AgentToolProfile } from './agents/agentToolProfile';
import { AgentTransportBinding } from './agents/agentTransportBinding';
import { KradleArtifact } from './agents/kradleArtifact';
import { AgentCapabilityRequirement } from './agents/agentCapabilityRequirement';
import { AgentContextBundle } from './agents/agentContextBundle';
import { AgentContextLabel } from './agents/agentContextLabel';
import { AgentGatewayConfig } from './agents/agentGatewayConfig';
import { AgentMcpServer } from './agents/agentMcpServer';
import { AgentReviewArtifact } from './agents/agentReviewArtifact';
import { AgentSessionAttachment } from './agents/agentSessionAttachment';
import { AgentSkill } from './agents/agentSkill';
import { AgentSubagent } from './agents/agentSubagent';
import { AgentTriggerExecution } from './agents/agentTriggerExecution';
import { AgentTriggerRule } from './agents/agentTriggerRule';
import { KradleProject } from './agents/kradleProject';
import { WorkItemSessionLink } from './agents/workItemSessionLink';
import { WorkItemWorkspaceLink } from './agents/workItemWorkspaceLink';
import { AuditEvent } from './audit/auditEvent';
import { Job } from './ci/job';
import { Pipeline } from './ci/pipeline';
import { RunnerPool } from './ci/runnerPool';
import { Selector } from './console/selector';
import { View } from './console/view';
import { ExternalBackendBinding } from './external/externalBackendBinding';
import { ExternalBackendProvider } from './external/externalBackendProvider';
import { ExternalBackendSyncPolicy } from './external/externalBackendSyncPolicy';
import { ExternalObjectLink } from './external/externalObjectLink';
import { ExternalProviderCapabilityManifest } from './external/externalProviderCapabilityManifest';
import { ExternalSyncConflict } from './external/externalSyncConflict';
import { ExternalSyncEvent } from './external/externalSyncEvent';
import { ExternalSyncState } from './external/externalSyncState';
import { ExternalWebhookDelivery } from './external/externalWebhookDelivery';
import { ExternalWriteIntent } from './external/externalWriteIntent';
import { BranchProtection } from './forge/branchProtection';
import { GPGKey } from './forge/gpgKey';
import { Issue } from './forge/issue';
import { PullRequest } from './forge/pullRequest';
import { RefPolicy } from './forge/refPolicy';
import { Release } from './forge/release';
import { Repository } from './forge/repository';
import { RepositoryPermission } from './forge/repositoryPermission';
import { Review } from './forge/review';
import { SSHKey } from './forge/sshKey';
import { WebhookDelivery } from './hooks/webhookDelivery';
import { WebhookSubscription } from './hooks/webhookSubscription';
import { AgentConfigGrant } from './identity/agentConfigGrant';
import { AgentRoleBinding } from './identity/agentRoleBinding';
import { AgentSecretGrant } from './identity/agentSecretGrant';
import { AgentServiceAccount } from './identity/agentServiceAccount';
import { AuthProvider } from './identity/authProvider';
import { IdentityMapping } from './identity/identityMapping';
import { Invite } from './identity/invite';
import { Organization } from './identity/organization';
import { OrgNamespaceBinding } from './identity/orgNamespaceBinding';
import { Team } from './identity/team';
import { User } from './identity/user';
import { KradleInferenceService } from './inference/kradleInferenceService';
import { KradleServingRuntime } from './inference/kradleServingRuntime';
import { AgentMemoryAssociation } from './memory/agentMemoryAssociation';
import { AgentMemoryOntology } from './memory/agentMemoryOntology';
import { AgentMemoryQuery } from './memory/agentMemoryQuery';
import { AgentMemoryRepository } from './memory/agentMemoryRepository';
import { AgentMemorySnapshot } from './memory/agentMemorySnapshot';
import { AgentMemorySource } from './memory/agentMemorySource';
import { AgentMemoryUpdate } from './memory/agentMemoryUpdate';
import { AgentRunMemoryImport } from './memory/agentRunMemoryImport';
import { PolicyBinding } from './policy/policyBinding';
import { PolicyExceptionRequest } from './policy/policyExceptionRequest';
import { PolicyProfile } from './policy/policyProfile';
import { PolicyTemplate } from './policy/policyTemplate';
import { ArtifactAccessPolicy } from './registry/artifactAccessPolicy';
import { ArtifactDownload } from './registry/artifactDownload';
import { ArtifactFeed } from './registry/artifactFeed';
import { ArtifactRegistry } from './registry/artifactRegistry';
import { ArtifactVersion } from './registry/artifactVersion';
import { KradleWorkspace } from './workspaces/kradleWorkspace';
import { KradleWorkspacePolicy } from './workspaces/kradleWorkspacePolicy';
import { KradleWorkspaceRuntime } from './workspaces/kradleWorkspaceRuntime';

/** Every kind by its plural. */
export const kinds = {
  organizations: Organization,
  orgnamespacebindings: OrgNamespaceBinding,
  users: User,
  teams: Team,
  invites: Invite,
  identitymappings: IdentityMapping,
  authproviders: AuthProvider,
  agentserviceaccounts: AgentServiceAccount,
  agentrolebindings: AgentRoleBinding,
  agentsecretgrants: AgentSecretGrant,
  agentconfiggrants: AgentConfigGrant,
  repositories: Repository,
  sshkeys: SSHKey,
  gpgkeys: GPGKey,
  repositorypermissions: RepositoryPermission,
  refpolicies: RefPolicy,
  branchprotections: BranchProtection,
  releases: Release,
  pullrequests: PullRequest,
  issues: Issue,
  reviews: Review,
  policyprofiles: PolicyProfile,
  policytemplates: PolicyTemplate,
  policybindings: PolicyBinding,
  policyexceptionrequests: PolicyExceptionRequest,
  webhooksubscriptions: WebhookSubscription,
  webhookdeliveries: WebhookDelivery,
  runnerpools: RunnerPool,
  pipelines: Pipeline,
  jobs: Job,
  views: View,
  selectors: Selector,
  agentadapters: AgentAdapter,
  agenttransportbindings: AgentTransportBinding,
  agentproviderconfigs: AgentProviderConfig,
  agenttoolprofiles: AgentToolProfile,
  agentstacks: AgentStack,
  agentdispatchruns: AgentDispatchRun,
  agentdispatchattempts: AgentDispatchAttempt,
  agentsessions: AgentSession,
  agentsessiontranscripts: AgentSessionTranscript,
  agentapprovals: AgentApproval,
  kradleartifacts: KradleArtifact,
  kradleworkspacepolicies: KradleWorkspacePolicy,
  kradleworkspaces: KradleWorkspace,
  kradleworkspaceruntimes: KradleWorkspaceRuntime,
  agentsubagents: AgentSubagent,
  agentmcpservers: AgentMcpServer,
  agentskills: AgentSkill,
  agenttriggerrules: AgentTriggerRule,
  agentcontextlabels: AgentContextLabel,
  kradleprojects: KradleProject,
  agentgatewayconfigs: AgentGatewayConfig,
  agentcontextbundles: AgentContextBundle,
  agenttriggerexecutions: AgentTriggerExecution,
  agentcapabilityrequirements: AgentCapabilityRequirement,
  agentsessionattachments: AgentSessionAttachment,
  agentreviewartifacts: AgentReviewArtifact,
  workitemsessionlinks: WorkItemSessionLink,
  workitemworkspacelinks: WorkItemWorkspaceLink,
  agentmemoryrepositories: AgentMemoryRepository,
  agentmemorysources: AgentMemorySource,
  agentmemoryontologies: AgentMemoryOntology,
  agentmemoryassociations: AgentMemoryAssociation,
  agentmemorysnapshots: AgentMemorySnapshot,
  agentmemoryqueries: AgentMemoryQuery,
  agentmemoryupdates: AgentMemoryUpdate,
  agentrunmemoryimports: AgentRunMemoryImport,
  externalbackendproviders: ExternalBackendProvider,
  externalbackendbindings: ExternalBackendBinding,
  externalbackendsyncpolicies: ExternalBackendSyncPolicy,
  externalprovidercapabilitymanifests: ExternalProviderCapabilityManifest,
  externalwebhookdeliveries: ExternalWebhookDelivery,
  externalsyncevents: ExternalSyncEvent,
  externalsyncstates: ExternalSyncState,
  externalwriteintents: ExternalWriteIntent,
  externalsyncconflicts: ExternalSyncConflict,
  externalobjectlinks: ExternalObjectLink,
  kradleinferenceservices: KradleInferenceService,
  kradleservingruntimes: KradleServingRuntime,
  artifactregistries: ArtifactRegistry,
  artifactfeeds: ArtifactFeed,
  artifactaccesspolicies: ArtifactAccessPolicy,
  artifactversions: ArtifactVersion,
  artifactdownloads: ArtifactDownload,
  auditevents: AuditEvent,
} as const;

export type Kinds = typeof kinds;
export type Plural = keyof Kinds;

/** Every kind, in registration order. */
export const allKinds: readonly AnyKind[] = Object.values(kinds);
