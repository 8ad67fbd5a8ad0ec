import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { namespaceFor } from '#shared/kind/names';
import { createKindRegistry } from '#shared/kind/registry';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { SSHKey } from '#shared/kinds/forge/sshKey';
import { Organization } from '#shared/kinds/identity/organization';
import { foreignKinds } from '#shared/kinds/foreignKinds';
import { allKinds } from '#shared/kinds/index';
import { createIdempotency } from '../api/idempotency/idempotency';
import { capabilitiesOf } from '../api/plannedRouter';
import { createSystemRouter } from '../api/systemRouter';
import { createTokens } from '../api/tokens';
import { createAccess } from '../domains/identity/access/access';
import { bootstrapAccounts } from '../domains/identity/accounts/bootstrapAccounts';
import { createAccounts } from '../domains/identity/accounts/createAccounts';
import { createPasswords } from '../domains/identity/accounts/passwords';
import { CREDENTIAL_KINDS, createSignIn } from '../domains/identity/signIn/createSignIn';
import { identityStrategies } from '../domains/identity/identityStrategies';
import { createOrganizationLifecycle } from '../domains/identity/organizations/organizationLifecycle';
import { createPeople } from '../domains/identity/people/people';
import { ADMIN_USER, bootstrapIdentity } from '../domains/identity/organizations';
import { createAgents } from '../domains/agents/agents';
import { createLocalProcessLauncher } from '../domains/agents/localProcessLauncher';
import { auditHeadsFolder, createAudit } from '../domains/audit/audit';
import { ciStrategies } from '../domains/ci/ciStrategies';
import { consoleStrategies } from '../domains/console/consoleStrategies';
import { externalStrategies } from '../domains/external/externalStrategies';
import { createOrgSnapshots } from '../domains/home/orgSnapshots';
import { createForge } from '../domains/forge/forge';
import type { SshDoor } from '../domains/forge/ssh/sshDoor';
import { hooksStrategies } from '../domains/hooks/hooksStrategies';
import { inferenceStrategies } from '../domains/inference/inferenceStrategies';
import { createNotificationCenter } from '../domains/notifications/createNotificationCenter';
import { policyStrategies } from '../domains/policy/policyStrategies';
import { registryStrategies } from '../domains/registry/registryStrategies';
import { createSecrets } from '../domains/secrets/createSecrets';
import { Secret } from '../domains/secrets/secret';
import { createAddressGuard } from '../http/safeAddress';
import { createSafeFetch } from '../http/safeFetch';
import { createResources } from '../resources/createResources';
import type { ResourceClient } from '../resources/resourceClient';
import { createRelocation } from '../resources/relocation';
import { withRecords } from '../resources/recordSource';
import { createWriteFeed } from '../resources/writeFeed';
import { addGarbageCollector } from '../runtime/garbageCollector';
import { createLifecycle } from '../runtime/lifecycle';
import { createManager } from '../runtime/manager';
import { createObjectChanges } from '../runtime/objectChanges';
import { openFileBlobStore } from '../store/fileBlobStore';
import type { SqlStorage } from '../store/sql/sqlStorage';
import { addAppGauges } from './appGauges';
import { createAppRouter, type AppRouter } from './appRouter';
import { systemClock } from './clock';
import type { Config } from './config';
import { createDoors } from './createDoors';
import { createHosting } from './join/hosting';
import { internalKinds } from './internalKinds';
import { COMMIT_SIGNING_KEY, readOrCreateAdminToken, type DataDir } from './dataDir';
import { openKeyFile } from './keyRing';
import type { Logger } from './log';
import { createWorktrees, workspaceRepositoriesRoot } from './join/createWorktrees';
import { createMetrics, type Metrics } from './metrics';
import { openStorage } from './openStorage';
import { plannedRoutes } from './plannedRoutes';
import { createMailer } from './join/createMailer';
import { createOrganizationFiles } from './join/organizationFiles';
import { createRepositoryWorkspaces } from './join/repositoryWorkspaces';
import type { ServeOptions } from './serve';
import { sshSettings } from './join/sshSettings';
import { signInSettings } from './join/signInSettings';
import { readConfiguredTls } from './tls/configuredTls';
import { createTlsIdentity, tlsNames } from './tls/tlsIdentity';

/** How long a stop may take, in ms, before what is left is abandoned. */
const STOP_GRACE_MS = 10_000;
/** How long streams have to end by themselves, in ms: a watch that is cut looks like a fault to its client. */
const STREAM_GRACE_MS = 500;
/** How long git commands over SSH have to end, in ms: a push that is cut has to be made again. */
const SSH_GRACE_MS = 5_000;

export interface AppOptions extends ServeOptions {
  readonly config: Config;
  readonly dataDir: DataDir;
  readonly log: Logger;
}

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
    return await assemble({ ...options, storage, metrics });
  } catch (error) {
    // Its connections would keep the process alive.
    await storage.close();
    throw error;
  }
}

