import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StatusError } from '#shared/api/status';
import { readListParameters } from './listParameters';
import { readQuery } from './queryParameters';
import { DELETE_PARAMETERS, readDeleteOptions, readWriteParameters } from './writeParameters';

const url = (query: string) => new URL(`http://localhost/x?${query}`);
const read = (query: string, userAgent?: string) => readWriteParameters(url(query), { userAgent, verb: 'patch' });
const readDelete = (query: string, body?: unknown) => readDeleteOptions(readQuery(url(query).searchParams, DELETE_PARAMETERS), body);

describe('readWriteParameters', () => {
  it('names the field manager by the program when the client does not', () => {
    expect(read('', 'kubectl/v1.32.5 (linux/amd64) kubernetes/9894294')).toMatchObject({ fieldManager: 'kubectl', namesManager: false, dryRun: false, fieldValidation: 'warn' });
    expect(read('fieldManager=me', 'kubectl/v1')).toMatchObject({ fieldManager: 'me', namesManager: true });
    expect(read('').fieldManager).toBe('unknown');
    expect(read('', `${'x'.repeat(500)}/1`).fieldManager).toHaveLength(128);
  });

  it('refuses managers that are too long or cannot be printed', () => {
    expect(() => read(`fieldManager=${'x'.repeat(129)}`)).toThrow('at most 128');
    expect(() => read('fieldManager=a%0Ab')).toThrow('printable');
    expect(read('fieldManager=b%C3%A9a').fieldManager).toBe('béa');
  });

  it('reads the closed sets', () => {
    expect(read('dryRun=All&fieldValidation=Strict&force=true')).toMatchObject({ dryRun: true, fieldValidation: 'strict', force: true });
    for (const query of ['dryRun=all', 'dryRun=', 'fieldValidation=strict', 'fieldValidation=constructor', 'force=yes', 'fieldmanager=a']) expect(() => read(query), query).toThrow(StatusError);
  });
});

describe('readDeleteOptions', () => {
  it('reads them from the body, else from the query', () => {
    expect(readDelete('propagationPolicy=Foreground&gracePeriodSeconds=0&dryRun=All')).toMatchObject({ propagation: 'foreground', dryRun: true });
    expect(readDelete('orphanDependents=true')).toMatchObject({ propagation: 'orphan' });
    expect(readDelete('propagationPolicy=Foreground', { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background', dryRun: ['All'], preconditions: { uid: 'u', resourceVersion: '7' } })).toEqual({
      propagation: 'background', dryRun: true, expectedUid: 'u', expectedResourceVersion: '7',
    });
  });

  it('names what is wrong in them', () => {
    for (const body of [[], 'x', { kind: 'Pod' }, { preconditions: 3 }, { preconditions: { uid: 3 } }, { orphanDependents: 'yes' }, { dryRun: 'All' }, { dryRun: ['Some'] }, { propagationPolicy: 'Up' }]) {
      expect(() => readDelete('', body), JSON.stringify(body)).toThrow(StatusError);
    }
  });
});

describe('any query', () => {
  it('is read or refused, never more', () => {
    const name = fc.constantFrom('watch', 'limit', 'continue', 'resourceVersion', 'resourceVersionMatch', 'sendInitialEvents', 'timeoutSeconds', 'allowWatchBookmarks', 'labelSelector', 'dryRun', 'x');
    const value = fc.oneof(fc.constantFrom('', '0', '1', 'true', 'false', 'Exact', 'NotOlderThan', '99999999999999999999', '-1', '1e3', ' 1'), fc.string());
    fc.assert(fc.property(fc.array(fc.tuple(name, value), { maxLength: 5 }), (entries) => {
      const asked = new URL('http://localhost/x');
      for (const [key, each] of entries) asked.searchParams.append(key, each);
      for (const attempt of [() => readListParameters(asked), () => readWriteParameters(asked, { userAgent: undefined, verb: 'create' })]) {
        try {
          attempt();
        } catch (error) {
          expect(error).toBeInstanceOf(StatusError);
        }
      }
    }));
  });
});

describe('readListParameters', () => {
  it('bounds what a watch may wait, and spreads what it waits by default', () => {
    const timeout = (query: string) => {
      const parameters = readListParameters(url(`watch=true&${query}`));
      return parameters.watch ? parameters.timeoutMs : Number.NaN;
    };
    expect(timeout('timeoutSeconds=5')).toBe(5_000);
    expect(timeout('timeoutSeconds=999999999999')).toBe(2 ** 31 - 1);
    for (let count = 0; count < 20; count += 1) expect(timeout('')).toSatisfy((ms: number) => ms >= 1_800_000 && ms <= 3_600_000);
  });

  it('takes a version as "exactly" for pages and as "at least" for whole lists', () => {
    expect(readListParameters(url('resourceVersion=5'))).toMatchObject({ notOlderThan: '5' });
    expect(readListParameters(url('resourceVersion=5&limit=10'))).toMatchObject({ exactly: '5' });
    expect(readListParameters(url('resourceVersion=5&limit=10&resourceVersionMatch=NotOlderThan'))).toMatchObject({ notOlderThan: '5' });
    expect(readListParameters(url('resourceVersion=0&limit=10'))).toMatchObject({ exactly: undefined });
  });
});
