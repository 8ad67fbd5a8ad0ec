import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditRecord, AuditVerification } from '#shared/api/audit';
import type { KradleObject } from '#shared/kind/defineKind';
import { kubectlSession, newestKubectl } from '../harness/kubectl';
import { connectByHttp } from '../harness/mcpClient';
import { mountSmallDisk, smallDiskMissing } from '../harness/smallDisk';
import { readSse } from '../harness/sseClient';
import { startServer, type TestServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';

const KUBE = '/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-default';
const RESOURCES = '/api/orgs/default/resources';
const AUDIT = '/api/orgs/default/audit';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const profile = (name: string, spec: Record<string, unknown> = {}) => ({
  apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AgentToolProfile', metadata: { name }, spec: { filesystemPolicy: 'read-only', approvalPolicyByTool: {}, ...spec },
});

/** Records about an object, the oldest first. */
async function recordsOf(name: string, of = server): Promise<AuditRecord['spec'][]> {
  const { items } = await of.api<{ items: AuditRecord[] }>('GET', `${AUDIT}?name=${name}&limit=1000`);
  return items.reverse().map(({ spec }) => spec);
}

async function trpc(path: string, input: unknown): Promise<void> {
  const response = await server.fetch(`/trpc/${path}`, { method: 'POST', body: JSON.stringify(input), headers: { 'Content-Type': 'application/json' } });
  expect(response.status).toBe(200);
}

/** What does not depend on the door, the moment and the place in the log. */
function comparable({ target, ...spec }: AuditRecord['spec']) {
  const { door: _door, correlationId: _id, sourceAddress: _address, sequence: _sequence, digest: _digest, previousDigest: _previous, timestamp: _time, ...rest } = spec;
  return { ...rest, target: { kind: target?.kind, name: target?.name, namespace: target?.namespace } };
}

describe('one truth by every door', () => {
  it('an apply and a deletion leave equal records, each by its own door', async () => {
    await using files = await tempDir();
    const file = join(files.path, 'profile.json');
    await writeFile(file, JSON.stringify(profile('same')));
    await using mcp = await connectByHttp(server);
    await using kubectl = await kubectlSession(server);
    const doors: Record<string, { apply: () => Promise<unknown>; remove: () => Promise<unknown> }> = {
      rest: { apply: () => server.api('POST', RESOURCES, profile('same')), remove: () => server.api('DELETE', `${RESOURCES}/agenttoolprofiles/same`) },
      trpc: { apply: () => trpc('resources.applyResource', { org: 'default', resource: profile('same') }), remove: () => trpc('resources.delete', { org: 'default', kind: 'AgentToolProfile', name: 'same' }) },
      mcp: { apply: () => mcp.call('kradle_apply_resource', { resource: profile('same') }), remove: () => mcp.call('kradle_delete_resource', { kind: 'AgentToolProfile', name: 'same' }) },
      cli: { apply: async () => expect(await server.cli(['apply', '-f', file])).toMatchObject({ code: 0 }), remove: async () => expect(await server.cli(['delete', 'AgentToolProfile', 'same', '--yes'])).toMatchObject({ code: 0 }) },
      ...(newestKubectl.path === undefined ? {} : {
        kubernetes: { apply: () => kubectl.ok(newestKubectl, ['apply', '-f', file]), remove: () => kubectl.ok(newestKubectl, ['delete', 'agenttoolprofile', 'same']) },
        'kubernetes, server-side': { apply: () => kubectl.ok(newestKubectl, ['apply', '--server-side', '-f', file]), remove: () => kubectl.ok(newestKubectl, ['delete', 'agenttoolprofile', 'same']) },
      }),
    };
    for (const door of Object.values(doors)) {
      await door.apply();
      await door.remove();
    }
    const records = await recordsOf('same');
    expect(records.map(({ door }) => door)).toEqual(Object.keys(doors).flatMap((door) => Array<string>(2).fill(door === 'cli' ? 'rest' : (door.split(',')[0] ?? ''))));
    const [applied, deleted] = records.map(comparable);
    expect(applied).toMatchObject({ type: 'AgentToolProfileApplied', action: 'apply', actor: { kind: 'User', name: 'admin' }, decision: { outcome: 'allowed', rule: expect.any(String) as string }, digests: { object: expect.stringMatching(/^sha256:/) as string } });
    expect(deleted).toMatchObject({ type: 'AgentToolProfileDeleted', action: 'delete', decision: { outcome: 'allowed' } });
    for (const [index, record] of records.entries()) expect(comparable(record)).toEqual(index % 2 === 0 ? applied : deleted);
  });

  it('what the client was told under which id is found by it', async () => {
    const response = await server.fetch(RESOURCES, { method: 'POST', body: JSON.stringify(profile('traced')), headers: { 'Content-Type': 'application/json', 'X-Request-Id': 'my-request-1' } });
    expect(response.headers.get('X-Correlation-Id')).toBe('my-request-1');
    const { items } = await server.api<{ items: AuditRecord[] }>('GET', `${AUDIT}?correlationId=my-request-1`);
    expect(items.map(({ spec }) => [spec.type, spec.sourceAddress])).toEqual([['AgentToolProfileApplied', '127.0.0.1']]);
  });
});

describe('records as objects', () => {
  const brought = { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AuditEvent', metadata: { name: 'from-elsewhere' }, spec: { type: 'AgentSecretGrantApplied', actor: { kind: 'User', name: 'tmusk' }, target: { kind: 'AgentSecretGrant', name: 'g' } } };

  it('are listed, read and counted like any other, and nobody changes or deletes one', async () => {
    await server.api('POST', RESOURCES, profile('listed'));
    const list = await server.api<{ items: KradleObject[] }>('GET', `${RESOURCES}?kind=auditevents&fieldSelector=spec.target.name=listed`);
    expect(list.items).toMatchObject([{ kind: 'AuditEvent', spec: { type: 'AgentToolProfileApplied' } }]);
    const name = list.items[0]?.metadata.name ?? '';
    expect(await server.api('GET', `${RESOURCES}/auditevents/${name}`)).toEqual(list.items[0]);
    const page = await server.api<{ items: KradleObject[]; metadata: { continue?: string } }>('GET', `${RESOURCES}?kind=auditevents&limit=1`);
    const next = await server.api<{ items: KradleObject[] }>('GET', `${RESOURCES}?kind=auditevents&limit=1&continue=${page.metadata.continue ?? ''}`);
    expect([...page.items, ...next.items].map(({ spec }) => spec.sequence)).toEqual([1, 2]);
    const newest = await server.api<{ items: KradleObject[] }>('GET', `${RESOURCES}?kind=auditevents&limit=2&sort=-spec.sequence`);
    expect(Number(newest.items[0]?.spec.sequence)).toBeGreaterThan(Number(newest.items[1]?.spec.sequence));
    const { kinds } = await server.api<{ kinds: { kind: string; total: number }[] }>('GET', '/api/orgs/default/snapshot?limit=1');
    expect(kinds.find(({ kind }) => kind === 'AuditEvent')?.total).toBeGreaterThan(2);
    const refusals = await Promise.all([
      server.fetch(`${RESOURCES}/auditevents/${name}`, { method: 'DELETE' }),
      server.fetch(`${RESOURCES}/auditevents/${name}`, { method: 'PUT', body: JSON.stringify({ ...list.items[0], spec: { ...list.items[0]?.spec, type: 'Nothing' } }), headers: { 'Content-Type': 'application/json' } }),
      server.fetch(`${KUBE}/auditevents/${name}`, { method: 'PATCH', body: '{"metadata":{"labels":{"a":"b"}}}', headers: { 'Content-Type': 'application/merge-patch+json' } }),
      server.fetch(`${KUBE}/auditevents/${name}`, { method: 'DELETE' }),
    ]);
    expect(refusals.map(({ status }) => status)).toEqual([405, 405, 405, 405]);
    expect(await refusals[3].text()).toContain('append-only');
    expect((await recordsOf(name)).map(({ type, decision }) => [type, decision?.rule])).toEqual(expect.arrayContaining([['AuditEventDeleteDenied', 'append-only']]));
  });

  it('may be brought from elsewhere, and say who brought them', async () => {
    expect(await server.api('POST', RESOURCES, brought)).toMatchObject({ operation: 'created' });
    expect(await server.api('POST', RESOURCES, brought)).toMatchObject({ operation: 'unchanged' });
    const { spec } = await server.api<AuditRecord>('GET', `${RESOURCES}/auditevents/from-elsewhere`);
    expect(spec).toMatchObject({ ...brought.spec, recordedBy: { kind: 'User', name: 'admin', door: 'rest', sourceAddress: '127.0.0.1' }, sequence: expect.any(Number) as number });
    const taken = await server.fetch(`${KUBE}/auditevents`, { method: 'POST', body: JSON.stringify(brought), headers: { 'Content-Type': 'application/json' } });
    expect(taken.status).toBe(409);
  });

  it.skipIf(newestKubectl.path === undefined)('are a table and a watch to kubectl', async () => {
    await using kubectl = await kubectlSession(server);
    expect(await kubectl.ok(newestKubectl, ['get', 'audit'])).toMatch(/^NAME\s+TIME\s+ACTOR\s+TYPE\s+TARGET KIND/);
    const { metadata } = JSON.parse(await kubectl.ok(newestKubectl, ['get', '--raw', `${KUBE}/auditevents?limit=1`])) as { metadata: { resourceVersion: string } };
    await server.api('POST', RESOURCES, profile('watched'));
    const watched = await kubectl.ok(newestKubectl, ['get', '--raw', `${KUBE}/auditevents?watch=true&timeoutSeconds=2&resourceVersion=${metadata.resourceVersion}`]);
    const events = watched.trim().split('\n').map((line) => JSON.parse(line) as { type: string; object: AuditRecord });
    expect(events.map(({ type, object }) => [type, object.spec.target?.name])).toContainEqual(['ADDED', 'watched']);
  });
});

describe('reading the log', () => {
  it('pages through what a filter finds, the newest first', async () => {
    for (let index = 0; index < 5; index += 1) await server.api('POST', RESOURCES, profile('paged', { auditLevel: index % 2 === 0 ? 'full' : 'none' }));
    const first = await server.api<{ items: AuditRecord[]; continue?: string }>('GET', `${AUDIT}?name=paged&action=apply&actor=admin&kind=AgentToolProfile&outcome=allowed&limit=2`);
    const second = await server.api<{ items: AuditRecord[]; continue?: string }>('GET', `${AUDIT}?name=paged&limit=9&continue=${first.continue ?? ''}`);
    const sequences = [...first.items, ...second.items].map(({ spec }) => spec.sequence ?? 0);
    expect(sequences).toHaveLength(5);
    expect(sequences).toEqual([...sequences].sort((a, b) => b - a));
    const skipped = await server.api<{ items: AuditRecord[] }>('GET', `${AUDIT}?name=paged&offset=3`);
    expect(skipped.items.map(({ spec }) => spec.sequence)).toEqual(sequences.slice(3));
    const since = first.items[1]?.metadata.creationTimestamp ?? '';
    const { items } = await server.api<{ items: AuditRecord[] }>('GET', `${AUDIT}?name=paged&since=${since}`);
    expect(items.length).toBeGreaterThanOrEqual(2);
    expect((await server.api<{ items: AuditRecord[] }>('GET', `${AUDIT}?name=paged&until=2000-01-01T00:00:00Z`)).items).toEqual([]);
    for (const wrong of ['limit=0', 'since=yesterday', 'continue=x', 'outcome=maybe']) expect((await server.fetch(`${AUDIT}?${wrong}`)).status, wrong).toBe(400);
  });

  it('is for MCP, too', async () => {
    await using mcp = await connectByHttp(server);
    await server.api('POST', RESOURCES, profile('asked'));
    const { items } = await mcp.call<{ items: AuditRecord[] }>('kradle_audit_query', { name: 'asked' });
    expect(items).toMatchObject([{ spec: { type: 'AgentToolProfileApplied' } }]);
  });

  it('goes on live, from where the client stood', async () => {
    const stop = new AbortController();
    const [last] = (await server.api<{ items: AuditRecord[] }>('GET', `${AUDIT}?limit=1`)).items;
    await server.api('POST', RESOURCES, profile('live'));
    const response = await server.fetch(`${AUDIT}/stream?after=${last?.spec.sequence ?? 0}`, { signal: stop.signal });
    const stream = readSse(response, stop);
    for (let name: string | undefined; name !== 'live';) {
      const { id, data } = await stream.next();
      const { spec } = JSON.parse(data) as AuditRecord;
      expect(id).toBe(String(spec.sequence));
      name = spec.target?.name;
    }
    stop.abort();
  });

  it('is exported as JSON Lines that are verified without the server', async () => {
    await using files = await tempDir();
    const file = join(files.path, 'audit.jsonl');
    expect(await server.cli(['audit', 'export', '--to', file])).toMatchObject({ code: 0 });
    const checked = await server.cli(['audit', 'verify', '--file', file, '--json']);
    expect(checked.code).toBe(0);
    expect(JSON.parse(checked.stdout)).toMatchObject([{ log: 'default', ok: true, first: 1 }]);
    const text = (await server.cli(['audit', 'export'])).stdout;
    await writeFile(file, text.replace('AgentToolProfileDeleted', 'AgentToolProfileCreated'));
    expect(await server.cli(['audit', 'verify', '--file', file])).toMatchObject({ code: 1, stdout: expect.stringContaining('it has been changed since it was written') as string });
    expect((await server.api<{ items: AuditRecord[] }>('GET', `${AUDIT}?action=export-audit`)).items.length).toBeGreaterThanOrEqual(2);
  });

  it('takes permission, and refusing it is recorded', async () => {
    await server.api('POST', '/api/orgs', { slug: 'quiet', displayName: 'Quiet' });
    expect((await server.fetch('/api/orgs/nowhere/audit')).status).toBe(404);
    expect(await server.api<AuditVerification>('GET', '/api/orgs/quiet/audit/verify')).toMatchObject({ ok: true });
    expect(await server.api<AuditVerification>('GET', '/api/audit/verify')).toMatchObject({ ok: true });
  });
});

describe('bad days', () => {
  it('kill -9 under load: acknowledged or not, a change stands with its record or not at all, and the chain holds', { timeout: 120_000 }, async () => {
    await using own = await startServer();
    const acknowledged = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        for (let index = 0; ; index += 1) {
          const name = `r${round}-w${writer}-${index}`;
          try {
            await own.api('POST', RESOURCES, profile(name));
          } catch {
            return;
          }
          acknowledged.add(name);
        }
      });
      while (acknowledged.size < 40 * (round + 1)) await new Promise((resolve) => setImmediate(resolve));
      await own.kill9();
      await Promise.all(writers);
      await own.restart();
    }
    const recorded: string[] = [];
    let token: string | undefined;
    do {
      const page = await own.api<{ items: AuditRecord[]; continue?: string }>('GET', `${AUDIT}?action=apply&limit=1000${token === undefined ? '' : `&continue=${token}`}`);
      recorded.push(...page.items.map(({ spec }) => spec.target?.name ?? ''));
      token = page.continue;
    } while (token !== undefined);
    expect(new Set(recorded).size).toBe(recorded.length);
    expect([...acknowledged].filter((name) => !recorded.includes(name))).toEqual([]);
    const { items } = await own.api<{ items: { metadata: { name: string } }[] }>('GET', `${RESOURCES}?kind=agenttoolprofiles&limit=1000`);
    const written = items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('r'));
    expect(written.sort()).toEqual(recorded.filter((name) => name.startsWith('r')).sort());
    expect(await own.api<AuditVerification>('GET', `${AUDIT}/verify`)).toMatchObject({ ok: true });
    await own.stop();
    expect(await own.cli(['audit', 'verify', '--offline'])).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing was changed') as string });
  });

  it.skipIf(smallDiskMissing !== undefined)('a full disk: nothing that is acknowledged is without its record', { timeout: 120_000 }, async () => {
    await using disk = mountSmallDisk(64);
    await using own = await startServer({ dataDir: join(disk.path, 'data') });
    await own.api('POST', RESOURCES, profile('before'));
    await disk.fill();
    const acknowledged: string[] = [];
    for (let index = 0; index < 200; index += 1) {
      const response = await own.fetch(RESOURCES, { method: 'POST', body: JSON.stringify({ ...profile(`full-${index}`), metadata: { name: `full-${index}`, annotations: { pad: 'x'.repeat(2_000) } } }), headers: { 'Content-Type': 'application/json' } });
      if (response.ok) acknowledged.push(`full-${index}`);
      else expect([503, 507]).toContain(response.status);
      if (!response.ok && index > 20) break;
    }
    await disk.free();
    await own.restart();
    await own.api('POST', RESOURCES, profile('after'));
    const recorded = new Set((await own.api<{ items: AuditRecord[] }>('GET', `${AUDIT}?action=apply&limit=1000`)).items.map(({ spec }) => spec.target?.name));
    expect(['before', ...acknowledged, 'after'].filter((name) => !recorded.has(name))).toEqual([]);
    expect(await own.api<AuditVerification>('GET', `${AUDIT}/verify`)).toMatchObject({ ok: true });
  });
});
