import { describe, expect, it } from 'vitest';
import { AgentToolProfile } from '#shared/kinds/agents/agentToolProfile';
import { AuditEvent } from '#shared/kinds/audit/auditEvent';
import { createAuditFixture, type AuditFixture } from '../../../test/harness/auditFixture';
import { silentLogger } from '../../app/log';
import type { Actor } from '../../resources/actor';
import { noteSensitiveRead, onBehalfOf, type Door } from '../../resources/auditTrail';
import type { ResourceClient } from '../../resources/resourceClient';
import { completing } from '../../runtime/actingAs';
import { createCallerFactory, procedure, router, StatusError, type RequestContext } from '../../rpc/trpc';
import { INSTALLATION_LOG } from './auditRecord';

const profile = (name: string, spec: object = {}) => ({ metadata: { name }, spec: { organizationRef: 'acme', filesystemPolicy: 'none' as const, approvalPolicyByTool: {}, ...spec } });
const comparable = ({ target, ...spec }: Awaited<ReturnType<AuditFixture['records']>>[number]) => {
  const { door: _door, correlationId: _id, sequence: _sequence, digest: _digest, previousDigest: _previous, timestamp: _time, ...rest } = spec;
  return { ...rest, target: { kind: target?.kind, name: target?.name, namespace: target?.namespace } };
};

