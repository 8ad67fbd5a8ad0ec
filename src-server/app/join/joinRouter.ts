import { namespaceFor } from '#shared/kind/names';
import { Organization } from '#shared/kinds/identity/organization';
import { capabilitiesOf } from '../../api/plannedRouter';
import { createSystemRouter } from '../../api/systemRouter';
import type { Agents } from '../../domains/agents/agents';
import type { Audit } from '../../domains/audit/audit';
import type { Forge } from '../../domains/forge/forge';
import type { OrgSnapshots } from '../../domains/home/orgSnapshots';
import type { OrganizationLifecycle } from '../../domains/identity/organizations/organizationLifecycle';
import type { NotificationCenter } from '../../domains/notifications/createNotificationCenter';
import type { Secrets } from '../../domains/secrets/createSecrets';
import type { ResourceClient } from '../../resources/resourceClient';
import { type AppRouter, createAppRouter } from '../appRouter';
import type { Ground } from '../ground';
import { plannedRoutes } from '../plannedRoutes';
import type { Identity } from './joinIdentity';
import type { WritePath } from './joinWritePath';

export interface RouterParts {
  readonly written: WritePath;
  readonly identity: Identity;
  readonly organizations: OrganizationLifecycle;
  readonly audit: Audit;
  readonly secrets: Secrets;
  readonly forge: Forge;
  readonly agents: Agents;
  readonly notifications: NotificationCenter;
  readonly snapshots: OrgSnapshots;
}

/** Every verb of every domain, in the one router that the doors serve. */
export async function joinRouter(ground: Ground, parts: RouterParts): Promise<AppRouter> {
  const { dataDir, now, registry, version } = ground;
  const { written: { access, writes }, identity: { people, signIn, tokens }, organizations, audit, secrets, forge, agents, notifications, snapshots } = parts;
  return createAppRouter({
    registry,
    system: createSystemRouter(
      { project: 'Kradle', version, mode: 'local', dataDir: dataDir.root, git: { version: (await forge.git.git.version())?.text }, startedAtMs: now(), capabilities: capabilitiesOf(plannedRoutes) },
      { now, listOrganizations, createLoginCode: (user) => tokens.createLoginCode(user) },
    ),
    snapshots: { snapshots, kinds: registry.all, authorizer: access.authorizer, count: (kind, org) => writes.store.count({ plural: kind.names.plural, namespace: namespaceFor(kind, org) }) },
    live: { registry, followRunEvents: agents.verbs.followRunEvents, followAudit: audit.follow, followNotifications: notifications.follow },
    orgs: organizations.router,
    people: people.router,
    signIn: signIn.routers,
    access: access.router,
    forge: forge.router,
    agents: agents.router,
    secrets: secrets.router,
    audit: audit.router,
    notifications: notifications.router,
  });
}

async function listOrganizations(as: ResourceClient): Promise<{ name: string; displayName: string }[]> {
  return (await as.list(Organization, { org: '*' })).items.map(({ metadata, spec }) => ({ name: metadata.name, displayName: spec.displayName }));
}
