import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Server } from 'node:http';
import { createKindRegistry } from '#shared/kind/registry';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { Organization } from '#shared/kinds/identity/organization';
import { allKinds } from '#shared/kinds/index';
import { createAuthenticator } from '../api/authenticate';
import { createEventStreamEndpoint } from '../api/eventStream';
import { createHealthEndpoints, createMetricsEndpoint } from '../api/healthEndpoints';
import { createHttpServer } from '../api/httpServer';
import { createOpenApiEndpoint } from '../api/openApiEndpoint';
import { createRequestGuard } from '../api/requestGuard';
import { createRestDoor } from '../api/rest';
import { createSessionEndpoints } from '../api/sessionEndpoints';
import { createStaticFiles } from '../api/staticFiles';
import { createSystemRouter } from '../api/systemRouter';
import { createTokens } from '../api/tokens';
import { ADMIN_USER, bootstrapIdentity, findUserActor } from '../domains/identity/organizations';
import { createAuthorizer } from '../resources/authorize';
import { createResources } from '../resources/createResources';
import { openSqliteStore } from '../store/sql/openSqliteStore';
import { createAppRouter } from './appRouter';
import { systemClock } from './clock';
import type { Config } from './config';
import { readOrCreateAdminToken, readOrCreateSecretKey, type DataDir } from './dataDir';
import type { Logger } from './log';
import { createMetrics } from './metrics';

import type { ServeOptions } from './serve';

export interface AppOptions extends ServeOptions {
  readonly config: Config;
  readonly dataDir: DataDir;
  readonly log: Logger;
}

export interface App {
  readonly server: Server;
  /** Where the server turned out to listen: links and runners start from it. */
  setUrl(url: string): void;
  createLoginCode(): string;
  /** Starts what works in the background. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The composition root: the only place that knows every room. */
export async function createApp(options: AppOptions): Promise<App> {
  const { config, dataDir, log } = options;
  const startedAtMs = systemClock.now();
  const metrics = createMetrics();
  const registry = createKindRegistry(allKinds);
  const storage = await openSqliteStore({ path: dataDir.database, log });
  await storage.store.start();
  const resources = createResources({
    store: storage.store, kinds: registry, organization: Organization, strategies: [],
    authorize: createAuthorizer({ runKind: AgentDispatchRun }), clock: systemClock, uuid: randomUUID, log,
  });
  await bootstrapIdentity(resources, { displayName: userInfo().username, email: `${userInfo().username}@localhost.localdomain` });
  const tokens = createTokens({ secretKey: readOrCreateSecretKey(dataDir), adminToken: readOrCreateAdminToken(dataDir), now: systemClock.now });

  const router = createAppRouter({
    registry,
    system: createSystemRouter(
      { project: 'Kradle', version: options.version, mode: 'local', dataDir: dataDir.root, git: { version: undefined }, startedAtMs },
      {
        now: systemClock.now,
        listOrganizations: async (as) => (await as.list(Organization, { org: '*' })).items.map(({ metadata, spec }) => ({ name: metadata.name, displayName: spec.displayName })),
      },
    ),
    live: { registry, followRunEvents: () => { throw new Error('not wired'); } },
  });
  const authenticator = createAuthenticator({ tokens, cookieName: `kradle_session_${config.port}`, findUser: (name) => findUserActor(resources, name) });
  const guard = createRequestGuard({ host: config.host, allowedHosts: config.allowedHosts, publicUrl: config.publicUrl });
  const server = createHttpServer({
    router,
    rest: createRestDoor(router),
    publicEndpoints: [
      ...createHealthEndpoints({ ready: async () => ({ store: (await storage.store.revisions()).head !== '' }) }),
      ...createSessionEndpoints({ tokens, authenticator, secureCookie: config.publicUrl?.startsWith('https:') === true }),
    ],
    endpoints: [
      createMetricsEndpoint(metrics),
      createOpenApiEndpoint(router, options.version),
      createEventStreamEndpoint({ registry, resources, headRevision: async () => (await storage.store.revisions()).head }),
    ],
    serveStatic: options.consoleDir === undefined ? () => Promise.resolve(false) : createStaticFiles(options.consoleDir),
    authenticator, guard, resources, metrics, log,
  });

  return {
    server,
    setUrl: () => undefined,
    createLoginCode: () => tokens.createLoginCode(ADMIN_USER),
    start: () => Promise.resolve(),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await storage.close();
    },
  };
}
