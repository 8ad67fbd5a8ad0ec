import type { PlannedRoute } from '../api/plannedRouter';

/** The part of the API that each capability belongs to. */
export const PLANNED_TAGS: Readonly<Record<string, string>> = {
  inference: 'Inference', artifactRegistry: 'Artifacts', assistant: 'Assistant', memory: 'Memory', triggers: 'Triggers', externalSync: 'External', gitObjects: 'Repositories',
};

const objects = (kinds: string) => `Objects of the kinds ${kinds} can be kept through /resources already; nothing acts on them yet.`;

const INFERENCE = `Serving models comes with a later version. ${objects('KradleInferenceService and KradleServingRuntime')}`;
const ARTIFACTS = `The package registry comes with a later version. ${objects('ArtifactRegistry, ArtifactFeed and ArtifactVersion')}`;
const ASSISTANT = 'The assistant comes with a later version. Dispatch a task to an agent instead, or connect an assistant of your own through MCP.';
const MEMORY = `Querying and changing memory comes with a later version. ${objects('AgentMemoryRepository, AgentMemorySnapshot and AgentMemoryUpdate')}`;
const TRIGGERS = `Rules are stored and listed; carrying them out on events comes with a later version. Dispatch agents by hand until then.`;
const EXTERNAL = `Synchronising with other forges comes with a later version. ${objects('ExternalBackendProvider and ExternalBackendBinding')}`;

/**
 * Addresses of the seeds (003 sections 2 and 12, 000-openapi, 001-api-contract-spec) whose capability is still to come. A capability
 * that arrives takes its lines away, and the console shows it.
 */