describe('what a request leaves', () => {
  it('is a record of each write: who, by which door, from where, what came of it', async () => {
    const fixture = await createAuditFixture();
    const client = fixture.as({ credential: { kind: 'token', id: 't1' } });
    const created = await client.create(AgentToolProfile, 'acme', profile('p'));
    const updated = await client.mutate(AgentToolProfile, { org: 'acme', name: 'p' }, (draft) => void (draft.spec.filesystemPolicy = 'read-only'));
    await client.mutate(AgentToolProfile, { org: 'acme', name: 'p' }, () => undefined);
    await client.delete(AgentToolProfile, { org: 'acme', name: 'p' });
    const records = await fixture.records();
    expect(records.map(({ type, action }) => [type, action])).toEqual([['AgentToolProfileCreated', 'create'], ['AgentToolProfileUpdated', 'update'], ['AgentToolProfileDeleted', 'delete']]);
    expect(records[0]).toMatchObject({
      organizationRef: 'acme', actor: { kind: 'User', name: 'ada', credential: { kind: 'token', id: 't1' } }, decision: { outcome: 'allowed', rule: 'members' },
      target: { kind: 'AgentToolProfile', name: 'p', namespace: 'kradle-org-acme', uid: created.metadata.uid, resourceVersion: created.metadata.resourceVersion },
      digests: { object: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string }, door: 'rest', correlationId: 'of-rest', sourceAddress: '192.0.2.7',
    });
    expect(records[1]?.target?.resourceVersion).toBe(updated.metadata.resourceVersion);
    expect(new Set(records.map(({ digests }) => digests?.object)).size).toBe(2);
  });

  it('is nothing for reading, for what changes nothing and for a dry run', async () => {
    const fixture = await createAuditFixture();
    const client = fixture.as();
    await client.create(AgentToolProfile, 'acme', profile('p'), { dryRun: true });
    await fixture.resources.create(AgentToolProfile, 'acme', profile('p'));
    await client.list(AgentToolProfile, { org: 'acme' });
    await client.apply(AgentToolProfile, 'acme', profile('p'));
    await client.delete(AgentToolProfile, { org: 'acme', name: 'p' }, { dryRun: true });
    expect(await fixture.records()).toEqual([]);
  });

  it('is the same for the same verb by every door', async () => {
    const fixture = await createAuditFixture();
    const written: Record<string, (client: ResourceClient) => Promise<unknown>> = {
      rest: (client) => client.apply(AgentToolProfile, 'acme', profile('p', { auditLevel: 'full' })),
      trpc: (client) => client.apply(AgentToolProfile, 'acme', profile('p', { auditLevel: 'full' })),
      'kubernetes, on the server': (client) => client.patch(AgentToolProfile, { org: 'acme', name: 'p' }, { type: 'apply', object: profile('p', { auditLevel: 'full' }), force: false }, { fieldManager: 'kubectl' }),
      'kubernetes, on the client': (client) => client.create(AgentToolProfile, 'acme', { ...profile('p', { auditLevel: 'full' }), metadata: { name: 'p', annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } } }, { fieldManager: 'kubectl-client-side-apply' }),
    };
    for (const [door, write] of Object.entries(written)) {
      await write(fixture.as({}, door.split(',')[0] as Door));
      await fixture.resources.delete(AgentToolProfile, { org: 'acme', name: 'p' });
    }
    const records = (await fixture.records()).map(comparable);
    expect(records).toHaveLength(4);
    expect(records[0]).toMatchObject({ type: 'AgentToolProfileApplied', action: 'apply' });
    for (const record of records) expect(record).toEqual(records[0]);
  });

  it('is a refusal, with the rule: in the log of the installation when it is a stranger\'s', async () => {
    const fixture = await createAuditFixture();
    await fixture.resources.create(AgentToolProfile, 'acme', profile('p'));
    const run = fixture.as({ kind: 'run', name: 'r1', run: { org: 'acme', name: 'r1' } });
    await expect(run.delete(AgentToolProfile, { org: 'acme', name: 'p' })).rejects.toMatchObject({ reason: 'Forbidden' });
    await expect(run.get(AgentToolProfile, { org: 'acme', name: 'p' })).rejects.toMatchObject({ reason: 'Forbidden' });
    expect((await fixture.records()).map(comparable)).toEqual([{
      organizationRef: 'acme', type: 'AgentToolProfileDeleteDenied', action: 'delete', actor: { kind: 'AgentDispatchRun', name: 'r1' }, sourceAddress: '192.0.2.7',
      decision: { outcome: 'denied', rule: 'run-self', reason: 'A run\'s token may read its own AgentDispatchRun and nothing else' }, target: { kind: 'AgentToolProfile', name: 'p', namespace: 'kradle-org-acme' },
    }]);
    await expect(fixture.as().delete(AgentToolProfile, { org: 'other', name: 'p' })).rejects.toMatchObject({ reason: 'NotFound' });
    expect(await fixture.records('other')).toEqual([]);
    expect(await fixture.records(INSTALLATION_LOG)).toMatchObject([{ type: 'AgentToolProfileDeleteDenied', organizationRef: 'kradle-system', details: { organization: 'other' }, decision: { outcome: 'denied' } }]);
  });

  it('is what is sensitive to read, once a minute for the log itself', async () => {
    const fixture = await createAuditFixture();
    const client = fixture.as();
    await noteSensitiveRead(client.actor, { verb: 'use-secret', kind: 'Secret', org: 'acme', name: 'token' });
    await client.list(AuditEvent, { org: 'acme' });
    await client.list(AuditEvent, { org: 'acme' });
    fixture.clock.advance(61_000);
    await client.list(AuditEvent, { org: 'acme' });
    expect((await fixture.records()).map(({ type }) => type)).toEqual(['SecretUsed', 'AuditEventRead', 'AuditEventRead']);
  });

  it('goes on when the request is over', async () => {
    const fixture = await createAuditFixture();
    const client = fixture.as();
    const group = client.actor.trail?.group();
    const inGroup = client.as({ ...client.actor, ...(group === undefined ? {} : { trail: group }) });
    await inGroup.create(AgentToolProfile, 'acme', profile('now'));
    expect(await fixture.records()).toEqual([]);
    await group?.settle();
    await inGroup.create(AgentToolProfile, 'acme', profile('later'));
    expect((await fixture.records()).map(({ type }) => type)).toEqual(['AgentToolProfileCreated', 'AgentToolProfileCreated']);
  });
});

