import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { createIdempotency } from '../api/idempotency/idempotency';
import { auditHeadsFolder, createAudit } from '../domains/audit/audit';
import type { SshDoor } from '../domains/forge/ssh/sshDoor';
import { createOrgSnapshots } from '../domains/home/orgSnapshots';
import { ADMIN_USER } from '../domains/identity/organizations';
import { createOrganizationLifecycle } from '../domains/identity/organizations/organizationLifecycle';
import { createNotificationCenter } from '../domains/notifications/createNotificationCenter';
import { createSecrets } from '../domains/secrets/createSecrets';
import { createSafeFetch } from '../http/safeFetch';
import { createLifecycle } from '../runtime/lifecycle';
import { addAppGauges } from './appGauges';
import type { AppOptions } from './appOptions';
import type { AppRouter } from './appRouter';
import { createDoors } from './createDoors';
import { type Ground, layGround } from './ground';
import { createHosting } from './join/hosting';
import { joinAgents } from './join/joinAgents';
import { joinForge } from './join/joinForge';
import { type Identity, joinIdentity } from './join/joinIdentity';
import { joinManager } from './join/joinManager';
import { joinRouter } from './join/joinRouter';
import { joinWritePath, type WritePath } from './join/joinWritePath';
import type { LateParts } from './join/lateParts';
import { createOrganizationFiles, type OrganizationFiles } from './join/organizationFiles';
import { createMetrics } from './metrics';
import { openStorage } from './openStorage';

/** How long a stop may take, in ms, before what is left is abandoned. */
const STOP_GRACE_MS = 10_000;
/** How long streams have to end by themselves, in ms: a watch that is cut looks like a fault to its client. */
const STREAM_GRACE_MS = 500;
/** How long git commands over SSH have to end, in ms: a push that is cut has to be made again. */
const SSH_GRACE_MS = 5_000;

export interface App {
  readonly server: Server;
  /** Every verb, as the doors serve it. */
  readonly router: AppRouter;
  /** Where the server turned out to listen: links and runners start from it. */
  setUrl(url: string): void;
  /** Git over SSH; undefined where it is switched off. */
  readonly ssh: SshDoor | undefined;
  createLoginCode(): string;
  /** Starts what works in the background. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The composition root: the only place that knows every room. */
export async function createApp(options: AppOptions): Promise<App> {
  const metrics = createMetrics();
  const storage = await openStorage({ ...options, observe: (operation, durationMs) => metrics.observeStore(operation, durationMs) });
  try {
    return await assemble(await layGround({ ...options, storage, metrics }));
  } catch (error) {
    // Its connections would keep the process alive.
    await storage.close();
    throw error;
  }
}

/** From the ground up: domains, the write path with their rules, people, what works in the background, doors. */
async function assemble(ground: Ground): Promise<App> {
  const { config, dataDir, log, clock, keys, storage, blobs, registry, stored, address } = ground;
  const { eventLog } = storage;
  const late: LateParts = { resources: () => written.resources, relocation: () => written.relocation, identity: () => identity, organizationFiles: () => files };
  const resourcesLater = () => late.resources();

  const hosting = createHosting(config, resourcesLater);
  const audit = createAudit({ eventLog, keys, headsFolder: auditHeadsFolder(dataDir.root), retentionDays: config.auditRetentionDays, resources: resourcesLater, clock, uuid: randomUUID, log });
  const secrets = createSecrets({ resources: resourcesLater, keys: () => keys, clock, log });
  const forge = joinForge(ground, late, { audit, secrets, hosting });
  const agents = joinAgents(ground, late, { forge, secrets });

  const written: WritePath = joinWritePath(ground, { audit, strategies: [...forge.strategies, ...agents.strategies, ...audit.strategies, ...secrets.strategies] });
  const { resources, access } = written;
  const identity: Identity = await joinIdentity(ground, { written, forge, secrets, hosting });
  const { accounts, signIn, people } = identity;
  const files: OrganizationFiles = createOrganizationFiles({ resources, kinds: stored, blobs, repositoryFiles: forge.files, git: forge.git, folders: dataDir, dropLog: (org) => audit.dropOrganization(org) });
  const organizations = createOrganizationLifecycle({ resources, accounts, clock, kinds: stored, runs: agents.verbs, files });
  const notifications = createNotificationCenter({ resources, eventLog, accounts, keys: () => keys, fetch: createSafeFetch(hosting.addresses), clock });
  const idempotency = createIdempotency({ resources, clock, serverId: randomUUID(), log });

  const manager = joinManager(ground, resources, [
    idempotency.controller, ...forge.controllers, ...agents.controllers, ...secrets.controllers, ...people.controllers, ...signIn.controllers, ...organizations.controllers, ...notifications.controllers,
  ]);
  addAppGauges(ground.metrics, { storage, manager, serving: forge.serving });
  const snapshots = createOrgSnapshots({ resources, subjectOf: access.visibilitySubject, kinds: registry.all, head: ground.headRevision, log });

  const router = await joinRouter(ground, { written, identity, organizations, audit, secrets, forge, agents, notifications, snapshots });
  const stopping = new AbortController();
  const server = createDoors(ground, { router, written, identity, audit, secrets, forge, agents, idempotency, stopping: stopping.signal });
  const lifecycle = createLifecycle({
    groups: [[...audit.runnables], [...identity.runnables, ...access.runnables, ...forge.runnables, ...agents.runnables, ...secrets.runnables], [manager], [snapshots]],
    graceMs: STOP_GRACE_MS, clock, log,
  });

  return {
    server,
    router,
    ssh: forge.ssh.door,
    setUrl: (url) => address.listensAt(url),
    createLoginCode: () => identity.tokens.createLoginCode(ADMIN_USER),
    start: () => lifecycle.start(),
    async stop() {
      stopping.abort();
      await closeDoors(server, forge.ssh.door);
      await lifecycle.stop().finally(() => storage.close());
      log.info({ url: address.baseUrl() }, 'stopped');
    },
  };
}

/** Takes nothing new, and gives what is under way a moment to end. */
async function closeDoors(server: Server, ssh: SshDoor | undefined): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  const drained = ssh?.stop(SSH_GRACE_MS);
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, STREAM_GRACE_MS))]);
  server.closeAllConnections();
  await closed;
  await drained;
}
