import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { tempDir } from '../../../test/harness/tempDir';
import { readConfiguredTls } from './configuredTls';
import { issueAuthority } from './issueCertificates';

const opts = { nowMs: Date.now(), log: pino({ level: 'silent' }) };

it('reads a pair, and is silent when there is none', async () => {
  await using dir = await tempDir();
  const pair = await issueAuthority({ commonName: 'test', nowMs: Date.now() });
  const [tlsCert, tlsKey] = [join(dir.path, 'c.pem'), join(dir.path, 'k.pem')];
  writeFileSync(tlsCert, pair.cert);
  writeFileSync(tlsKey, pair.key);
  expect(readConfiguredTls({ tlsCert, tlsKey }, opts)).toEqual(pair);
  expect(readConfiguredTls({ tlsCert: undefined, tlsKey: undefined }, opts)).toBeUndefined();
});

it('names the setting that is wrong', async () => {
  await using dir = await tempDir();
  const [one, other] = [await issueAuthority({ commonName: 'one', nowMs: Date.now() }), await issueAuthority({ commonName: 'other', nowMs: Date.now() })];
  const file = (name: string, content: string) => {
    writeFileSync(join(dir.path, name), content);
    return join(dir.path, name);
  };
  const [tlsCert, tlsKey, rubbish] = [file('c.pem', one.cert), file('k.pem', other.key), file('r.pem', 'rubbish')];
  const wrong: [{ tlsCert: string | undefined; tlsKey: string | undefined }, string, RegExp][] = [
    [{ tlsCert, tlsKey: undefined }, 'tlsKey', /is needed beside tlsCert/],
    [{ tlsCert: undefined, tlsKey }, 'tlsCert', /is needed beside tlsKey/],
    [{ tlsCert: join(dir.path, 'none'), tlsKey }, 'tlsCert', /cannot be read.*none/],
    [{ tlsCert: rubbish, tlsKey }, 'tlsCert', /not PEM/],
    [{ tlsCert, tlsKey: rubbish }, 'tlsKey', /not PEM/],
    [{ tlsCert, tlsKey }, 'tlsKey', /is not the private key/],
  ];
  for (const [settings, field, message] of wrong) {
    expect(() => readConfiguredTls(settings, opts)).toThrow(expect.objectContaining({ reason: 'Invalid', message: expect.stringMatching(message) as string, details: expect.objectContaining({ causes: [expect.objectContaining({ field })] }) as unknown }));
  }
});
