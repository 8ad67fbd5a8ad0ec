import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isStatusError, StatusError } from '#shared/api/status';
import { procedure, router, type RequestContext } from '../rpc/trpc';
import { createRestDoor } from './rest';

const door = createRestDoor(router({
  things: router({
    list: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/things' } })
      .input(z.object({ org: z.string(), limit: z.coerce.number().int().max(10).optional(), dry: z.boolean().optional(), tags: z.array(z.string()).optional() }))
      .query(({ input }) => input),
    latest: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/things/latest' } })
      .input(z.object({ org: z.string() }))
      .query(() => 'latest'),
    get: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/things/{name}' } })
      .input(z.object({ org: z.string(), name: z.string() }))
      .query(({ input }) => {
        if (input.name === 'gone') throw new StatusError('NotFound', 'no such thing');
        if (input.name === 'boom') throw new Error('secret detail');
        return input;
      }),
    save: procedure
      .meta({ openapi: { method: 'POST', path: '/api/orgs/{org}/things' }, bodyField: 'thing', successStatus: { anyOf: [201, 200], choose: (output: { created: boolean }) => (output.created ? 201 : 200) } })
      .input(z.object({ org: z.string(), thing: z.looseObject({}) }))
      .mutation(({ input }) => ({ created: input.thing.kind === 'New', input })),
  }),
}));
const ctx = {} as RequestContext;

async function call(method: string, target: string, body: unknown = {}) {
  const url = new URL(target, 'http://localhost');
  const route = door.match(method, url.pathname);
  if (route === undefined) return undefined;
  return door.call(route, { method, pathname: url.pathname, query: url.searchParams, body: () => Promise.resolve(body) }, ctx);
}

async function refusal(work: Promise<unknown>): Promise<StatusError> {
  const error: unknown = await work.then(() => undefined, (reason: unknown) => reason);
  if (!isStatusError(error)) throw new Error('expected a StatusError');
  return error;
}

describe('REST door', () => {
  it('reads path and query into the types that the input wants', async () => {
    expect((await call('GET', '/api/orgs/a%20b/things?limit=5&dry=true&tags=x,y&tags=z'))?.body).toEqual({ org: 'a b', limit: 5, dry: true, tags: ['x', 'y', 'z'] });
  });

  it('prefers a literal path to one with a parameter', async () => {
    expect((await call('GET', '/api/orgs/a/things/latest'))?.body).toBe('latest');
  });

  it('takes the whole body as one field, or the field itself, and lets the path win', async () => {
    const whole = await call('POST', '/api/orgs/a/things', { kind: 'New', org: 'other' });
    expect(whole).toMatchObject({ status: 201, body: { input: { org: 'a', thing: { kind: 'New' } } } });
    expect(await call('POST', '/api/orgs/a/things', { thing: { kind: 'Old' } })).toMatchObject({ status: 200 });
  });

  it('names the field that is wrong', async () => {
    const error = await refusal(call('GET', '/api/orgs/a/things?limit=many'));
    expect(error.reason).toBe('BadRequest');
    expect(error.details.causes?.[0]?.field).toBe('limit');
  });

  it('keeps an expected failure and hides an unexpected one', async () => {
    expect((await refusal(call('GET', '/api/orgs/a/things/gone'))).httpStatus).toBe(404);
    const fault = await refusal(call('GET', '/api/orgs/a/things/boom'));
    expect(fault.httpStatus).toBe(500);
    expect(fault.message).not.toContain('secret');
  });

  it('knows no route outside the declared ones, and says which methods a path takes', async () => {
    expect(await call('GET', '/api/orgs/a/nothing')).toBeUndefined();
    expect(() => door.match('DELETE', '/api/orgs/a/things')).toThrow(/takes GET, POST/);
    expect((await refusal(call('GET', '/api/orgs/%ZZ/things'))).reason).toBe('BadRequest');
    expect((await refusal(call('POST', '/api/orgs/a/things', ['no']))).reason).toBe('BadRequest');
  });
});