async function assemble(options: AppOptions & { readonly storage: SqlStorage; readonly metrics: Metrics }): Promise<App> {
  const { config, dataDir, log, environment, storage, metrics } = options;
  const clock = systemClock;
  const now = () => clock.now();
  const configuredTls = readConfiguredTls(config, { nowMs: now(), log });
  const tls = configuredTls === undefined ? createTlsIdentity({ folder: dataDir.tls, names: tlsNames(config), now, log }) : () => Promise.resolve(configuredTls);
  const registry = createKindRegistry(allKinds, foreignKinds);
  const stored = createKindRegistry([...allKinds, ...internalKinds], foreignKinds);
  const headRevision = async () => (await storage.store.revisions()).head;
  const hosting = createHosting(config, () => resources);
  const blobs = await openFileBlobStore(dataDir.blobs);
  const forge = createForge({
    resources: () => resources,
    blobs,
    namedDigests: () => organizationFiles.namedDigests(),
    eventLog: storage.eventLog,
    clock,
    log,
    repositoriesRoot: dataDir.repositories,
    workspaceRepositoriesRoot: workspaceRepositoriesRoot(dataDir.workspaces),
    gitRoot: dataDir.git,
    signingKeyFile: join(dataDir.ssh, COMMIT_SIGNING_KEY),
    environment,
    maxPackBytes: config.maxPackBytes,
    maxLfsFileBytes: config.maxLfsFileBytes,
    signIn: () => ({ findAccount: (name) => accounts.findActor(name), follow: (actor, end) => signIn.credentials.follow(actor, end), trails: audit.trails, seal: tokens, baseUrl }),
    ssh: sshSettings(config, dataDir),
    relocation: () => relocation,
    readSecret: (org, ref) => secrets.reader.read(org, ref),
    secretKind: Secret,
    workspaces: createRepositoryWorkspaces(dataDir),
    maxReleaseFileBytes: config.maxReleaseFileBytes,
    maxGitServices: config.maxGitServices,
    // On a laptop the server's user is the person: their folders may be read, and their git credentials used.
    imports: async () => ((await hosting.isHosted()) ? { identity: 'isolated', allowFolders: false, addresses: hosting.addresses } : { identity: 'user', allowFolders: true }),
  });
  const keys = openKeyFile(dataDir.secretKeyFile);
  const audit = createAudit({
    eventLog: storage.eventLog, keys, headsFolder: auditHeadsFolder(dataDir.root), retentionDays: config.auditRetentionDays, resources: () => resources, clock, uuid: randomUUID, log,
  });
  const secrets = createSecrets({ resources: () => resources, keys: () => keys, clock, log });
  const agents = createAgents({
    resources: () => resources,
    eventLog: storage.eventLog,
    blobs,
    clock,
    log,
    forge: forge.verbs,
    secrets: secrets.agentSecrets,
    worktrees: createWorktrees({ git: forge.git, repositoryPath: (org, name) => forge.verbs.repositoryPath(org, name), workspacesRoot: dataDir.workspaces }),
    launcher: createLocalProcessLauncher({
      runsRoot: dataDir.runs,
      runnerCommand: [...options.program, 'runner'],
      serverFile: dataDir.serverFile,
      environment,
      signRunToken: (claims) => tokens.signRunToken(claims),
    }),
    runsRoot: dataDir.runs,
    workspacesRoot: dataDir.workspaces,
    maxConcurrentRuns: config.maxConcurrentRuns,
    maxTranscriptBytes: config.maxTranscriptBytes,
    environment,
    demoAgentCommand: [...options.program, 'demo-agent'],
  });
  const writes = createWriteFeed(withRecords(storage.store, [audit.records]));
  const relocation = createRelocation({ store: writes.store, kinds: stored });
  const access = createAccess({ resources: () => resources, writes, registry, runKind: AgentDispatchRun, clock, log });
  const { authorizer } = access;
  const resources: ResourceClient = createResources({
    store: writes.store, kinds: stored, organization: Organization,
    strategies: [
      ...identityStrategies(), ...forge.strategies, ...agents.strategies, ...externalStrategies(), ...inferenceStrategies(), ...registryStrategies(),
      ...audit.strategies, ...ciStrategies(), ...consoleStrategies(), ...hooksStrategies(), ...policyStrategies(), ...secrets.strategies,
    ],
    authorizer, clock, uuid: randomUUID, log, maxObjectsPerKind: config.maxObjectsPerKind,
  });
  await bootstrapIdentity(resources, localAdministrator());
  await bootstrapAccounts(resources, now);
  const identityChanges = createObjectChanges({ kinds: [...CREDENTIAL_KINDS, SSHKey], writes, resources, clock, log });
  identityChanges.onChange((change) => forge.ssh.learn(change));
  const accounts = createAccounts({ resources, changes: identityChanges, passwords: createPasswords(), clock, administrator: config.adminUsername });
  let url = '';
  const baseUrl = () => config.publicUrl?.replace(/\/+$/, '') ?? url;
  const signIn = createSignIn({
    resources, accounts, changes: identityChanges, secrets: secrets.reader, clock, log, settings: signInSettings(config), baseUrl,
    fetch: createSafeFetch(hosting.addresses), trustedFetch: createSafeFetch(createAddressGuard({ allow: '*' })), isHosted: () => hosting.isHosted(),
  });
  // Not before: that there is a token says that the database has something in it (see `openStorage.ts`).
  const tokens = createTokens({ keys, adminToken: readOrCreateAdminToken(dataDir), now });

  const manager = createManager({ resources, head: headRevision, clock, uuid: randomUUID, log, observe: (observation) => metrics.observeReconcile(observation) });
  addGarbageCollector(manager, { kinds: stored, resources });
  const mailer = createMailer(config);
  const people = createPeople({ resources, accounts, clock, mailer, baseUrl });
  const organizationFiles = createOrganizationFiles({ resources, kinds: stored, blobs, repositoryFiles: forge.files, git: forge.git, folders: dataDir, dropLog: (org) => audit.dropOrganization(org) });
  const organizations = createOrganizationLifecycle({ resources, accounts, clock, kinds: stored, runs: agents.verbs, files: organizationFiles });
  const notifications = createNotificationCenter({ resources, eventLog: storage.eventLog, accounts, keys: () => keys, fetch: createSafeFetch(hosting.addresses), clock });
  const controllers = [
    ...forge.controllers,
    ...agents.controllers,
    ...secrets.controllers,
    ...people.controllers,
    ...signIn.controllers,
    ...organizations.controllers,
    ...notifications.controllers,
  ];
  const idempotency = createIdempotency({ resources, clock, serverId: randomUUID(), log });
  manager.add(idempotency.controller);
  for (const controller of controllers) manager.add(controller);
  addAppGauges(metrics, { storage, manager, serving: forge.serving });

  const snapshots = createOrgSnapshots({ resources, subjectOf: access.visibilitySubject, kinds: registry.all, head: headRevision, log });
  const router = createAppRouter({
    registry,
    snapshots: { snapshots, kinds: registry.all, authorizer, count: (kind, org) => writes.store.count({ plural: kind.names.plural, namespace: namespaceFor(kind, org) }) },
    system: createSystemRouter(
      { project: 'Kradle', version: options.version, mode: 'local', dataDir: dataDir.root, git: { version: (await forge.git.git.version())?.text }, startedAtMs: now(), capabilities: capabilitiesOf(plannedRoutes) },
      { now, listOrganizations, createLoginCode: (user) => tokens.createLoginCode(user) },
    ),
    orgs: organizations.router,
    people: people.router,
    signIn: signIn.routers,
    access: access.router,
    forge: forge.router,
    agents: agents.router,
    secrets: secrets.router,
    audit: audit.router,
    notifications: notifications.router,
    live: { registry, followRunEvents: agents.verbs.followRunEvents, followAudit: audit.follow, followNotifications: notifications.follow },
  });
  const stopping = new AbortController();
  const server = createDoors({ ...options, router, registry, coreKinds: secrets.coreKinds, resources, authorizer, trails: audit.trails, clock, store: storage.store, signIn, tokens, tickets: forge.ssh.tickets, idempotency, tls, metrics, publicEndpoints: people.publicEndpoints, endpoints: [...forge.endpoints, ...agents.endpoints, ...audit.endpoints], stopping: stopping.signal });
  const lifecycle = createLifecycle({ groups: [[...audit.runnables], [identityChanges, ...access.runnables, ...signIn.runnables, ...forge.runnables, ...agents.runnables, ...secrets.runnables], [manager], [snapshots]], graceMs: STOP_GRACE_MS, clock, log });

  return {
    server,
    router,
    ssh: forge.ssh.door,
    setUrl: (listening) => { url = listening; },
    createLoginCode: () => tokens.createLoginCode(ADMIN_USER),
    start: () => lifecycle.start(),
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      stopping.abort();
      const drained = forge.ssh.door?.stop(SSH_GRACE_MS);
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, STREAM_GRACE_MS))]);
      server.closeAllConnections();
      await closed;
      await drained;
      await lifecycle.stop().finally(() => storage.close());
      log.info({ url }, 'stopped');
    },
  };
}

async function listOrganizations(as: ReturnType<typeof createResources>): Promise<{ name: string; displayName: string }[]> {
  return (await as.list(Organization, { org: '*' })).items.map(({ metadata, spec }) => ({ name: metadata.name, displayName: spec.displayName }));
}

/** The person whose machine this is. */
function localAdministrator(): { displayName: string; email: string } {
  const { username } = userInfo();
  return { displayName: username, email: `${username}@localhost.localdomain` };
}
