import type { OrgRole, RepositoryRole, TokenScope } from './roles';

/**
 * What a rule takes. `org`: this role in the organization, or more. `repository`: this role in every repository that the object belongs to
 * or names; of an object of no repository, the organization role that gives as much. `own`: and the object is one's own (`ownership.ts`).
 * `installation`: to be an administrator of the installation.
 */
export type AccessNeed =
  | { readonly org: OrgRole; readonly own?: true }
  | { readonly repository: RepositoryRole; readonly own?: true }
  | { readonly installation: true };

/** A row of the permission table: who may do what to which kinds. What no row allows is refused. */
export interface AccessRule {
  /** What refusals, audit records and `--explain` call it. */
  readonly id: string;
  /** What may be done, to follow "you may". */
  readonly title: string;
  readonly needs: AccessNeed;
  readonly kinds: readonly string[] | '*';
  readonly verbs: readonly string[];
  /** A token may do it when it has one of these. */
  readonly scopes: readonly TokenScope[];
  readonly why: string;
}

const READ = ['get', 'list', 'watch'] as const;
const WRITE = ['create', 'update', 'delete'] as const;

/** What is of a repository: it and all that belongs to it. */
const REPOSITORY_CONTENT = [
  'Repository', 'RefPolicy', 'BranchProtection', 'RepositoryPermission', 'PullRequest', 'Review', 'Issue', 'Release', 'Pipeline', 'Job',
  'AgentDispatchRun', 'AgentDispatchAttempt', 'AgentSession', 'AgentSessionTranscript', 'AgentSessionAttachment', 'AgentApproval', 'AgentContextBundle', 'AgentReviewArtifact', 'KradleArtifact',
  'AgentTriggerExecution', 'WorkItemSessionLink', 'WorkItemWorkspaceLink', 'KradleWorkspace', 'KradleWorkspaceRuntime',
];

/** How agents, pipelines, packages and models are set up. */
const CONFIGURATION = [
  'AgentAdapter', 'AgentTransportBinding', 'AgentProviderConfig', 'AgentToolProfile', 'AgentStack', 'AgentSubagent', 'AgentMcpServer', 'AgentSkill', 'AgentTriggerRule', 'AgentContextLabel',
  'AgentGatewayConfig', 'KradleProject', 'KradleWorkspacePolicy', 'RunnerPool', 'Selector',
  'AgentMemoryRepository', 'AgentMemorySource', 'AgentMemoryOntology', 'AgentMemoryAssociation', 'AgentRunMemoryImport',
  'KradleInferenceService', 'KradleServingRuntime', 'ArtifactRegistry', 'ArtifactFeed', 'ArtifactAccessPolicy',
];

/** What is sent out and taken in: it carries the content of every repository. */
const EXCHANGE = ['WebhookSubscription', 'WebhookDelivery'];
const BACKENDS = ['ExternalBackendProvider', 'ExternalBackendBinding', 'ExternalBackendSyncPolicy'];
const BACKEND_RECORDS = [
  'ExternalProviderCapabilityManifest', 'ExternalWebhookDelivery', 'ExternalSyncEvent', 'ExternalSyncState', 'ExternalWriteIntent', 'ExternalSyncConflict', 'ExternalObjectLink',
];

const PEOPLE = ['User', 'Team', 'AgentServiceAccount', 'AgentRoleBinding', 'AgentSecretGrant', 'AgentConfigGrant'];
/** Of people, too, but not for everybody's eyes. */
const DOORKEEPING = ['Invite', 'IdentityMapping', 'AuthProvider'];
const POLICIES = ['PolicyProfile', 'PolicyTemplate', 'PolicyBinding', 'PolicyExceptionRequest'];
const MEMORY_RECORDS = ['AgentMemorySnapshot', 'AgentMemoryQuery', 'AgentMemoryUpdate'];

/** What controllers keep; people write it only to bring it from elsewhere. */
const RECORDS = [
  'Job', 'AgentDispatchAttempt', 'AgentSession', 'AgentSessionTranscript', 'AgentSessionAttachment', 'AgentApproval', 'AgentContextBundle', 'AgentReviewArtifact', 'KradleArtifact',
  'AgentTriggerExecution', 'AgentCapabilityRequirement', 'WorkItemSessionLink', 'WorkItemWorkspaceLink', 'KradleWorkspace', 'KradleWorkspaceRuntime',
  'WebhookDelivery', ...BACKEND_RECORDS, ...MEMORY_RECORDS, 'ArtifactDownload', 'AuditEvent',
];

