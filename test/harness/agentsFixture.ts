import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { createKindRegistry } from '#shared/kind/registry';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { Organization } from '#shared/kinds/identity/organization';
import { allKinds } from '#shared/kinds/index';
import { silentLogger } from '../../src-server/app/log';
import type { AgentsContext } from '../../src-server/domains/agents/agentsContext';
import type { ForgePort } from '../../src-server/domains/agents/forgePort';
import { RunBells } from '../../src-server/domains/agents/runBells';
import type { AttemptRef, RunnerLauncher, RunnerState } from '../../src-server/domains/agents/runnerLauncher';
import type { SecretsPort } from '../../src-server/domains/agents/secretsPort';
import type { Worktrees } from '../../src-server/domains/agents/worktreePort';
import { createMembersAuthorizer } from './membersAuthorizer';
import { createResources } from '../../src-server/resources/createResources';
import type { ResourceClient } from '../../src-server/resources/resourceClient';
import { createMemoryEventLog } from '../../src-server/store/memoryEventLog';
import { createMemoryStore } from '../../src-server/store/memoryStore';
import { createFakeClock, type FakeClock } from './fakeClock';

export const SHA = { base: 'a'.repeat(40), head: 'b'.repeat(40) } as const;

/** The outside of the run engine, in memory: what was done to it can be looked at, and each deed can be made to fail. */
export interface AgentsFixture {
  readonly ctx: AgentsContext;
  readonly clock: FakeClock;
  readonly resources: ResourceClient;
  /** Branches of the forge: `REPOSITORY/BRANCH` to sha. */
  readonly branches: Map<string, string>;
  readonly launched: AttemptRef[];
  readonly killed: AttemptRef[];
  /** What the launcher finds, by `RUN/ATTEMPT`. */
  readonly runners: Map<string, RunnerState['state']>;
  /** Called before and after every deed; throws to make the process die there. */
  onDeed: (deed: string) => void;
  blob(content: string): Promise<string>;
}

export async function createAgentsFixture(): Promise<AgentsFixture> {
  const clock = createFakeClock();
  const store = createMemoryStore();
  await store.start();
  const log = silentLogger();
  const real = createResources({ store, kinds: createKindRegistry(allKinds), organization: Organization, strategies: [], authorizer: createMembersAuthorizer({ runKind: AgentDispatchRun }), clock, uuid: randomUUID, log });
  await real.create(Organization, 'default', { metadata: { name: 'default' }, spec: { displayName: 'Default', namespaceName: 'kradle-org-default' } });
  await real.create(Repository, 'default', { metadata: { name: 'shop' }, spec: { organizationRef: 'default' }, status: { phase: 'Ready', defaultBranchHead: SHA.base } });

  const blobs = new Map<string, Buffer>();
  const fixture: AgentsFixture = {
    clock,
    resources: real,
    branches: new Map([['shop/main', SHA.base]]),
    launched: [],
    killed: [],
    runners: new Map(),
    onDeed: () => undefined,
    async blob(content) {
      const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
      blobs.set(digest, Buffer.from(content));
      return digest;
    },
    ctx: undefined as unknown as AgentsContext,
  };
  const does = async <T>(deed: string, task: () => Promise<T>): Promise<T> => {
    fixture.onDeed(`before ${deed}`);
    const result = await task();
    fixture.onDeed(`after ${deed}`);
    return result;
  };
  const resources: ResourceClient = {
    ...real,
    as: (actor) => real.as(actor),
    create: (kind, org, input) => does(`create ${kind.names.kind}`, () => real.create(kind, org, input)),
    mutateStatus: (kind, ref, change) => does(`status of ${kind.names.kind}`, () => real.mutateStatus(kind, ref, change)),
  };
  const secrets: SecretsPort = { kinds: { secret: Repository, config: Repository }, describe: () => Promise.resolve(undefined), read: () => Promise.resolve(new Map()) };
  const forge: ForgePort = {
    resolveRef: async (_org, repository, ref) => fixture.branches.get(`${repository}/${ref.replace('refs/heads/', '')}`),
    acceptBranch: ({ repository, branch, sha }) => does('acceptBranch', async () => void fixture.branches.set(`${repository}/${branch}`, sha)),
    createPullRequest: (_actor, { org, repository, title, body, sourceBranch, targetBranch, dispatchRun }) =>
      does('createPullRequest', async () => {
        const { items } = await real.list(PullRequest, { org });
        return real.create(PullRequest, org, { metadata: { name: `${repository}-${items.length + 1}` }, spec: { organizationRef: org, repository, title, body, sourceBranch, targetBranch, dispatchRun, author: { kind: 'agent', name: dispatchRun } } });
      }),
    diff: () => Promise.reject(new Error('not in this fixture')),
    seedRepository: () => Promise.reject(new Error('not in this fixture')),
  };
  const worktrees: Worktrees = {
    locations: () => ({ workspaceRepository: '/nowhere/workspace.git', forgeRepository: '/nowhere/forge.git' }),
    prepare: () => does('prepare', async () => undefined),
    claim: () => does('claim', async () => undefined),
    status: async () => ({ headSha: SHA.base, dirtyFiles: 0, unpushedCommits: 0 }),
    remove: async () => true,
    sizeBytes: async () => 0,
    diff: () => Promise.reject(new Error('not in this fixture')),
  };
  const launcher: RunnerLauncher = {
    launch: (attempt) =>
      does('launch', async () => {
        fixture.launched.push(attempt);
        const key = `${attempt.run}/${attempt.attempt}`;
        if (!fixture.runners.has(key)) fixture.runners.set(key, 'alive');
      }),
    async inspect({ run, attempt }): Promise<RunnerState> {
      const state = fixture.runners.get(`${run}/${attempt}`) ?? 'absent';
      return state === 'alive' ? { state, identity: { pid: 1, startMark: 'x' } } : { state };
    },
    kill: (attempt) =>
      does('kill', async () => {
        fixture.killed.push(attempt);
        fixture.runners.set(`${attempt.run}/${attempt.attempt}`, 'gone');
      }),
    forget: async () => undefined,
  };
  const ctx: AgentsContext = {
    resources,
    eventLog: createMemoryEventLog(),
    blobs: {
      put: () => Promise.reject(new Error('not in this fixture')),
      async open(digest) {
        const content = blobs.get(digest);
        return content === undefined ? undefined : { stream: Readable.from([content]), sizeBytes: content.length };
      },
      has: async (digest) => blobs.has(digest),
      async stat(digest) {
        const content = blobs.get(digest);
        return content === undefined ? undefined : { sizeBytes: content.length };
      },
    },
    clock,
    log,
    forge,
    worktrees,
    secrets,
    launcher,
    bells: new RunBells(),
    runsRoot: '/nowhere/runs',
    workspacesRoot: '/nowhere/workspaces',
    maxConcurrentRuns: 2,
    maxTranscriptBytes: 1_000_000,
    environment: {},
    demoAgentCommand: ['demo'],
  };
  return Object.assign(fixture, { ctx });
}