describe('a mutation', () => {
  const verbs = router({
    merge: procedure.mutation(async ({ ctx }) => {
      await ctx.resources.require('merge', AgentToolProfile, { org: 'acme', name: 'p' });
      await ctx.resources.as(onBehalfOf(ctx.actor)).mutateStatus(AgentToolProfile, { org: 'acme', name: 'p' }, (status) => void (status.observedGeneration = 7));
      await ctx.resources.create(AgentToolProfile, 'acme', profile('second'));
      await ctx.actor.trail?.note(ctx.actor, { verb: 'use-secret', kind: 'Secret', org: 'acme', name: 'token', outcome: 'allowed' });
    }),
    write: procedure.mutation(async ({ ctx }) => {
      await ctx.resources.create(AgentToolProfile, 'acme', profile('first'));
      await ctx.resources.create(AgentToolProfile, 'acme', profile('second'));
    }),
    dispatch: procedure.mutation(async ({ ctx }) => {
      await ctx.resources.require('dispatch', AgentToolProfile, { org: 'acme' });
      await ctx.resources.create(AgentToolProfile, 'acme', profile('made'));
    }),
    complete: procedure.mutation(async ({ ctx }) => {
      await ctx.resources.require('merge', AgentToolProfile, { org: 'acme', name: 'p' });
      await ctx.resources.create(AgentToolProfile, 'acme', profile('second'));
      const last = completing({ resources: ctx.resources.as(onBehalfOf(ctx.actor)) });
      await last.resources.mutateStatus(AgentToolProfile, { org: 'acme', name: 'p' }, (status) => void (status.observedGeneration = 7));
      throw new Error('killed before the answer');
    }),
    fail: procedure.mutation(async ({ ctx }) => {
      await ctx.resources.require('close', AgentToolProfile, { org: 'acme', name: 'p' });
      throw new StatusError('Conflict', 'It is closed already');
    }),
    failHalfWay: procedure.mutation(async ({ ctx }) => {
      await ctx.resources.require('close', AgentToolProfile, { org: 'acme', name: 'p' });
      await ctx.resources.create(AgentToolProfile, 'acme', profile('left'));
      throw new StatusError('Conflict', 'It is closed already');
    }),
  });

  async function calling(fixture: AuditFixture, actor: Partial<Actor> = {}) {
    const resources = fixture.as(actor, 'trpc');
    const ctx: RequestContext = { actor: resources.actor, resources, correlationId: 'c', log: silentLogger(), signal: new AbortController().signal, warn: () => undefined, door: 'trpc', origin: '' };
    return createCallerFactory(verbs)(ctx);
  }

  it('is one record: the verb that was asked for, with everything that it wrote', async () => {
    const fixture = await createAuditFixture();
    const { metadata } = await fixture.resources.create(AgentToolProfile, 'acme', profile('p'));
    await (await calling(fixture)).merge();
    const [used, merged, ...rest] = await fixture.records();
    expect(rest).toEqual([]);
    expect(used).toMatchObject({ type: 'SecretUsed', target: { kind: 'Secret', name: 'token' } });
    expect(merged).toMatchObject({
      type: 'AgentToolProfileMerged', action: 'merge', actor: { kind: 'User', name: 'ada' }, target: { kind: 'AgentToolProfile', name: 'p', uid: metadata.uid }, decision: { outcome: 'allowed', rule: 'members' },
      details: { changes: [{ verb: 'update-status', kind: 'AgentToolProfile', name: 'p', digest: expect.stringMatching(/^sha256:/) as string }, { verb: 'create', kind: 'AgentToolProfile', name: 'second' }] },
    });
  });

  it('that says which write completes it is recorded with that, whatever becomes of its answer', async () => {
    const fixture = await createAuditFixture();
    await fixture.resources.create(AgentToolProfile, 'acme', profile('p'));
    await expect((await calling(fixture)).complete()).rejects.toThrow('killed');
    const { metadata } = await fixture.resources.get(AgentToolProfile, { org: 'acme', name: 'p' });
    expect(await fixture.records()).toMatchObject([{
      type: 'AgentToolProfileMerged', actor: { kind: 'User', name: 'ada' }, target: { name: 'p', resourceVersion: metadata.resourceVersion },
      details: { changes: [{ verb: 'create', name: 'second' }, { verb: 'update-status', name: 'p' }] },
    }]);
    expect((await fixture.records())[0]?.details).not.toHaveProperty('failed');
  });

  it('without a verb of its own is the first thing that it wrote', async () => {
    const fixture = await createAuditFixture();
    await (await calling(fixture)).write();
    expect(await fixture.records()).toMatchObject([{ type: 'AgentToolProfileCreated', target: { name: 'first' }, digests: { object: expect.any(String) as string }, details: { changes: [{ verb: 'create', name: 'second' }] } }]);
  });

  it('that makes something is about what it made', async () => {
    const fixture = await createAuditFixture();
    await (await calling(fixture)).dispatch();
    expect(await fixture.records()).toMatchObject([{ type: 'AgentToolProfileDispatched', target: { kind: 'AgentToolProfile', name: 'made', uid: expect.any(String) as string } }]);
  });

  it('that fails leaves a record if it had written something, and none if not', async () => {
    const fixture = await createAuditFixture();
    const caller = await calling(fixture);
    await expect(caller.fail()).rejects.toThrow('closed already');
    expect(await fixture.records()).toEqual([]);
    await expect(caller.failHalfWay()).rejects.toThrow('closed already');
    expect(await fixture.records()).toMatchObject([{ type: 'AgentToolProfileClosed', details: { failed: 'Conflict', changes: [{ verb: 'create', name: 'left' }] } }]);
  });
});
