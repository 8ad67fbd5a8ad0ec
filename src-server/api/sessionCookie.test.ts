import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { createCookie } from './sessionCookie';

const cookie = createCookie({ purpose: 'session', port: 3080, originOf: (req) => `${req.headers['x-scheme'] as string}://localhost:3080` });

function over(scheme: 'http' | 'https', sent = ''): IncomingMessage {
  return { headers: { 'x-scheme': scheme, cookie: sent } } as unknown as IncomingMessage;
}

function written(scheme: 'http' | 'https'): string {
  let header = '';
  const res = { appendHeader: (_name: string, value: string) => (header = value) } as unknown as ServerResponse;
  cookie.write(over(scheme), res, { value: 'abc', maxAgeSeconds: 60 });
  return header;
}

it('is Secure over https and can be set over plain HTTP beside it', () => {
  expect(written('http')).toBe('kradle_session_3080=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=60');
  expect(written('https')).toBe('__Host-kradle_session_3080=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure');
});

it('takes over https no cookie that a plain page may have set', () => {
  const sent = 'other=1; kradle_session_3080=plain; __Host-kradle_session_3080=secure';
  expect(cookie.read(over('http', sent))).toBe('plain');
  expect(cookie.read(over('https', sent))).toBe('secure');
  expect(cookie.read(over('https', 'kradle_session_3080=plain'))).toBeUndefined();
});
