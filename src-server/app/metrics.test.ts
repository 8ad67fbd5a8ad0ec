import { describe, expect, it } from 'vitest';
import { createMetrics } from './metrics';

describe('metrics', () => {
  it('tell what was observed, in seconds and by label', async () => {
    const metrics = createMetrics();
    metrics.observeRequest({ method: 'GET', status: 204, seconds: 0.01 });
    metrics.observeReconcile({ controller: 'runs', outcome: 'requeue', seconds: 3 });
    metrics.observeStore('create', 40);
    const { text, contentType } = await metrics.expose();
    expect(contentType).toMatch(/^text\/plain/);
    expect(text).toContain('kradle_http_request_duration_seconds_bucket{le="0.02",method="GET",status="2xx"} 1');
    expect(text).toContain('kradle_reconcile_total{controller="runs",outcome="requeue"} 1');
    expect(text).toContain('kradle_store_operation_duration_seconds_bucket{le="0.01",operation="create"} 0');
    expect(text).toContain('kradle_store_operation_duration_seconds_sum{operation="create"} 0.04');
  });

  it('read gauges at each scrape', async () => {
    const metrics = createMetrics();
    let watches = 1;
    let depths: Record<string, number> = { runs: 2 };
    metrics.gauge('watches', 'Live watches.', () => watches);
    metrics.gaugesBy('controller', { name: 'depth', help: 'What waits.' }, () => Promise.resolve(depths));
    expect((await metrics.expose()).text).toContain('depth{controller="runs"} 2');
    watches = 5;
    depths = { runs: 0, workspaces: 7 };
    const { text } = await metrics.expose();
    expect(text).toContain('\nwatches 5\n');
    expect(text).toContain('depth{controller="runs"} 0');
    expect(text).toContain('depth{controller="workspaces"} 7');
  });
});
