import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What the server tells Prometheus. */
export interface Metrics {
  observeRequest(request: { method: string; status: number; seconds: number }): void;
  observeReconcile(reconcile: { controller: string; outcome: 'ok' | 'requeue' | 'conflict' | 'error'; seconds: number }): void;
  /** A value that is read when somebody scrapes. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void;
  /** Text exposition format, and its content type. */
  expose(): Promise<{ contentType: string; text: string }>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({ name: 'kradle_http_request_duration_seconds', help: 'HTTP requests by method and status class.', labelNames: ['method', 'status'], buckets: [0.005, 0.02, 0.1, 0.5, 2, 10], registers: [registry] });
  const reconciles = new Histogram({ name: 'kradle_reconcile_duration_seconds', help: 'Reconciles by controller.', labelNames: ['controller'], buckets: [0.005, 0.02, 0.1, 0.5, 2, 10], registers: [registry] });
  const outcomes = new Counter({ name: 'kradle_reconcile_total', help: 'Reconciles by controller and outcome.', labelNames: ['controller', 'outcome'], registers: [registry] });

  return {
    observeRequest: ({ method, status, seconds }) => requests.observe({ method, status: `${Math.floor(status / 100)}xx` }, seconds),
    observeReconcile({ controller, outcome, seconds }) {
      reconciles.observe({ controller }, seconds);
      outcomes.inc({ controller, outcome });
    },
    gauge(name, help, read) {
      const gauge: Gauge = new Gauge({
        name,
        help,
        registers: [registry],
        async collect() {
          gauge.set(await read());
        },
      });
    },
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
