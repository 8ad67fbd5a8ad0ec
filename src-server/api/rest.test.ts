import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isStatusError, StatusError } from '#shared/api/status';
import { silentLogger } from '../app/log';
import type { Actor } from '../resources/actor';
import { procedure, router, type RequestContext } from '../rpc/trpc';
import { createTestResources, type TestResources } from '../../test/harness/testResources';
import { Realm } from '../../test/harness/throwAwayKinds';
import { createIdempotency } from './idempotency/idempotency';
import { IdempotencyRecord } from './idempotency/idempotencyRecord';
import { createRestDoor, type RestDoor } from './rest';
import type { RestAnswer } from './restAnswer';

/** Times that each verb that changes something was carried out. */
const done = { dispatch: 0, token: 0 };
/** A dispatch waits for it. */
let gate: Promise<void> = Promise.resolve();

const thing = (name: string, version = '7') => ({ kind: 'Thing', metadata: { name, resourceVersion: version, labels: { 'a.b/c': 'x', other: 'y' } }, spec: { size: 1, parts: [{ id: 1 }] } });

const appRouter = router({
  things: router({
    list: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/repositories' } })
      .input(z.object({ org: z.string(), limit: z.coerce.number().int().max(10).optional(), dry: z.boolean().optional(), tags: z.array(z.string()).optional(), continue: z.string().optional() }))
      .query(({ input }) => ({ items: [thing('a'), thing('b')], metadata: { resourceVersion: '9', ...(input.continue === undefined ? { continue: 'p 2' } : {}) }, input })),
    latest: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/repositories/latest' } })
      .input(z.object({ org: z.string() }))
      .query(() => 'latest'),
    get: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/repositories/{name}' } })
      .input(z.object({ org: z.string(), name: z.string() }))
      .query(({ input }) => {
        if (input.name === 'gone') throw new StatusError('NotFound', 'no such thing');
        if (input.name === 'boom') throw new Error('secret detail');
        return thing(input.name);
      }),
    replace: procedure
      .meta({ openapi: { method: 'PUT', path: '/api/orgs/{org}/repositories/{name}' } })
      .input(z.object({ org: z.string(), name: z.string(), resourceVersion: z.string().optional() }))
      .mutation(({ input }) => {
        if (input.resourceVersion !== undefined && input.resourceVersion !== '7') throw new StatusError('Conflict', 'it has changed');
        if (input.name === 'busy') throw new StatusError('Conflict', 'a run works in it', { code: 'WORKSPACE_IN_USE' });
        return thing(input.name, '8');
      }),
    save: procedure
      .meta({ openapi: { method: 'POST', path: '/api/orgs/{org}/repositories' }, bodyField: 'thing', successStatus: { anyOf: [201, 200], choose: (output: { created: boolean }) => (output.created ? 201 : 200) } })
      .input(z.object({ org: z.string(), thing: z.looseObject({}) }))
      .mutation(({ input }) => ({ created: input.thing.kind === 'New', input })),
    dispatch: procedure
      .meta({ openapi: { method: 'POST', path: '/api/orgs/{org}/agents/dispatch' }, aliases: ['/api/orgs/{org}/agents/runs'], successStatus: 201 })
      .input(z.object({ org: z.string(), prompt: z.string() }))
      .mutation(async ({ input }) => {
        await gate;
        if (input.prompt === 'fail') throw new StatusError('Invalid', 'no');
        done.dispatch += 1;
        return { run: done.dispatch };
      }),
    token: procedure
      .meta({ openapi: { method: 'POST', path: '/api/orgs/{org}/agents/token' }, sensitive: true })
      .input(z.object({ org: z.string(), secret: z.string() }))
      .mutation(() => {
        done.token += 1;
        return { token: 'kradle_planted_value' };
      }),
    members: procedure.meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/members' } }).input(z.object({ org: z.string() })).query(() => ({})),
  }),
});

let world: TestResources;
let door: RestDoor;
const ada: Actor = { kind: 'user', name: 'ada', orgs: ['acme'] };
const both: Actor = { kind: 'user', name: 'both', orgs: ['acme', 'other'] };

const newDoor = (serverId = 'one') => createRestDoor(appRouter, { organization: Realm, idempotency: createIdempotency({ resources: world.resources, clock: world.clock, serverId, log: silentLogger() }) });

