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
import { PullRequest } from './forge/pullRequest';
import { Repository } from './forge/repository';
import { RepositoryPermission } from './forge/repositoryPermission';
import { Review } from './forge/review';
import { SSHKey } from './forge/sshKey';
import { AgentServiceAccount } from './identity/agentServiceAccount';
import { Organization } from './identity/organization';
import { OrgNamespaceBinding } from './identity/orgNamespaceBinding';
import { User } from './identity/user';
import { KradleInferenceService } from './inference/kradleInferenceService';
import { KradleServingRuntime } from './inference/kradleServingRuntime';
import { ArtifactAccessPolicy } from './registry/artifactAccessPolicy';
import { ArtifactDownload } from './registry/artifactDownload';
import { ArtifactFeed } from './registry/artifactFeed';
import { ArtifactRegistry } from './registry/artifactRegistry';
import { ArtifactVersion } from './registry/artifactVersion';
import { KradleWorkspace } from './workspaces/kradleWorkspace';
import { KradleWorkspacePolicy } from './workspaces/kradleWorkspacePolicy';

/** Every kind by its plural. */
export const kinds = {
  organizations: Organization,
  orgnamespacebindings: OrgNamespaceBinding,
  users: User,
  agentserviceaccounts: AgentServiceAccount,
  repositories: Repository,
  sshkeys: SSHKey,
  repositorypermissions: RepositoryPermission,
  branchprotections: BranchProtection,
  pullrequests: PullRequest,
  reviews: Review,
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
} as const;

export type Kinds = typeof kinds;
export type Plural = keyof Kinds;

/** Every kind, in registration order. */
export const allKinds: readonly AnyKind[] = Object.values(kinds);
