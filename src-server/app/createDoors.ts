import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { KindRegistry } from '#shared/kind/registry';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { Organization } from '#shared/kinds/identity/organization';
import { createAuthenticator, type TicketReader } from '../api/authenticate';
import { createBrowser } from '../api/createBrowser';
import type { TlsCredentials } from '../api/dualServer';
import { createEventStreamEndpoint } from '../api/eventStream';
import { createHealthEndpoints, createMetricsEndpoint } from '../api/healthEndpoints';
import { createHttpServer } from '../api/httpServer';
import type { CoreKinds } from '../api/kube/coreKinds';
import { createKubeEndpoints } from '../api/kube/kubeEndpoints';
import { createKubeResources } from '../api/kube/kubeResources';
import type { Idempotency } from '../api/idempotency/idempotency';
import { createOpenApiEndpoint } from '../api/openApi/openApiEndpoint';
import { createRateLimit } from '../api/rateLimit';
import { createRequestGuard } from '../api/requestGuard';
import { createRestDoor } from '../api/rest';
import { createSessionEndpoints } from '../api/sessionEndpoints';
import { createStaticFiles } from '../api/staticFiles';
import type { Tokens } from '../api/tokens';
import { createWatchEndpoint } from '../api/watchEndpoint';
import type { SignIn } from '../domains/identity/signIn/createSignIn';
import { ADMIN_USER } from '../domains/identity/organizations';
import type { Endpoint, PublicEndpoint, PublicRequest } from '../http/endpoint';
import type { Actor } from '../resources/actor';
import type { Authorizer } from '../resources/authorize';
import type { AuditTrails } from '../resources/auditTrail';
import type { ResourceClient } from '../resources/resourceClient';
import type { Store } from '../store/store';
import type { AppRouter } from './appRouter';
import type { Clock } from './clock';
import type { Config } from './config';
import type { Logger } from './log';
import { createMcpDoor } from './mcp/createMcpDoor';
import type { Metrics } from './metrics';

/** Who asks whether the server is ready waits no longer than this, in ms: a database that hangs is one that does not work. */
const READY_WITHIN_MS = 2_000;

export interface DoorsOptions {
  readonly config: Config;
  readonly version: string;
  readonly consoleDir?: string;
  readonly router: AppRouter;
  readonly registry: KindRegistry;
  readonly resources: ResourceClient;
  readonly authorizer: Authorizer;
  /** Kinds of Kubernetes' core group that are kept here. */
  readonly coreKinds: CoreKinds;
  readonly trails: AuditTrails;
  readonly clock: Clock;
  readonly store: Store;
  readonly signIn: SignIn;
  readonly tokens: Tokens;
  /** What git over SSH hands out for large files. */
  readonly tickets: TicketReader;
  readonly idempotency: Idempotency;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** The certificate that https is served with; asked for at the first connection that wants it. */
  readonly tls: () => Promise<TlsCredentials>;
  /** Routes of the domains that nobody has to sign in for. */
  readonly publicEndpoints: (findActor: (request: PublicRequest) => Promise<Actor | undefined>) => readonly PublicEndpoint[];
  /** Routes of the domains whose bytes are not JSON. */
  readonly endpoints: readonly Endpoint[];
  /** Aborted when the server is about to stop. */
  readonly stopping: AbortSignal;
}

/** Joins router, endpoints, sign-in and console on one HTTP server. */
export function createDoors(options: DoorsOptions): Server {
  const { config, router, registry, resources, authorizer, clock, store, signIn, tokens, metrics, log } = options;
  const guard = createRequestGuard({ host: config.host, allowedHosts: config.allowedHosts, publicUrl: config.publicUrl, trustedProxies: config.trustedProxies });
  const browser = createBrowser({ tokens, sessions: signIn.sessions, port: config.port, originOf: (req) => guard.originOf(req), now: () => clock.now() });
  const authenticator = createAuthenticator({ tokens, tickets: options.tickets, credentials: signIn.credentials, sessionOf: (req) => browser.sessionOf(req), addressOf: (req) => guard.addressOf(req), adminUser: ADMIN_USER });
  const headRevision = async () => (await store.revisions()).head;
  const endpoints = [createEventStreamEndpoint({ registry, runKind: AgentDispatchRun, resources, headRevision }), createWatchEndpoint({ registry, resources }), ...options.endpoints];
  const publicEndpoints = [
    ...options.publicEndpoints(async ({ req }) => (await authenticator.authenticate(req))?.actor),
    ...createHealthEndpoints({ ready: async () => ({ store: await answersInTime(headRevision()) }) }),
    ...createSessionEndpoints({ tokens, authenticator, browser, isTokenOpen: signIn.isTokenOpen }),
    ...signIn.endpoints(browser),
  ];
  return createHttpServer({
    router,
    rest: createRestDoor(router, { organization: Organization, idempotency: options.idempotency }),
    publicEndpoints,
    endpoints: [
      createMetricsEndpoint(metrics),
      createOpenApiEndpoint(router, { version: options.version, cookieName: browser.cookieName, endpoints, publicEndpoints, kinds: registry }),
      ...endpoints,
      createMcpDoor(options),
      ...createKubeEndpoints({ registry, served: createKubeResources(registry), resources, authorizer, organization: Organization, core: options.coreKinds, headRevision, version: options.version, clock, stopping: options.stopping }),
    ],
    serveStatic: options.consoleDir === undefined ? () => Promise.resolve(false) : createStaticFiles(options.consoleDir),
    authenticator,
    guard,
    rateLimit: createRateLimit({ perActor: config.rateLimitPerActor, perAddress: config.rateLimitPerAddress, now: () => clock.now() }),
    tls: options.tls,
    resources,
    trails: options.trails,
    metrics,
    log,
  });
}

async function answersInTime(question: Promise<unknown>): Promise<boolean> {
  const abort = new AbortController();
  const late = delay(READY_WITHIN_MS, false, { signal: abort.signal }).catch(() => false);
  const inTime = question.then(() => true, () => false);
  return Promise.race([inTime, late]).finally(() => abort.abort());
}
