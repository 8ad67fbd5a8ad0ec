import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createKubeEndpoints } from '../../src-server/api/kube/kubeEndpoints';
import { createKubeResources } from '../../src-server/api/kube/kubeResources';
import { sendError } from '../../src-server/api/respond';
import { methodNotAllowed, toStatusError } from '../../src-server/api/rest';
import { systemClock } from '../../src-server/app/clock';
import { silentLogger } from '../../src-server/app/log';
import type { Actor } from '../../src-server/resources/actor';
import { createMembersAuthorizer } from './membersAuthorizer';
import { createTestResources, type TestResources } from './testResources';
import { Box, Realm, throwAwayRegistry } from './throwAwayKinds';

export interface KubeAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- answers are read as they come; a wrong guess fails the test
}

/** The Kubernetes door over throw-away kinds in memory, on a port of loopback. Whoever asks is Una, who may see both organizations. */
export interface KubeDoor extends AsyncDisposable {
  readonly url: string;
  readonly parts: TestResources;
  /** Ends every watch as a stop of the server does. */
  readonly stopping: AbortController;
  /** Sends JSON unless the headers say otherwise; a body that is text is sent as it is. */
  request(method: string, path: string, opts?: { body?: unknown; headers?: Readonly<Record<string, string>> }): Promise<KubeAnswer>;
}

export async function startKubeDoor(opts: { orgs?: readonly string[]; actor?: Actor } = {}): Promise<KubeDoor> {
  const parts = await createTestResources({ orgs: opts.orgs });
  const registry = throwAwayRegistry();
  const stopping = new AbortController();
  const endpoints = createKubeEndpoints({
    registry,
    served: createKubeResources(registry),
    resources: parts.resources,
    authorizer: createMembersAuthorizer({ runKind: Box }),
    organization: Realm,
    headRevision: async () => (await parts.store.revisions()).head,
    version: '0.0.0',
    clock: systemClock,
    stopping: stopping.signal,
  });
  const actor = opts.actor ?? { kind: 'user', name: 'una', orgs: ['acme', 'other'] };
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://localhost');
    const abort = new AbortController();
    res.on('close', () => abort.abort());
    const matching = endpoints.filter((each) => each.pattern.test(url.pathname));
    const endpoint = matching.find((each) => each.methods.includes(req.method ?? ''));
    const params = Object.fromEntries(Object.entries(endpoint?.pattern.exec(url.pathname)?.groups ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, decodeURIComponent(value)]])));
    const handled = endpoint?.handle({ req, res, url, params, actor, correlationId: 'test', log: silentLogger(), signal: abort.signal, origin: 'http://localhost' });
    (handled ?? Promise.reject(methodNotAllowed(url.pathname, { method: req.method ?? '', allowed: [] }))).catch((error: unknown) => {
      if (res.headersSent) res.destroy();
      else sendError(res, toStatusError(error), { correlationId: 'test', as: 'kubernetes' });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    parts,
    stopping,
    async request(method, path, { body, headers = {} } = {}) {
      const text = body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
      const response = await fetch(url + path, { method, headers: { ...(text === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers }, body: text as string | undefined });
      const answer = await response.text();
      return { status: response.status, headers: response.headers, body: answer.startsWith('{') ? (JSON.parse(answer) as unknown) : answer };
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await parts.store.stop();
    },
  };
}
