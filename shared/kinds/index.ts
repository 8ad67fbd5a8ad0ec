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
} as const;

export type Kinds = typeof kinds;
export type Plural = keyof Kinds;

/** Every kind, in registration order. */
export const allKinds: readonly AnyKind[] = Object.values(kinds);