beforeEach(async () => {
  world = await createTestResources({ kinds: [IdempotencyRecord] });
  door = newDoor();
  done.dispatch = 0;
  done.token = 0;
  gate = Promise.resolve();
});

interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly actor?: Actor;
  readonly through?: RestDoor;
}

async function call(method: string, target: string, { body = {}, headers = {}, actor = ada, through = door }: CallOptions = {}): Promise<RestAnswer | undefined> {
  const url = new URL(target, 'http://localhost');
  const route = through.match(method, url.pathname);
  if (route === undefined) return undefined;
  const ctx = { actor, resources: world.resources.as(actor), origin: 'http://localhost' } as RequestContext;
  return through.call(route, { method, pathname: url.pathname, query: url.searchParams, headers, body: () => Promise.resolve(body) }, ctx);
}

async function refusal(work: Promise<unknown>): Promise<StatusError> {
  const error: unknown = await work.then(() => undefined, (reason: unknown) => reason);
  if (!isStatusError(error)) throw new Error('expected a StatusError');
  return error;
}

describe('input', () => {
  it('reads path and query into the types that the procedure wants', async () => {
    expect((await call('GET', '/api/orgs/a%20b/repositories?limit=5&dry=true&tags=x,y&tags=z'))?.body).toMatchObject({ input: { org: 'a b', limit: 5, dry: true, tags: ['x', 'y', 'z'] } });
  });

  it('prefers a literal path to one with a parameter', async () => {
    expect((await call('GET', '/api/orgs/a/repositories/latest'))?.body).toBe('latest');
  });

  it('takes the whole body as one field, or the field itself, and lets the path win', async () => {
    const whole = await call('POST', '/api/orgs/a/repositories', { body: { kind: 'New', org: 'other' } });
    expect(whole).toMatchObject({ status: 201, body: { input: { org: 'a', thing: { kind: 'New' } } } });
    expect(await call('POST', '/api/orgs/a/repositories', { body: { thing: { kind: 'Old' } } })).toMatchObject({ status: 200 });
  });

  it('names the field that is wrong', async () => {
    const error = await refusal(call('GET', '/api/orgs/a/repositories?limit=many'));
    expect(error.reason).toBe('BadRequest');
    expect(error.details.causes?.[0]?.field).toBe('limit');
  });
});

describe('failures', () => {
  it('keeps an expected one and hides an unexpected one', async () => {
    expect((await refusal(call('GET', '/api/orgs/a/repositories/gone'))).httpStatus).toBe(404);
    const fault = await refusal(call('GET', '/api/orgs/a/repositories/boom'));
    expect(fault.httpStatus).toBe(500);
    expect(fault.message).not.toContain('secret');
  });

  it('knows no route outside the declared ones, and says which methods a path takes', async () => {
    expect(await call('GET', '/api/orgs/a/nothing')).toBeUndefined();
    expect(() => door.match('DELETE', '/api/orgs/a/repositories')).toThrow(/takes GET, POST/);
    expect((await refusal(call('GET', '/api/orgs/%ZZ/repositories'))).reason).toBe('BadRequest');
    expect((await refusal(call('POST', '/api/orgs/a/repositories', { body: ['no'] }))).reason).toBe('BadRequest');
  });
});

describe('answers to reads', () => {
  it('have the version as their tag, and say when nothing has changed', async () => {
    const first = await call('GET', '/api/orgs/a/repositories/x');
    expect(first).toMatchObject({ status: 200, headers: { ETag: '"7"' } });
    for (const tag of ['"7"', 'W/"7"', '"1", "7"', '*']) expect(await call('GET', '/api/orgs/a/repositories/x', { headers: { 'if-none-match': tag } })).toEqual({ status: 304, headers: expect.objectContaining({ ETag: '"7"' }) });
    expect(await call('GET', '/api/orgs/a/repositories/x', { headers: { 'if-none-match': '"6"' } })).toMatchObject({ status: 200 });
    expect((await call('GET', '/api/orgs/a/repositories'))?.headers).not.toHaveProperty('ETag');
  });

  it('link to the next page, with everything else that was asked', async () => {
    expect((await call('GET', '/api/orgs/a/repositories?limit=2'))?.headers.Link).toBe('<http://localhost/api/orgs/a/repositories?limit=2&continue=p+2>; rel="next"');
    expect((await call('GET', '/api/orgs/a/repositories?limit=2&continue=p+2'))?.headers).not.toHaveProperty('Link');
  });

  it('have the fields that were asked for, of an object and of each in a list', async () => {
    expect((await call('GET', '/api/orgs/a/repositories/x?fields=metadata.name,spec.size,status.phase'))?.body).toEqual({ metadata: { name: 'x' }, spec: { size: 1 } });
    expect((await call('GET', '/api/orgs/a/repositories/x?fields=metadata.labels.a%5C.b/c'))?.body).toEqual({ metadata: { labels: { 'a.b/c': 'x' } } });
    expect((await call('GET', '/api/orgs/a/repositories/x?fields=spec.parts%5B%5D.id,spec'))?.body).toEqual({ spec: { size: 1, parts: [{ id: 1 }] } });
    expect((await call('GET', '/api/orgs/a/repositories?fields=metadata.name'))?.body).toMatchObject({ items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }], metadata: { resourceVersion: '9' } });
    for (const wrong of ['', '__proto__.x', 'a..b', Array.from({ length: 51 }, (_, index) => `f${index}`).join(',')]) {
      expect((await refusal(call('GET', `/api/orgs/a/repositories/x?fields=${wrong}`))).reason, wrong).toBe('BadRequest');
    }
  });
});

