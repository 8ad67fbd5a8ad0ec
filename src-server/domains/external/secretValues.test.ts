import { expect, it } from 'vitest';
import { secretValuePaths } from './secretValues';

it.each<[string, unknown, string[]]>([
  ['a key that says so', { headers: { Authorization: 'x' }, apiToken: 'y', 'client-secret': 'z' }, ['p.headers.Authorization', 'p.apiToken', 'p.client-secret']],
  ['a credential of a well-known form', { body: `use ghp_${'a'.repeat(36)}`, list: ['-----BEGIN RSA PRIVATE KEY-----\n…'] }, ['p.body', 'p.list[0]']],
  ['a Secret whose value is asked for', { body: { secretKeyRef: { name: 'github', key: 'token' } }, env: [{ valueFrom: {} }] }, ['p.body.secretKeyRef', 'p.env[0].valueFrom']],
  ['words that only sound so', { tokens: 5, tokenCount: '12', body: 'the token expired', secretary: 'Ada', monkey: 'x', password: '' }, []],
])('finds %s', (_what, value, paths) => {
  expect(secretValuePaths(value, 'p')).toEqual(paths);
});
