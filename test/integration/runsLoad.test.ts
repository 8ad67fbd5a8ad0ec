import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRunFixture, ORG, type RunFixture } from '../harness/runFixture';
import { runProcess } from '../harness/runProcess';

let fixture: RunFixture;

beforeAll(async () => {
  fixture = await createRunFixture();
  await fixture.repository('shop');
});

afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
});

/** Memory of a process in MiB, as the kernel counts it. */
async function residentMiB(pid: number): Promise<number> {
  const { stdout } = await runProcess('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout.trim()) / 1024;
}

describe('a run that says a lot', () => {
  it('has a transcript of 100 MB stored, in order and once, while the server stays small and answers', async () => {
    const paragraph = 'x'.repeat(100_000);
    await fixture.agent('writer', { prompt: [{ repeat: { times: 1000, steps: [{ update: { sessionUpdate: 'tool_call', toolCallId: 't', title: 'dump', content: [{ type: 'content', content: { type: 'text', text: paragraph } }] } }] } }, { message: 'done' }] });
    const run = await fixture.dispatch('shop', 'writer');
    let slowestMs = 0;
    let ended = false;
    const watching = (async () => {
      while (!ended) {
        const started = performance.now();
        await fixture.server.fetch('/healthz');
        slowestMs = Math.max(slowestMs, performance.now() - started);
      }
    })();
    const { status } = await fixture.ended(run);
    ended = true;
    await watching;
    expect(status?.eventCount).toBeGreaterThan(1000);
    const { lastSeq } = await fixture.server.api<{ lastSeq: number }>('GET', `/api/orgs/${ORG}/agents/runs/${run}/events?after=0&limit=1`);
    const tail = await fixture.server.api<{ items: { type: string }[] }>('GET', `/api/orgs/${ORG}/agents/runs/${run}/events?before=${lastSeq + 1}&limit=5`);
    expect(tail.items.map(({ type }) => type)).toContain('run.phase');
    const { items } = await fixture.server.api<{ items: { status: { sizeBytes: number; truncated: boolean }; spec: unknown }[] }>('GET', `/api/orgs/${ORG}/resources?kind=agentsessiontranscripts&fieldSelector=spec.dispatchRun%3D${run}`);
    expect(items[0]?.status).toMatchObject({ truncated: true });
    expect(items[0]?.status.sizeBytes).toBeGreaterThan(100_000_000);
    expect(JSON.stringify(items[0]?.spec).length).toBeLessThan(700_000);
    expect(slowestMs).toBeLessThan(6_000);
    expect(await residentMiB(fixture.server.pid)).toBeLessThan(600);
  });

  it('has 20,000 updates stored at 5,000 a second or more', async () => {
    await fixture.agent('fast', { prompt: [{ repeat: { times: 20_000, steps: [{ message: 'word ' }] } }] });
    const run = await fixture.dispatch('shop', 'fast');
    await fixture.ended(run);
    const updates = (await fixture.events(run)).filter(({ type }) => type === 'update');
    expect(updates).toHaveLength(20_000);
    const seconds = (Date.parse(updates.at(-1)?.at ?? '') - Date.parse(updates[0]?.at ?? '')) / 1000;
    expect(20_000 / seconds).toBeGreaterThan(5_000);
  });
});
