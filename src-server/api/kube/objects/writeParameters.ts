import { isPlainObject } from '#shared/kind/paths';
import type { RequestUrl } from '../../../http/requestUrl';
import type { DeleteOptions, WriteOptions } from '../../../resources/resourceClient';
import { badParameter, invalidOptions, readQuery, type QueryParameters } from './queryParameters';

/** What every write says beside its body. */
export interface WriteParameters {
  readonly dryRun: boolean;
  /** As the client says it, or by its User-Agent. */
  readonly fieldManager: string;
  /** Whether the client names its manager itself, as server-side apply must. */
  readonly namesManager: boolean;
  readonly fieldValidation: NonNullable<WriteOptions['fieldValidation']>;
  /** Undefined when the client says nothing. */
  readonly force?: boolean;
}

/** Kubernetes' limit. */
const MAX_MANAGER_LENGTH = 128;
const FIELD_VALIDATIONS: Readonly<Record<string, WriteParameters['fieldValidation']>> = { Strict: 'strict', Warn: 'warn', Ignore: 'ignore' };
const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation'];
/** `DeleteOptions` as parameters. */
export const DELETE_PARAMETERS = ['dryRun', 'gracePeriodSeconds', 'orphanDependents', 'propagationPolicy', 'ignoreStoreReadErrorWithClusterBreakingPotential'];

/** @throws BadRequest, Invalid. */
export function readWriteParameters(url: RequestUrl, opts: { userAgent: string | undefined; verb: 'create' | 'update' | 'patch' }): WriteParameters {
  const query = readQuery(url.searchParams, opts.verb === 'patch' ? [...WRITE_PARAMETERS, 'force'] : WRITE_PARAMETERS);
  const given = query.text('fieldManager');
  if (given !== undefined) checkManager(given);
  return {
    dryRun: readDryRun(query.all('dryRun')),
    fieldManager: given ?? managerOf(opts.userAgent),
    namesManager: given !== undefined,
    fieldValidation: readFieldValidation(query),
    force: opts.verb === 'patch' ? query.flag('force') : undefined,
  };
}

/**
 * `DeleteOptions` of a request: those of the body when it has one, else those of the query, as in Kubernetes. A grace period means
 * nothing here, where no process is to be stopped.
 *
 * @throws BadRequest, Invalid.
 */
export function readDeleteOptions(query: QueryParameters, body: unknown): DeleteOptions {
  query.wholeNumber('gracePeriodSeconds');
  if (body === undefined) {
    const dryRun = readDryRun(query.all('dryRun'));
    return { dryRun, propagation: readPropagation(query.text('propagationPolicy'), query.flag('orphanDependents')) };
  }
  if (!isPlainObject(body)) throw badBody('', 'must be a DeleteOptions object');
  if (body.kind !== undefined && body.kind !== 'DeleteOptions') throw badBody('kind', 'must be DeleteOptions');
  const { preconditions = {}, propagationPolicy, orphanDependents, dryRun = query.all('dryRun') } = body;
  if (!isPlainObject(preconditions)) throw badBody('preconditions', 'must be an object');
  if (!Array.isArray(dryRun)) throw badBody('dryRun', 'must be a list');
  return {
    dryRun: readDryRun(dryRun),
    propagation: readPropagation(stringOf('propagationPolicy', propagationPolicy), booleanOf('orphanDependents', orphanDependents)),
    expectedUid: stringOf('preconditions.uid', preconditions.uid),
    expectedResourceVersion: stringOf('preconditions.resourceVersion', preconditions.resourceVersion),
  };
}

function readDryRun(values: readonly unknown[]): boolean {
  const wrong = values.find((value) => value !== 'All');
  if (wrong !== undefined) throw badParameter('dryRun', `is ${JSON.stringify(wrong).slice(0, 100)}; the only value is All`);
  return values.length > 0;
}

function readFieldValidation(query: QueryParameters): WriteParameters['fieldValidation'] {
  const value = query.text('fieldValidation') ?? 'Warn';
  const known = Object.hasOwn(FIELD_VALIDATIONS, value) ? FIELD_VALIDATIONS[value] : undefined;
  if (known === undefined) throw badParameter('fieldValidation', `is ${JSON.stringify(value.slice(0, 100))}; it must be Strict, Warn or Ignore`);
  return known;
}

function readPropagation(policy: string | undefined, orphan: boolean | undefined): DeleteOptions['propagation'] {
  if (policy !== undefined && orphan !== undefined) {
    throw invalidOptions('DeleteOptions', 'propagationPolicy', { code: 'FieldValueInvalid', message: 'Invalid value: orphanDependents and deletionPropagation cannot be both set' });
  }
  if (policy === undefined) return orphan === true ? 'orphan' : undefined;
  if (policy === 'Orphan') return 'orphan';
  if (policy === 'Background') return 'background';
  if (policy === 'Foreground') return 'foreground';
  throw badParameter('propagationPolicy', `is ${JSON.stringify(policy.slice(0, 100))}; it must be Orphan, Background or Foreground`);
}

function checkManager(manager: string): void {
  if (manager.length > MAX_MANAGER_LENGTH) throw badParameter('fieldManager', `has ${manager.length} characters; at most ${MAX_MANAGER_LENGTH} are kept`);
  if (!/^[\x20-\x7e\p{L}\p{N}\p{P}\p{S}]+$/u.test(manager)) throw badParameter('fieldManager', 'must consist of printable characters');
}

/** Kubernetes' rule: `kubectl/v1.32.0 (linux/amd64)` is `kubectl`. */
function managerOf(userAgent: string | undefined): string {
  const [product = ''] = (userAgent ?? '').split('/', 1);
  return product.replace(/[^\x20-\x7e]/g, '').trim().slice(0, MAX_MANAGER_LENGTH) || 'unknown';
}

function stringOf(field: string, value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw badBody(field, 'must be a string');
  return value;
}

function booleanOf(field: string, value: unknown): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw badBody(field, 'must be true or false');
  return value;
}

function badBody(field: string, problem: string) {
  return badParameter(field === '' ? 'DeleteOptions' : field, problem);
}