export const plannedRoutes: readonly PlannedRoute[] = [
  { name: 'listInferenceServices', method: 'GET', path: 'inference/services', capability: 'inference', summary: 'List inference services', reason: INFERENCE },
  { name: 'createInferenceService', method: 'POST', path: 'inference/services', capability: 'inference', summary: 'Create an inference service', reason: INFERENCE },
  { name: 'getInferenceService', method: 'GET', path: 'inference/services/{name}', capability: 'inference', summary: 'Get an inference service and its address', reason: INFERENCE },
  { name: 'deleteInferenceService', method: 'DELETE', path: 'inference/services/{name}', capability: 'inference', summary: 'Delete an inference service', reason: INFERENCE },
  { name: 'infer', method: 'POST', path: 'inference/services/{name}/infer', capability: 'inference', summary: 'Ask a model', reason: INFERENCE },
  { name: 'listServingRuntimes', method: 'GET', path: 'inference/runtimes', capability: 'inference', summary: 'List serving runtimes', reason: INFERENCE },
  { name: 'createServingRuntime', method: 'POST', path: 'inference/runtimes', capability: 'inference', summary: 'Create a serving runtime', reason: INFERENCE },

  { name: 'listArtifactRegistries', method: 'GET', path: 'artifacts/registries', capability: 'artifactRegistry', summary: 'List package registries', reason: ARTIFACTS },
  { name: 'createArtifactRegistry', method: 'POST', path: 'artifacts/registries', capability: 'artifactRegistry', summary: 'Create a package registry', reason: ARTIFACTS },
  { name: 'listArtifactFeeds', method: 'GET', path: 'artifacts/feeds', capability: 'artifactRegistry', summary: 'List feeds of packages', reason: ARTIFACTS },
  { name: 'createArtifactFeed', method: 'POST', path: 'artifacts/feeds', capability: 'artifactRegistry', summary: 'Create a feed of packages', reason: ARTIFACTS },
  { name: 'listArtifactVersions', method: 'GET', path: 'artifacts/feeds/{feed}/versions', capability: 'artifactRegistry', summary: 'List the versions in a feed', reason: ARTIFACTS },
  { name: 'publishArtifact', method: 'POST', path: 'artifacts/feeds/{feed}/publish', capability: 'artifactRegistry', summary: 'Publish a version', reason: ARTIFACTS },

  { name: 'assistantChat', method: 'POST', path: 'assistant/chat', capability: 'assistant', summary: 'Talk to the assistant', reason: ASSISTANT },
  { name: 'assistantGenerate', method: 'POST', path: 'assistant/generate', capability: 'assistant', summary: 'Have the assistant generate JSON', reason: ASSISTANT },
  { name: 'assistantSessions', method: 'GET', path: 'assistant/sessions', capability: 'assistant', summary: 'List conversations with the assistant', reason: ASSISTANT },
  { name: 'clearAssistantSession', method: 'DELETE', path: 'assistant/sessions/{sessionId}', capability: 'assistant', summary: 'Forget a conversation with the assistant', reason: ASSISTANT },
  { name: 'assistantArtifact', method: 'GET', path: 'assistant/artifacts/{id}', capability: 'assistant', summary: 'Get what the assistant made', reason: ASSISTANT },

  { name: 'listMemoryRepositories', method: 'GET', path: 'agents/memory/repositories', aliases: ['/api/agents/memory/orgs/{org}/repositories'], capability: 'memory', summary: 'List memory repositories and their health', reason: MEMORY },
  { name: 'queryMemory', method: 'POST', path: 'agents/memory/query', capability: 'memory', summary: 'Query memory', reason: MEMORY },
  { name: 'resolveMemoryRef', method: 'POST', path: 'agents/memory/resolve-ref', capability: 'memory', summary: 'Find the commit of a branch, tag, snapshot or time', reason: MEMORY },
  { name: 'createMemorySnapshot', method: 'POST', path: 'agents/memory/snapshots', capability: 'memory', summary: 'Pin memory for a dispatch', reason: MEMORY },
  { name: 'diffMemory', method: 'POST', path: 'agents/memory/diff', capability: 'memory', summary: 'Compare two states of memory', reason: MEMORY },
  { name: 'proposeMemoryUpdate', method: 'POST', path: 'agents/memory/updates', capability: 'memory', summary: 'Propose a change of memory', reason: MEMORY },
  { name: 'approveMemoryUpdate', method: 'POST', path: 'agents/memory/updates/{id}/approve', capability: 'memory', summary: 'Approve a change of memory', reason: MEMORY },
  { name: 'mergeMemoryUpdate', method: 'POST', path: 'agents/memory/updates/{id}/merge', capability: 'memory', summary: 'Merge an approved change of memory', reason: MEMORY },
  { name: 'validateMemoryOntology', method: 'POST', path: 'agents/memory/ontology/validate', capability: 'memory', summary: 'Check an ontology and its records', reason: MEMORY },
  { name: 'importBabysitterRun', method: 'POST', path: 'agents/memory/import-babysitter-run', capability: 'memory', summary: 'Import what a run learned into memory', reason: MEMORY },

  { name: 'ingestWebhook', method: 'POST', path: 'agents/webhooks/ingest', aliases: ['/api/orgs/{org}/webhooks/ingest'], capability: 'triggers', summary: 'Take in an event of another forge', reason: TRIGGERS },
  { name: 'pipelineFailureEvent', method: 'POST', path: 'agents/events/pipeline-failure', capability: 'triggers', summary: 'Tell that a pipeline failed', reason: TRIGGERS },
  { name: 'commentEvent', method: 'POST', path: 'agents/events/comment', capability: 'triggers', summary: 'Tell that somebody commented', reason: TRIGGERS },
  { name: 'labelEvent', method: 'POST', path: 'agents/events/label', capability: 'triggers', summary: 'Tell that something was labelled', reason: TRIGGERS },
  { name: 'processTrigger', method: 'POST', path: 'agents/triggers/process', capability: 'triggers', summary: 'Carry out the rules that an event matches', reason: TRIGGERS },
  { name: 'dryRunRule', method: 'POST', path: 'agents/rules/{rule}/dry-run', capability: 'triggers', summary: 'See what a rule would do', reason: TRIGGERS },
  { name: 'setRuleLifecycle', method: 'POST', path: 'agents/rules/{rule}/lifecycle', capability: 'triggers', summary: 'Pause or resume a rule', reason: `${TRIGGERS} To pause one, PATCH its spec.enabled.` },
  { name: 'replayDelivery', method: 'POST', path: 'agents/rules/{rule}/replay-delivery', capability: 'triggers', summary: 'Carry out a rule for an earlier event', reason: TRIGGERS },

  { name: 'syncExternal', method: 'POST', path: 'external/sync', capability: 'externalSync', summary: 'Synchronise a binding with its backend', reason: EXTERNAL },
  { name: 'resolveExternalConflict', method: 'POST', path: 'external/conflicts/{name}/resolve', capability: 'externalSync', summary: 'Settle a conflict with a backend', reason: EXTERNAL },
  { name: 'approveWriteIntent', method: 'POST', path: 'external/write-intents/{name}/approve', capability: 'externalSync', summary: 'Approve a write to a backend', reason: EXTERNAL },
  { name: 'cancelWriteIntent', method: 'POST', path: 'external/write-intents/{name}/cancel', capability: 'externalSync', summary: 'Cancel a write to a backend', reason: EXTERNAL },

  { name: 'recordGitObject', method: 'POST', path: 'repositories/{repository}/objects', capability: 'gitObjects', summary: 'Record a git object', reason: 'Git objects come in by git push; nothing keeps a record of them beside the repository.' },
  { name: 'enqueueSearchIndex', method: 'POST', path: 'repositories/{repository}/search-index', capability: 'gitObjects', summary: 'Build the search index of a repository', reason: 'Search reads the repository itself at the revision that is asked for; there is no index to build.' },
];
