import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isStatusError } from '#shared/api/status';
import { describePostgres, parsePostgresUrl, redactPostgresUrl } from './postgresUrl';

function refusal(url: string): string {
  try {
    parsePostgresUrl(url);
    return 'taken';
  } catch (error) {
    if (isStatusError(error, 'Invalid')) return error.message;
    throw error;
  }
}

describe('the address of a Postgres', () => {
  test('is read as libpq reads it', () => {
    expect(parsePostgresUrl('postgresql://una:p%40ss%2Fw@db.example:6432/forge?sslmode=verify-full&sslrootcert=/etc/ca.pem&connect_timeout=9&options=-c%20jit%3Doff')).toEqual({
      host: 'db.example',
      port: 6432,
      database: 'forge',
      user: 'una',
      password: 'p@ss/w',
      tlsMode: 'verify-full',
      tlsFiles: { root: '/etc/ca.pem', certificate: undefined, key: undefined },
      options: '-c jit=off',
      applicationName: 'kradle',
      connectTimeoutMs: 9_000,
    });
    expect(parsePostgresUrl('postgres://una@localhost')).toMatchObject({ port: 5432, database: 'una', tlsMode: 'prefer', connectTimeoutMs: 5_000 });
    expect(parsePostgresUrl('postgres://[::1]:5433/forge')).toMatchObject({ host: '::1', port: 5433 });
    expect(parsePostgresUrl('postgres:///forge?host=/run/postgresql&user=una')).toMatchObject({ host: '/run/postgresql', user: 'una', database: 'forge', tlsMode: 'disable' });
    expect(parsePostgresUrl('postgres://una:pw@/forge?host=/run/postgresql')).toMatchObject({ host: '/run/postgresql', user: 'una', password: 'pw' });
  });

  test('that is none is refused with what would be right', () => {
    expect(refusal('mysql://h/d')).toMatch(/must begin with postgres:\/\/ or postgresql:\/\//);
    expect(refusal('/var/lib/kradle.db')).toMatch(/must begin with/);
    expect(refusal('postgres://una:pa#ss@h/d')).toMatch(/written as %25 %40/);
    expect(refusal('postgres://una:50%@h/d')).toMatch(/% itself is written %25/);
    expect(refusal('postgres://h')).toMatch(/names no database/);
    expect(refusal('postgres://a,b/d')).toMatch(/more than one host/);
    expect(refusal('postgres://h/d?sslmode=yes&schema=public&connect_timeout=0')).toMatch(/no parameter "schema".*sslmode must be one of disable.*connect_timeout must be a whole number from 1 to 60/);
    expect(refusal('postgres://h/d?sslmode=verify-ca')).toMatch(/needs sslrootcert/);
  });

  test('never shows its password, whatever it is made of', () => {
    const word = fc.string({ unit: fc.constantFrom('q', '@', ':', '/', '?', '#', '%', '&', '=', ' ', 'ü'), minLength: 4 });
    fc.assert(
      fc.property(word, fc.constantFrom('?sslmode=require', '', '?nonsense=1', '?host=/run'), fc.constantFrom(encodeURIComponent, (text: string) => text), (word, rest, encode) => {
        const secret = `Zz${word}zZ`;
        for (const url of [`postgres://una:${encode(secret)}@h:5/d${rest}`, `postgres://una@h/d?password=${encode(secret)}`, `postgres://una:${encode(secret)}@/d${rest}`, `mysql://una:${encode(secret)}@h/d`]) {
          expect(redactPostgresUrl(url)).not.toMatch(/Zz|zZ/);
          expect(refusal(url)).not.toMatch(/Zz/);
          try {
            expect(describePostgres(parsePostgresUrl(url))).not.toMatch(/Zz/);
          } catch (error) {
            expect(isStatusError(error, 'Invalid')).toBe(true);
          }
        }
      }),
    );
    expect(redactPostgresUrl('postgres://una:secret@db.example:6432/forge?sslmode=require')).toBe('postgres://una:redacted@db.example:6432/forge?sslmode=require');
    expect(redactPostgresUrl('postgres://db.example/forge?user=una&password=secret')).toBe('postgres://una:redacted@db.example:5432/forge');
    for (const url of ['postgres://una:12/secret@h/d', 'postgres://una:12?secret@h/d', 'postgres://una:12#secret@h/d']) {
      expect(refusal(url)).not.toMatch(/secret|taken/);
      expect(redactPostgresUrl(url)).toBe('redacted');
    }
    expect(redactPostgresUrl('not an address with a secret')).toBe('redacted');
  });
});