/**
 * The permission table: the one place that says who may do what. Rows only allow; beside them stand the limits of `limits.ts`, which hold
 * for everybody. `docs/guides/permissions.md` shows it.
 */
export const ACCESS_RULES: readonly AccessRule[] = [
  // Reading
  {
    id: 'read-organization', title: 'see the organization, its people, and how it is set up', needs: { org: 'viewer' },
    kinds: ['Organization', 'OrgNamespaceBinding', ...PEOPLE, ...POLICIES, ...CONFIGURATION, ...MEMORY_RECORDS, 'AgentCapabilityRequirement', 'ArtifactVersion', 'ArtifactDownload'],
    verbs: READ, scopes: ['read'], why: 'Members see what they work with. Names of secrets show where a grant names them; values never do.',
  },
  {
    id: 'read-repository', title: 'see a repository and what belongs to it', needs: { repository: 'read' },
    kinds: REPOSITORY_CONTENT, verbs: [...READ, 'fetch'], scopes: ['read', 'repo:read'], why: 'A private repository is for those who were given a role in it, and for maintainers.',
  },
  {
    id: 'read-packages', title: 'see packages and download them', needs: { org: 'viewer' },
    kinds: ['ArtifactRegistry', 'ArtifactFeed', 'ArtifactVersion'], verbs: [...READ, 'download'], scopes: ['read', 'packages:read'], why: 'What the organization publishes is for its members.',
  },
  { id: 'read-own-keys', title: 'see your own SSH and GPG keys', needs: { org: 'viewer', own: true }, kinds: ['SSHKey', 'GPGKey'], verbs: READ, scopes: ['read'], why: 'Keys tell which machines somebody has.' },
  { id: 'read-views', title: 'see shared views and your own', needs: { org: 'viewer', own: true }, kinds: ['View'], verbs: READ, scopes: ['read'], why: 'A view that is not shared is its owner\'s.' },
  {
    id: 'read-exchange', title: 'see webhooks, deploy keys, everybody\'s views and what is exchanged with other hosts', needs: { org: 'maintainer' },
    kinds: [...EXCHANGE, ...BACKENDS, ...BACKEND_RECORDS, 'SSHKey', 'GPGKey', 'View'], verbs: READ, scopes: ['read'], why: 'Deliveries carry the content of every repository.',
  },
  {
    id: 'read-administration', title: 'see the audit log, invitations and how people sign in', needs: { org: 'admin' },
    kinds: ['AuditEvent', ...DOORKEEPING], verbs: [...READ, 'read-audit', 'export-audit', 'verify-audit'], scopes: ['read', 'admin'], why: 'They name people and addresses beyond what work needs.',
  },

  // Working together
  {
    id: 'triage-issues', title: 'open, edit and close issues, and comment', needs: { repository: 'triage' },
    kinds: ['Issue'], verbs: ['create', 'update', 'comment', 'close', 'reopen', 'assign', 'label'], scopes: ['write', 'repo:write'], why: 'Those who review also sort what comes in.',
  },
  {
    id: 'review', title: 'review, comment on, label and assign pull requests, and ask for reviews', needs: { repository: 'triage' },
    kinds: ['PullRequest', 'Review'], verbs: ['comment', 'review', 'resolve', 'request-review', 'label', 'assign'], scopes: ['write', 'repo:write'], why: 'A review says what a person thinks; whether it counts is for branch protection.',
  },
  { id: 'add-review', title: 'add reviews', needs: { repository: 'triage' }, kinds: ['Review'], verbs: ['create'], scopes: ['write', 'repo:write'], why: 'A review is in the name of who writes it.' },
  { id: 'own-reviews', title: 'change your own reviews', needs: { repository: 'triage', own: true }, kinds: ['Review'], verbs: ['update', 'delete', 'dismiss'], scopes: ['write', 'repo:write'], why: 'Nobody edits the words of others.' },
  {
    id: 'decide-approvals', title: 'answer approvals', needs: { repository: 'triage' },
    kinds: ['AgentApproval'], verbs: ['decide'], scopes: ['write', 'runs'], why: 'Another pair of eyes. Who started the run may answer, too: what it writes back is a branch, and its review is not theirs to give.',
  },

  // Developing
  {
    id: 'push', title: 'push, and work on branches and tags', needs: { repository: 'write' },
    kinds: ['Repository'], verbs: ['push', 'create-branch', 'update-branch', 'delete-branch', 'create-tag', 'delete-tag', 'upload'], scopes: ['write', 'repo:write'], why: 'What may be pushed to which branch is for branch protection.',
  },
  {
    id: 'pull-requests', title: 'open, edit and close pull requests', needs: { repository: 'write' },
    kinds: ['PullRequest'], verbs: ['create', 'update', 'close', 'reopen', 'update-branch', 'resolve-conflicts', 'apply-suggestions', 'revert', 'restore-branch', 'cancel-auto-merge', 'mark-ready', 'delete-branch'], scopes: ['write', 'repo:write'], why: 'A pull request brings a branch that somebody could push.',
  },
  {
    id: 'own-proposals', title: 'open pull requests from a fork, and edit, update, close and answer those that are yours', needs: { repository: 'read', own: true },
    kinds: ['PullRequest'], verbs: ['create', 'update', 'close', 'reopen', 'mark-ready', 'comment', 'resolve', 'update-branch', 'resolve-conflicts', 'apply-suggestions', 'restore-branch', 'delete-branch'], scopes: ['write', 'repo:write'], why: 'The commits are in a fork where its author may push; whoever maintains the repository decides what becomes of them.',
  },
  {
    id: 'releases', title: 'publish releases and their files, change and delete them', needs: { repository: 'write' },
    kinds: ['Release'], verbs: [...WRITE, 'publish', 'upload'], scopes: ['write', 'repo:write'], why: 'A release is a tag with words and files; who may push may tag. What may be tagged is for branch protection.',
  },
  { id: 'pipelines', title: 'start, stop and repeat pipelines', needs: { repository: 'write' }, kinds: ['Pipeline', 'Job'], verbs: ['dispatch', 'cancel', 'retry', 'rerun'], scopes: ['write', 'runs'], why: 'Who pushes starts them anyway.' },
  { id: 'write-pipelines', title: 'write pipelines', needs: { repository: 'write' }, kinds: ['Pipeline'], verbs: ['create', 'update'], scopes: ['write'], why: 'Who pushes starts them anyway.' },
  {
    id: 'dispatch', title: 'dispatch agents to work in a repository', needs: { repository: 'write' },
    kinds: ['AgentDispatchRun'], verbs: ['create', 'dispatch'], scopes: ['write', 'runs'], why: 'A run pushes a branch in the name of who started it.',
  },
  { id: 'dispatch-stack', title: 'dispatch agents', needs: { org: 'developer' }, kinds: ['AgentStack'], verbs: ['dispatch', 'check'], scopes: ['write', 'runs'], why: 'Agents are there to be used; where they may work is for the repository.' },
  {
    id: 'own-runs', title: 'steer the runs that you started', needs: { repository: 'write', own: true },
    kinds: ['AgentDispatchRun'], verbs: ['update', 'cancel', 'retry', 'resume', 'fork', 'continue', 'steer', 'message', 'write-back', 'archive'], scopes: ['write', 'runs'], why: 'Who started a run answers for it.',
  },
  { id: 'merge', title: 'merge pull requests', needs: { repository: 'write' }, kinds: ['PullRequest'], verbs: ['merge', 'set-auto-merge'], scopes: ['write', 'repo:write'], why: 'Who may push to a branch may merge into it; what it takes besides, branch protection says.' },
  { id: 'create-repository', title: 'create and import repositories', needs: { org: 'developer' }, kinds: ['Repository'], verbs: ['create', 'import'], scopes: ['write', 'repo:write'], why: 'Whoever creates a repository is its administrator.' },
  { id: 'fork-repository', title: 'fork a repository, and make one from a template', needs: { repository: 'read' }, kinds: ['Repository'], verbs: ['fork', 'generate'], scopes: ['write', 'repo:write'], why: 'Who may read it has a copy anyway; a fork is never seen by more people.' },
  { id: 'publish', title: 'publish packages', needs: { org: 'developer' }, kinds: ['ArtifactFeed', 'ArtifactVersion'], verbs: ['publish'], scopes: ['write', 'packages:write'], why: 'Packages are what developers make.' },
  { id: 'add-version', title: 'add package versions', needs: { org: 'developer' }, kinds: ['ArtifactVersion'], verbs: ['create'], scopes: ['write', 'packages:write'], why: 'Packages are what developers make.' },
  { id: 'own-views', title: 'keep views of your own', needs: { org: 'developer', own: true }, kinds: ['View'], verbs: WRITE, scopes: ['write'], why: 'A view without an owner is the organization\'s.' },
  { id: 'own-keys', title: 'keep SSH and GPG keys of your own', needs: { org: 'viewer', own: true }, kinds: ['SSHKey', 'GPGKey'], verbs: WRITE, scopes: ['admin'], why: 'A key signs in or signs as its owner, so a token needs the scope for settings.' },
  { id: 'request-exception', title: 'ask for an exception from a policy', needs: { org: 'developer' }, kinds: ['PolicyExceptionRequest'], verbs: ['create'], scopes: ['write'], why: 'Asking gives nothing; administrators answer.' },

  // Maintaining
  {
    id: 'maintain-repository', title: 'change a repository\'s settings and rules', needs: { repository: 'maintain' },
    kinds: ['Repository', 'BranchProtection', 'RefPolicy'], verbs: ['update', 'archive', 'unarchive', 'protect', 'sync-mirror'], scopes: ['write'], why: 'They hold for everybody who works in the repository.',
  },
  { id: 'write-protections', title: 'add and remove branch protections and reference policies', needs: { repository: 'maintain' }, kinds: ['BranchProtection', 'RefPolicy'], verbs: ['create', 'delete'], scopes: ['write'], why: 'They hold for everybody who works in the repository.' },
  {
    id: 'maintain-content', title: 'change and delete what others made in a repository', needs: { repository: 'maintain' },
    kinds: ['PullRequest', 'Review', 'Issue', 'Pipeline'], verbs: ['update', 'delete', 'dismiss'], scopes: ['write'], why: 'Somebody has to tidy up.',
  },
  {
    id: 'everybodys-runs', title: 'steer everybody\'s runs and their workspaces', needs: { repository: 'maintain' },
    kinds: ['AgentDispatchRun', 'AgentSession', 'KradleWorkspace'], verbs: ['update', 'delete', 'cancel', 'retry', 'resume', 'fork', 'continue', 'steer', 'message', 'write-back', 'archive', 'restore'], scopes: ['write', 'runs'], why: 'Somebody has to stop what runs wild.',
  },
  { id: 'archive-workspaces', title: 'archive workspaces', needs: { repository: 'write' }, kinds: ['KradleWorkspace'], verbs: ['archive'], scopes: ['write', 'runs'], why: 'An archived workspace can be had again.' },
  { id: 'deploy-keys', title: 'keep deploy keys', needs: { repository: 'maintain' }, kinds: ['SSHKey'], verbs: WRITE, scopes: ['admin'], why: 'A key opens the repository for whoever holds it.' },
  {
    id: 'configure', title: 'set up agents, pipelines, memory, packages and models', needs: { org: 'maintainer' },
    kinds: [...CONFIGURATION, 'View', 'WebhookSubscription', 'ArtifactVersion'], verbs: [...WRITE, 'test', 'replay', 'enable', 'disable', 'pause', 'resume', 'simulate', 'check', 'yank', 'start', 'stop', 'query'], scopes: ['write'], why: 'It decides what agents may do and what runs for everybody.',
  },
  { id: 'query-memory', title: 'ask the memory, and suggest what it should keep', needs: { org: 'developer' }, kinds: ['AgentMemoryRepository', 'AgentMemoryQuery', 'AgentMemoryUpdate'], verbs: ['query', 'propose'], scopes: ['write', 'runs'], why: 'What is suggested is reviewed.' },
  { id: 'replay-deliveries', title: 'send webhooks again', needs: { org: 'maintainer' }, kinds: ['WebhookDelivery'], verbs: ['replay'], scopes: ['write'], why: 'It goes to where it went before.' },

  {
    id: 'override-secrets', title: 'push what looks like a secret, with a reason, where a policy leaves that to maintainers', needs: { repository: 'maintain' },
    kinds: ['Repository'], verbs: ['override-secrets'], scopes: ['write', 'repo:write'], why: 'What was pushed cannot be taken back; the reason is on the record.',
  },

  // Administering
  {
    id: 'administer-repository', title: 'rename, transfer and delete a repository, and say who may see it', needs: { repository: 'admin' },
    kinds: ['Repository'], verbs: ['delete', 'transfer', 'rename', 'change-visibility', 'mirror'], scopes: ['write', 'admin'], why: 'Its address changes for everybody, or it goes.',
  },
  { id: 'restore-repositories', title: 'see deleted repositories, restore them and remove them for good', needs: { org: 'admin' }, kinds: ['Repository'], verbs: ['restore', 'purge', 'list-deleted'], scopes: ['write', 'admin'], why: 'A deleted repository has no administrators of its own.' },
  { id: 'give-repository-roles', title: 'say who may do what in a repository', needs: { repository: 'admin' }, kinds: ['RepositoryPermission'], verbs: WRITE, scopes: ['admin'], why: 'Nobody gives more than they have.' },
  {
    id: 'administer-people', title: 'manage people, teams, invitations, service accounts and what they may do', needs: { org: 'admin' },
    kinds: [...PEOPLE, ...DOORKEEPING, 'GPGKey'], verbs: [...WRITE, 'invite', 'resend', 'revoke', 'manage-tokens', 'suspend', 'resume', 'enable', 'disable'], scopes: ['admin'], why: 'Nobody gives more than they have.',
  },
  {
    id: 'administer-secrets', title: 'manage secrets and configuration values', needs: { org: 'admin' },
    kinds: ['Secret', 'ConfigMap'], verbs: [...READ, ...WRITE, 'use-secret'], scopes: ['admin'], why: 'A secret is as good as what it opens.',
  },
  { id: 'maintain-teams', title: 'manage the members of a team that you maintain', needs: { org: 'viewer', own: true }, kinds: ['Team'], verbs: ['update'], scopes: ['admin'], why: 'Its grants stay with the administrators.' },
  { id: 'own-profile', title: 'change how you are called', needs: { org: 'viewer', own: true }, kinds: ['User'], verbs: ['update'], scopes: ['admin'], why: 'Everything else about a member is for administrators.' },
  {
    id: 'administer-policies', title: 'manage policies and exceptions from them', needs: { org: 'admin' },
    kinds: POLICIES, verbs: [...WRITE, 'decide', 'approve', 'deny'], scopes: ['admin'], why: 'They bind maintainers, too.',
  },
  {
    id: 'administer-backends', title: 'manage what is kept in step with other hosts', needs: { org: 'admin' },
    kinds: BACKENDS, verbs: [...WRITE, 'test', 'sync', 'replay', 'resolve', 'enable', 'disable', 'pause', 'resume'], scopes: ['admin'], why: 'Another host may then write here.',
  },
  { id: 'resolve-conflicts', title: 'settle what differs from other hosts', needs: { org: 'admin' }, kinds: BACKEND_RECORDS, verbs: ['resolve', 'replay', 'approve', 'deny'], scopes: ['admin'], why: 'Another host may then write here.' },
  { id: 'administer-organization', title: 'change the organization\'s settings', needs: { org: 'admin' }, kinds: ['Organization'], verbs: ['update'], scopes: ['admin'], why: 'They hold for everybody in it.' },
  { id: 'records', title: 'bring records from elsewhere, and change or delete them', needs: { org: 'admin' }, kinds: RECORDS, verbs: WRITE, scopes: ['admin'], why: 'Controllers keep them; a record that anybody may write says nothing.' },
  { id: 'status', title: 'write a status by hand', needs: { org: 'admin' }, kinds: '*', verbs: ['update-status'], scopes: ['admin'], why: 'A status is what controllers found; verbs write it in the system\'s name.' },

  // Owning
  { id: 'own-organization', title: 'suspend, resume and delete the organization', needs: { org: 'owner' }, kinds: ['Organization'], verbs: ['delete', 'suspend', 'resume'], scopes: ['admin'], why: 'Everything in it goes with it.' },
  {
    id: 'installation', title: 'create organizations', needs: { installation: true },
    kinds: ['Organization', 'OrgNamespaceBinding'], verbs: [...WRITE], scopes: ['admin'], why: 'They belong to the installation.',
  },
];
