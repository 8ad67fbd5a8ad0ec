import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { Organization } from '#shared/kinds/identity/organization';
import { createAuthenticator } from '../api/authenticate';
import { createBrowser } from '../api/createBrowser';
import { createEventStreamEndpoint } from '../api/eventStream';
import { createHealthEndpoints, createMetricsEndpoint } from '../api/healthEndpoints';
import { createHttpServer } from '../api/httpServer';
import type { Idempotency } from '../api/idempotency/idempotency';
import { createKubeEndpoints } from '../api/kube/kubeEndpoints';
import { createKubeResources } from '../api/kube/kubeResources';
import { createOpenApiEndpoint } from '../api/openApi/openApiEndpoint';
import { createRateLimit } from '../api/rateLimit';
import { createRequestGuard } from '../api/requestGuard';
import { createRestDoor } from '../api/rest';
import { createSessionEndpoints } from '../api/sessionEndpoints';
import { createStaticFiles } from '../api/staticFiles';
import { createWatchEndpoint } from '../api/watchEndpoint';
import type { Agents } from '../domains/agents/agents';
import type { Audit } from '../domains/audit/audit';
import type { Forge } from '../domains/forge/forge';
import { ADMIN_USER } from '../domains/identity/organizations';
import type { Secrets } from '../domains/secrets/createSecrets';
import type { Endpoint } from '../http/endpoint';
import type { AppRouter } from './appRouter';
import type { Ground } from './ground';
import type { Identity } from './join/joinIdentity';
import type { WritePath } from './join/joinWritePath';
import { createMcpDoor } from './mcp/createMcpDoor';

/** Who asks whether the server is ready waits no longer than this, in ms: a database that hangs is one that does not work. */
const READY_WITHIN_MS = 2_000;

export interface DoorParts {
  readonly router: AppRouter;
  readonly written: WritePath;
  readonly identity: Identity;
  readonly audit: Audit;
  readonly secrets: Secrets;
  readonly forge: Forge;
  readonly agents: Agents;
  readonly idempotency: Idempotency;
  /** Aborted when the server is about to stop. */
  readonly stopping: AbortSignal;
}

/** Joins router, endpoints, sign-in and console on one HTTP server. */
export function createDoors(ground: Ground, parts: DoorParts): Server {
  const { config, version, registry, metrics, now, headRevision, log } = ground;
  const { router, written: { resources }, identity: { signIn, tokens, people }, audit, forge, agents, idempotency } = parts;
  const guard = createRequestGuard({ host: config.host, allowedHosts: config.allowedHosts, publicUrl: config.publicUrl, trustedProxies: config.trustedProxies });
  const browser = createBrowser({ tokens, sessions: signIn.sessions, port: config.port, originOf: (req) => guard.originOf(req), now });
  const authenticator = createAuthenticator({
    tokens, tickets: forge.ssh.tickets, credentials: signIn.credentials, sessionOf: (req) => browser.sessionOf(req), addressOf: (req) => guard.addressOf(req), adminUser: ADMIN_USER,
  });

  const publicEndpoints = [
    ...people.publicEndpoints(async ({ req }) => (await authenticator.authenticate(req))?.actor),
    ...createHealthEndpoints({ ready: async () => ({ store: await answersInTime(headRevision()) }) }),
    ...createSessionEndpoints({ tokens, authenticator, browser, isTokenOpen: signIn.isTokenOpen }),
    ...signIn.endpoints(browser),
  ];
  const endpoints = [
    createEventStreamEndpoint({ registry, runKind: AgentDispatchRun, resources, headRevision }),
    createWatchEndpoint({ registry, resources }),
    ...forge.endpoints, ...agents.endpoints, ...audit.endpoints,
  ];
  return createHttpServer({
    router,
    rest: createRestDoor(router, { organization: Organization, idempotency }),
    publicEndpoints,
    endpoints: [
      createMetricsEndpoint(metrics),
      createOpenApiEndpoint(router, { version, cookieName: browser.cookieName, endpoints, publicEndpoints, kinds: registry }),
      ...endpoints,
      createMcpDoor({ ...ground, router, resources, stopping: parts.stopping }),
      ...kubeDoor(ground, parts),
    ],
    serveStatic: ground.consoleDir === undefined ? () => Promise.resolve(false) : createStaticFiles(ground.consoleDir),
    authenticator,
    guard,
    rateLimit: createRateLimit({ perActor: config.rateLimitPerActor, perAddress: config.rateLimitPerAddress, now }),
    tls: ground.tls,
    resources,
    trails: audit.trails,
    metrics,
    log,
  });
}

function kubeDoor({ registry, headRevision, version, clock }: Ground, { written: { resources, access }, secrets, stopping }: DoorParts): readonly Endpoint[] {
  return createKubeEndpoints({
    registry, served: createKubeResources(registry), resources, authorizer: access.authorizer, organization: Organization, core: secrets.coreKinds, headRevision, version, clock, stopping,
  });
}

async function answersInTime(question: Promise<unknown>): Promise<boolean> {
  const abort = new AbortController();
  const late = delay(READY_WITHIN_MS, false, { signal: abort.signal }).catch(() => false);
  const inTime = question.then(() => true, () => false);
  return Promise.race([inTime, late]).finally(() => abort.abort());
}