describe('If-Match', () => {
  it('is the version that the object must be at: 412 when it is not', async () => {
    expect(await call('PUT', '/api/orgs/a/repositories/x', { headers: { 'if-match': '"7"' } })).toMatchObject({ status: 200, headers: { ETag: '"8"' } });
    expect(await call('PUT', '/api/orgs/a/repositories/x', { headers: { 'if-match': '*' } })).toMatchObject({ status: 200 });
    const stale = await refusal(call('PUT', '/api/orgs/a/repositories/x', { headers: { 'if-match': '"6"' } }));
    expect([stale.httpStatus, stale.code]).toEqual([412, 'PRECONDITION_FAILED']);
  });

  it('leaves other conflicts what they are, and is a 409 in the body', async () => {
    expect((await refusal(call('PUT', '/api/orgs/a/repositories/busy', { headers: { 'if-match': '"7"' } }))).httpStatus).toBe(409);
    expect((await refusal(call('PUT', '/api/orgs/a/repositories/x', { body: { resourceVersion: '6' } }))).httpStatus).toBe(409);
  });

  it('is refused where nobody would look at it, and when it is no version', async () => {
    expect((await refusal(call('POST', '/api/orgs/a/repositories', { headers: { 'if-match': '"7"' } }))).code).toBe('IF_MATCH_NOT_SUPPORTED');
    expect((await refusal(call('PUT', '/api/orgs/a/repositories/x', { headers: { 'if-match': '"6", "7"' } }))).reason).toBe('BadRequest');
  });
});

describe('addresses without an organization', () => {
  it('are of the only one that the actor has', async () => {
    expect((await call('GET', '/api/repositories'))?.body).toMatchObject({ input: { org: 'acme' } });
  });

  it('take it from the query, then from the body', async () => {
    expect((await call('GET', '/api/repositories?org=other', { actor: both }))?.body).toMatchObject({ input: { org: 'other' } });
    const saved = async (body: object) => ((await call('POST', '/api/repositories', { body, actor: both }))?.body as { input: { org: string } }).input.org;
    expect(await saved({ org: 'other' })).toBe('other');
    expect(await saved({ spec: { organizationRef: 'other' } })).toBe('other');
    expect(await saved({ metadata: { namespace: 'krate-org-other' } })).toBe('other');
    expect(await saved({ resource: { metadata: { namespace: 'kradle-org-other' } } })).toBe('other');
  });

  it('are ORG_REQUIRED when there are several, or none', async () => {
    for (const actor of [both, { ...ada, orgs: [] }]) expect((await refusal(call('GET', '/api/repositories', { actor }))).code).toBe('ORG_REQUIRED');
  });

  it('know the other names of an address, and not those that manage an organization', async () => {
    expect(await call('POST', '/api/agents/runs', { body: { prompt: 'x' } })).toMatchObject({ status: 201 });
    expect(await call('POST', '/api/orgs/acme/agents/runs', { body: { prompt: 'x' } })).toMatchObject({ status: 201 });
    expect(await call('GET', '/api/members')).toBeUndefined();
  });
});

