import { StatusError } from '#shared/api/status';
import type { Endpoint } from '../http/endpoint';
import type { Metrics } from '../app/metrics';
import type { PublicEndpoint } from './httpServer';
import { sendJson } from './respond';

/** `/healthz` and `/livez`: the process serves. `/readyz`: and its parts work. */
export function createHealthEndpoints(opts: { ready: () => Promise<Readonly<Record<string, boolean>>> }): PublicEndpoint[] {
  const alive = async (_req: unknown, res: Parameters<PublicEndpoint['handle']>[1]) => {
    sendJson(res, 200, { ok: true, project: 'Kradle' });
    await Promise.resolve();
  };
  return [
    { path: '/healthz', methods: ['GET', 'HEAD'], handle: alive },
    { path: '/livez', methods: ['GET', 'HEAD'], handle: alive },
    {
      path: '/readyz',
      methods: ['GET', 'HEAD'],
      async handle(_req, res) {
        const checks = await opts.ready();
        const ok = Object.values(checks).every(Boolean);
        sendJson(res, ok ? 200 : 503, { ok, project: 'Kradle', checks });
      },
    },
  ];
}

/** `/metrics`, for who is signed in: the figures tell how much an organization works. */
export function createMetricsEndpoint(metrics: Metrics): Endpoint {
  return {
    methods: ['GET'],
    pattern: /^\/metrics$/,
    async handle({ res, actor }) {
      if (actor.kind === 'run') throw new StatusError('Forbidden', 'A run\'s token does not read the figures of the server.');
      const { contentType, text } = await metrics.expose();
      res.writeHead(200, { 'Content-Type': contentType });
      res.end(text);
    },
  };
}
