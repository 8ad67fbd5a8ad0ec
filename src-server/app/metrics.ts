import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What the server tells Prometheus. */
export interface Metrics {
  observeRequest(request: { method: string; status: number; seconds: number }): void;
  observeReconcile(reconcile: { controller: string; outcome: 'ok' | 'requeue' | 'conflict' | 'error'; seconds: number }): void;
  /** An operation of the database, and how many ms it took; on SQLite the event loop stands still for it. */
  observeStore(operation: string, durationMs: number): void;
  /** A value that is read when somebody scrapes. */
  gauge(name: string, help: string, read: () => number): void;
  /** Values that are read when somebody scrapes, by the value of one label. */
  gaugesBy(label: string, metric: { name: string; help: string }, read: () => Readings | Promise<Readings>): void;
  /** Text exposition format, and its content type. */
  expose(): Promise<{ contentType: string; text: string }>;
}

export type Readings = Readonly<Record<string, number>>;

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({ name: 'kradle_http_request_duration_seconds', help: 'HTTP requests by method and status class.', labelNames: ['method', 'status'], buckets: [0.005, 0.02, 0.1, 0.5, 2, 10], registers: [registry] });
  const reconciles = new Histogram({ name: 'kradle_reconcile_duration_seconds', help: 'Reconciles by controller.', labelNames: ['controller'], buckets: [0.005, 0.02, 0.1, 0.5, 2, 10], registers: [registry] });
  const outcomes = new Counter({ name: 'kradle_reconcile_total', help: 'Reconciles by controller and outcome.', labelNames: ['controller', 'outcome'], registers: [registry] });
  const operations = new Histogram({ name: 'kradle_store_operation_duration_seconds', help: 'Operations of the database; on SQLite the event loop stands still during one.', labelNames: ['operation'], buckets: [0.0005, 0.002, 0.01, 0.05, 0.2, 1], registers: [registry] });

  return {
    observeRequest: ({ method, status, seconds }) => requests.observe({ method, status: `${Math.floor(status / 100)}xx` }, seconds),
    observeReconcile({ controller, outcome, seconds }) {
      reconciles.observe({ controller }, seconds);
      outcomes.inc({ controller, outcome });
    },
    observeStore: (operation, durationMs) => operations.observe({ operation }, durationMs / 1000),
    gauge(name, help, read) {
      const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect: () => gauge.set(read()) });
    },
    gaugesBy(label, { name, help }, read) {
      const gauge: Gauge = new Gauge({
        name,
        help,
        labelNames: [label],
        registers: [registry],
        async collect() {
          for (const [value, reading] of Object.entries(await read())) gauge.set({ [label]: value }, reading);
        },
      });
    },
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