describe('Idempotency-Key', () => {
  const headers = { 'idempotency-key': 'k-1' };
  const dispatch = (body: object, opts: Omit<CallOptions, 'body'> = {}) => call('POST', '/api/orgs/acme/agents/dispatch', { body, headers, ...opts });

  it('has a request carried out once, and answered the same, also by another server', async () => {
    expect(await dispatch({ prompt: 'x' })).toEqual({ status: 201, body: { run: 1 }, headers: {} });
    const again = { status: 201, body: { run: 1 }, headers: { 'Idempotency-Replayed': 'true' } };
    expect(await dispatch({ prompt: 'x' })).toEqual(again);
    expect(await dispatch({ prompt: 'x' }, { through: newDoor('two') })).toEqual(again);
    expect(done.dispatch).toBe(1);
  });

  it('is of one actor, and of one request', async () => {
    await dispatch({ prompt: 'x' });
    expect(await dispatch({ prompt: 'x' }, { actor: both })).toMatchObject({ body: { run: 2 } });
    for (const other of [dispatch({ prompt: 'y' }), call('POST', '/api/orgs/acme/agents/runs', { body: { prompt: 'x' }, headers })]) {
      const refused = await refusal(other);
      expect([refused.httpStatus, refused.code]).toEqual([409, 'IDEMPOTENCY_KEY_REUSED']);
    }
  });

  it('has whoever comes at the same time wait for the first', async () => {
    let open = () => undefined as void;
    gate = new Promise((resolve) => (open = resolve));
    const both = [dispatch({ prompt: 'x' }), dispatch({ prompt: 'x' }), dispatch({ prompt: 'x' })];
    open();
    expect((await Promise.all(both)).map((answer) => answer?.body)).toEqual([{ run: 1 }, { run: 1 }, { run: 1 }]);
  });

  it('is free again after a failure', async () => {
    expect((await refusal(dispatch({ prompt: 'fail' }))).reason).toBe('Invalid');
    expect(await dispatch({ prompt: 'x' })).toMatchObject({ body: { run: 1 } });
  });

  it('of what another server works on is refused, until that server is given up', async () => {
    gate = new Promise(() => undefined);
    void dispatch({ prompt: 'x' });
    const other = newDoor('two');
    await expect.poll(async () => (await world.resources.list(IdempotencyRecord, { org: '*' })).items.length).toBe(1);
    const refused = await refusal(dispatch({ prompt: 'x' }, { through: other }));
    expect([refused.httpStatus, refused.code, refused.details.retryAfterSeconds]).toEqual([409, 'IDEMPOTENCY_KEY_IN_USE', 1]);
    gate = Promise.resolve();
    world.clock.advance(61_000);
    expect(await dispatch({ prompt: 'x' }, { through: other })).toMatchObject({ body: { run: 1 } });
  });

  it('keeps nothing of what is secret', async () => {
    const token = () => call('POST', '/api/orgs/acme/agents/token', { body: { secret: 'planted-input' }, headers });
    expect(await token()).toMatchObject({ body: { token: 'kradle_planted_value' } });
    expect((await refusal(token())).code).toBe('IDEMPOTENCY_ANSWER_NOT_KEPT');
    expect(done.token).toBe(1);
    expect(JSON.stringify((await world.resources.list(IdempotencyRecord, { org: '*' })).items)).not.toContain('planted');
  });

  it('is kept for a day, and then deleted', async () => {
    await dispatch({ prompt: 'x' });
    const { controller } = createIdempotency({ resources: world.resources, clock: world.clock, serverId: 'one', log: silentLogger() });
    const [record] = (await world.resources.list(IdempotencyRecord, { org: '*' })).items;
    const name = record?.metadata.name ?? '';
    expect(await controller.reconcile({ org: name, name })).toEqual({ requeueAfterMs: 24 * 3_600_000 });
    world.clock.advance(24 * 3_600_000);
    expect(await dispatch({ prompt: 'y' })).toMatchObject({ body: { run: 2 } });
    world.clock.advance(24 * 3_600_000);
    expect(await controller.reconcile({ org: name, name })).toBeUndefined();
    expect((await world.resources.list(IdempotencyRecord, { org: '*' })).items).toEqual([]);
  });

  it('must be a key', async () => {
    for (const key of ['', 'a b', 'x'.repeat(256), 'ü']) expect((await refusal(dispatch({ prompt: 'x' }, { headers: { 'idempotency-key': key } }))).reason, key).toBe('BadRequest');
  });
});
