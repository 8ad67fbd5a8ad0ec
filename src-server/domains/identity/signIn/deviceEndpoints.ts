import { z } from 'zod';
import { deviceRequest, userCodeInput, type DeviceRequest } from '#shared/api/signIn';
import { StatusError } from '#shared/api/status';
import type { PublicEndpoint, PublicRequest } from '../../../http/endpoint';
import { procedure, router } from '../../../rpc/trpc';
import { person, unlimited } from './accountRouter';
import type { DeviceFlow } from './deviceFlow';

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';
const TAGS = ['Sign-in'];

/** Where a program asks for a code, and for its token. Source: RFC 8628, sections 3.1 to 3.5. */
export function createDeviceEndpoints(flow: DeviceFlow): PublicEndpoint[] {
  return [
    {
      pattern: /^\/api\/device\/code$/, methods: ['POST'],
      openapi: { path: '/api/device/code', summary: 'Ask for a code with which a person signs this program in (RFC 8628)', tags: TAGS, body: z.object({ client_id: z.string().optional(), title: z.string().max(200).optional().describe('What the token will be called.') }), answers: 'application/json' },
      async handle(request) {
        const { title, client_id: clientId } = await request.fields();
        const name = [title, clientId].find((each) => typeof each === 'string' && each.trim() !== '');
        const { deviceCode, userCode, expiresInSeconds, intervalSeconds } = await flow.begin({ title: readable(name ?? 'A program'), address: request.address });
        const page = `${request.origin}/device`;
        request.json(200, { device_code: deviceCode, user_code: userCode, verification_uri: page, verification_uri_complete: `${page}?code=${userCode}`, expires_in: expiresInSeconds, interval: intervalSeconds });
      },
    },
    {
      pattern: /^\/api\/device\/token$/, methods: ['POST'],
      openapi: { path: '/api/device/token', summary: 'Ask whether the person has approved, and for the token (RFC 8628)', tags: TAGS, body: z.object({ grant_type: z.literal(GRANT_TYPE), device_code: z.string() }), answers: 'application/json' },
      handle: answerPoll(flow),
    },
  ];
}

/** The person's side: what waits behind a code, and whether it may come in. */
export function createDeviceRouter(flow: DeviceFlow) {
  const tags = ['Account'];
  return router({
    get: procedure
      .meta({ openapi: { method: 'GET', path: '/api/user/devices/{userCode}', tags, summary: 'The program that waits with this code' } })
      .input(userCodeInput)
      .output(deviceRequest)
      .query(({ input, ctx }): Promise<DeviceRequest> => flow.get(person(ctx.actor), input.userCode)),
    approve: procedure
      .meta({ openapi: { method: 'POST', path: '/api/user/devices/{userCode}/approve', tags, summary: 'Sign the program in as you: it gets a personal access token' } })
      .input(userCodeInput)
      .output(deviceRequest)
      .mutation(({ input, ctx }): Promise<DeviceRequest> => flow.decide(unlimited(ctx.actor), input.userCode, 'approved')),
    deny: procedure
      .meta({ openapi: { method: 'POST', path: '/api/user/devices/{userCode}/deny', tags, summary: 'Turn the program away' } })
      .input(userCodeInput)
      .output(deviceRequest)
      .mutation(({ input, ctx }): Promise<DeviceRequest> => flow.decide(unlimited(ctx.actor), input.userCode, 'denied')),
  });
}

function answerPoll(flow: DeviceFlow) {
  return async (request: PublicRequest): Promise<void> => {
    const { grant_type: grantType, device_code: deviceCode } = await request.fields();
    if (grantType !== GRANT_TYPE) return request.json(400, { error: 'unsupported_grant_type', error_description: `grant_type must be ${GRANT_TYPE}` });
    if (typeof deviceCode !== 'string' || deviceCode === '') return request.json(400, { error: 'invalid_request', error_description: 'device_code is missing' });
    const answer = await flow.poll(deviceCode);
    if ('error' in answer) return request.json(400, { error: answer.error, error_description: DESCRIPTIONS[answer.error] });
    const { token, scopes, expiresInSeconds } = answer;
    request.json(200, { access_token: token, token_type: 'Bearer', scope: scopes.join(' '), ...(expiresInSeconds === undefined ? {} : { expires_in: expiresInSeconds }) });
  };
}

const DESCRIPTIONS = {
  authorization_pending: 'Nobody has approved it yet.',
  slow_down: 'Ask less often: five seconds more between two questions.',
  access_denied: 'The person turned it down.',
  expired_token: 'The code is unknown, used, or older than 15 minutes.',
} as const;

/** Shown to the person who decides: one line, without characters that could make it look like something else. */
function readable(name: unknown): string {
  const text = String(name).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').trim().slice(0, 200);
  if (text === '') throw new StatusError('BadRequest', 'The title has nothing in it that can be read.');
  return text;
}
