import { AgentStack } from '#shared/kinds/agents/agentStack';
import { AgentTriggerRule } from '#shared/kinds/agents/agentTriggerRule';
import { Organization } from '#shared/kinds/identity/organization';
import { kinds } from '#shared/kinds/index';
import type { KindRegistry } from '#shared/kind/registry';
import { createKindRoutes } from '../api/kindRoutes';
import { createKindRouters } from '../api/kindRouter';
import { createLiveRouter, type LiveDeps } from '../api/liveStream';
import { createPlannedRouter } from '../api/plannedRouter';
import { createResourcesRouter } from '../api/resourcesRouter';
import type { createSystemRouter } from '../api/systemRouter';
import type { Agents } from '../domains/agents/agents';
import type { Audit } from '../domains/audit/audit';
import type { Forge } from '../domains/forge/forge';
import { createHomeRouter } from '../domains/home/homeRouter';
import type { SnapshotDeps } from '../domains/home/readSnapshot';
import type { OrganizationLifecycle } from '../domains/identity/organizations/organizationLifecycle';
import type { People } from '../domains/identity/people/people';
import type { SignIn } from '../domains/identity/signIn/createSignIn';
import type { NotificationCenter } from '../domains/notifications/createNotificationCenter';
import type { Access } from '../domains/identity/access/access';
import type { Secrets } from '../domains/secrets/createSecrets';
import { router } from '../rpc/trpc';
import { PLANNED_TAGS, plannedRoutes } from './plannedRoutes';

export interface AppRouterParts {
  readonly registry: KindRegistry;
  readonly system: ReturnType<typeof createSystemRouter>;
  readonly orgs: OrganizationLifecycle['router'];
  readonly people: People['router'];
  readonly signIn: SignIn['routers'];
  readonly access: Access['router'];
  readonly live: LiveDeps;
  readonly notifications: NotificationCenter['router'];
  readonly snapshots: SnapshotDeps;
  readonly forge: Forge['router'];
  readonly agents: Agents['router'];
  readonly secrets: Secrets['router'];
  readonly audit: Audit['router'];
}

/** The one router: what the desktop app, the hosted console, REST and the CLI call. */
export function createAppRouter(parts: AppRouterParts) {
  return router({
    system: parts.system,
    orgs: parts.orgs,
    people: parts.people,
    account: parts.signIn.account,
    serviceAccounts: parts.signIn.serviceAccounts,
    device: parts.signIn.device,
    access: parts.access,
    home: createHomeRouter(parts.snapshots),
    resources: createResourcesRouter(parts.registry),
    kinds: createKindRouters(kinds),
    live: createLiveRouter(parts.live),
    notifications: parts.notifications,
    repositories: parts.forge.repositories,
    sshKeys: parts.forge.sshKeys,
    lifecycle: parts.forge.lifecycle,
    pulls: parts.forge.pulls,
    releases: parts.forge.releases,
    hooks: parts.forge.hooks,
    agents: parts.agents.agents,
    demo: parts.agents.demo,
    permissions: parts.agents.permissions,
    secrets: parts.secrets.secrets,
    configMaps: parts.secrets.configMaps,
    stacks: createKindRoutes(AgentStack, { path: '/api/orgs/{org}/agents/stacks', tag: 'Agents', one: 'an agent', many: 'agents' }),
    rules: createKindRoutes(AgentTriggerRule, { path: '/api/orgs/{org}/agents/rules', tag: 'Agents', one: 'a trigger rule', many: 'trigger rules' }),
    planned: createPlannedRouter(plannedRoutes, { tags: PLANNED_TAGS, organization: Organization }),
    audit: parts.audit,
  });
}

export type AppRouter = ReturnType<typeof createAppRouter>;
