import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createRequestGuard } from './requestGuard';

const request = (headers: Record<string, string>, method = 'POST') => ({ method, headers }) as unknown as IncomingMessage;
const local = createRequestGuard({ host: '127.0.0.1', allowedHosts: [] });

describe('request guard', () => {
  it.each(['localhost:3080', '127.0.0.1:3080', '[::1]:3080', 'LOCALHOST'])('answers for %s', (host) => {
    expect(() => local.checkHost(request({ host }))).not.toThrow();
  });

  it.each(['evil.example:3080', '127.0.0.1.evil.example', 'localhost.evil.example', ''])('refuses the host "%s"', (host) => {
    expect(() => local.checkHost(request({ host }))).toThrow(/does not answer for the host/);
  });

  it('answers for the names that it was told, and for the public one', () => {
    const guard = createRequestGuard({ host: '0.0.0.0', allowedHosts: ['forge.lan'], publicUrl: 'https://kradle.example' });
    expect(() => guard.checkHost(request({ host: 'forge.lan:3080' }))).not.toThrow();
    expect(() => guard.checkHost(request({ host: 'kradle.example' }))).not.toThrow();
    expect(() => guard.checkHost(request({ host: '0.0.0.0:3080' }))).toThrow();
    expect(guard.originOf(request({ host: 'kradle.example' }))).toBe('https://kradle.example');
  });

  it('knows https from http', () => {
    const encrypted = (host: string) => ({ ...request({ host }), socket: { encrypted: true } }) as unknown as IncomingMessage;
    expect(local.originOf(encrypted('127.0.0.1:3080'))).toBe('https://127.0.0.1:3080');
    expect(local.originOf(request({ host: '127.0.0.1:3080' }))).toBe('http://127.0.0.1:3080');
    const behindProxy = createRequestGuard({ host: '127.0.0.1', allowedHosts: [], publicUrl: 'https://kradle.example' });
    expect(behindProxy.originOf(encrypted('kradle.example'))).toBe('https://kradle.example');
    expect(behindProxy.originOf(encrypted('kradle.example:3080'))).toBe('https://kradle.example:3080');
    expect(behindProxy.originOf(request({ host: 'kradle.example:3080' }))).toBe('https://kradle.example');
  });

  it('lets a change through from our own pages and from programs, and from no other page', () => {
    const host = 'localhost:3080';
    expect(() => local.checkOrigin(request({ host, origin: 'http://localhost:3080' }))).not.toThrow();
    expect(() => local.checkOrigin(request({ host }))).not.toThrow();
    expect(() => local.checkOrigin(request({ host, origin: 'http://localhost:4000' }))).toThrow(/another site/);
    expect(() => local.checkOrigin(request({ host, origin: 'null' }))).toThrow(/another site/);
    expect(() => local.checkOrigin(request({ host, 'sec-fetch-site': 'cross-site' }))).toThrow(/another site/);
    expect(() => local.checkOrigin(request({ host, origin: 'http://evil.example' }, 'GET'))).not.toThrow();
  });
});
