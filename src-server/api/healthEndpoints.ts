import { StatusError } from '#shared/api/status';
import type { Endpoint, PublicEndpoint } from '../http/endpoint';
import type { Metrics } from '../app/metrics';

/**
 * `/healthz` and `/livez`: the process serves. `/readyz`: and its parts work. With `?verbose` in the text form of Kubernetes, which
 * names each check on a line of its own.
 */
export function createHealthEndpoints(opts: { ready: () => Promise<Readonly<Record<string, boolean>>> }): PublicEndpoint[] {
  return [
    healthEndpoint('/healthz', async () => ({})),
    healthEndpoint('/livez', async () => ({})),
    healthEndpoint('/readyz', opts.ready),
  ];
}

function healthEndpoint(path: string, check: () => Promise<Readonly<Record<string, boolean>>>): PublicEndpoint {
  return {
    pattern: new RegExp(`^${path}$`),
    methods: ['GET', 'HEAD'],
    async handle({ res, url, json }) {
      const checks = await check();
      const ok = Object.values(checks).every(Boolean);
      const status = ok ? 200 : 503;
      if (url.searchParams.has('verbose')) {
        const lines = Object.entries({ ping: true, ...checks }).map(([name, good]) => (good ? `[+]${name} ok` : `[-]${name} failed`));
        res.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' });
        res.end([...lines, `${path.slice(1)} check ${ok ? 'passed' : 'failed'}`, ''].join('\n'));
        return;
      }
      json(status, { ok, project: 'Kradle', ...(Object.keys(checks).length === 0 ? {} : { checks }) });
    },
  };
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
