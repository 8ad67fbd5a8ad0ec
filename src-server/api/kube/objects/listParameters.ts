import type { RequestUrl } from '../../../http/requestUrl';
import { badParameter, invalidOptions, readQuery, type QueryParameters } from './queryParameters';

/** What a list asks for. */
export interface ListParameters {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Absent: everything. */
  readonly limit?: number;
  readonly continue?: string;
  /** The answer's state must be this revision. */
  readonly exactly?: string;
  /** The answer's state must have this revision in it. */
  readonly notOlderThan?: string;
}

/** What a watch asks for. */
export interface WatchParameters {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Changes above this revision; absent: from the state that the stream begins with, or from now. */
  readonly resourceVersion?: string;
  /** The stream begins with an ADDED event for each object that there is. */
  readonly initialEvents: boolean;
  /** A bookmark says where the initial events end. */
  readonly markInitialEventsEnd: boolean;
  readonly notOlderThan?: string;
  readonly bookmarks: boolean;
  readonly timeoutMs: number;
}

/** What selects objects and a page of them. */
export const SELECTION_PARAMETERS = ['labelSelector', 'fieldSelector', 'limit', 'continue', 'resourceVersion', 'resourceVersionMatch', 'sendInitialEvents', 'timeoutSeconds'];
const LIST_PARAMETERS = [...SELECTION_PARAMETERS, 'watch', 'allowWatchBookmarks', 'includeObject'];
/** As kube-apiserver: a watch without a timeout of its own ends after 30 to 60 minutes, not all at the same time. */
const MIN_TIMEOUT_MS = 30 * 60_000;
/** What a timer can hold. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
const MATCHES = ['Exact', 'NotOlderThan'];

/** What part of each object a table's rows carry. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** @throws BadRequest, Invalid, as {@link readQuery} and kube-apiserver's `ValidateListOptions`. */
export function readListParameters(url: RequestUrl): ({ watch: false } & ListParameters) | ({ watch: true } & WatchParameters) {
  const query = readQuery(url.searchParams, LIST_PARAMETERS);
  return query.flag('watch') === true ? { watch: true, ...readWatch(query) } : { watch: false, ...readSelection(query) };
}

/** @throws BadRequest for what is no value of the parameter. */
export function readIncludeObject(url: RequestUrl): IncludeObject {
  const value = url.searchParams.get('includeObject') || 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  throw badParameter('includeObject', 'must be None, Metadata or Object');
}

/** The revision that `resourceVersion` names: undefined for "the newest" and for "0", any. `BadRequest` when it is none. */
export function readResourceVersion(version: string | undefined): string | undefined {
  if (version === undefined || version === '0') return undefined;
  if (/^[1-9]\d{0,18}$/.test(version)) return version;
  throw badParameter('resourceVersion', `is ${JSON.stringify(version.slice(0, 100))}; it must be a resourceVersion of an earlier answer, unchanged`);
}

/** @throws BadRequest, Invalid. */
export function readSelection(query: QueryParameters): ListParameters {
  const [version, match, token] = [query.text('resourceVersion'), query.text('resourceVersionMatch'), query.text('continue')];
  const limit = query.wholeNumber('limit') || undefined;
  if (match !== undefined) {
    if (version === undefined) throw forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided');
    if (token !== undefined) throw forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided');
    if (!MATCHES.includes(match)) throw unsupportedMatch(match, MATCHES);
    if (match === 'Exact' && version === '0') throw forbidden('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  if (query.flag('sendInitialEvents') !== undefined) throw forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list');
  const revision = readResourceVersion(version);
  if (token !== undefined && revision !== undefined) throw badParameter('resourceVersion', 'must not be set together with continue: the token says which state the list is of');
  // Without a match, a version means "at least" for a whole list and "exactly" for a paged one: Kubernetes kept it so for older clients.
  const exact = match === 'Exact' || (match === undefined && limit !== undefined);
  return { ...selectorsOf(query), limit, continue: token, ...(exact ? { exactly: revision } : { notOlderThan: revision }) };
}

function readWatch(query: QueryParameters): WatchParameters {
  const [version, match, initial] = [query.text('resourceVersion'), query.text('resourceVersionMatch'), query.flag('sendInitialEvents')];
  if (initial !== undefined && match !== 'NotOlderThan') throw forbidden('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  if (match !== undefined) {
    if (initial === undefined) throw forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
    if (match !== 'NotOlderThan') throw unsupportedMatch(match, ['NotOlderThan']);
    if (query.text('continue') !== undefined) throw forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided');
  }
  const revision = readResourceVersion(version);
  // A watch from nowhere begins with what there is, unless the client says that it does not want that.
  const initialEvents = initial ?? revision === undefined;
  const seconds = query.wholeNumber('timeoutSeconds') || undefined;
  const bookmarks = query.flag('allowWatchBookmarks') ?? false;
  return {
    ...selectorsOf(query),
    ...(initialEvents ? { notOlderThan: revision } : { resourceVersion: revision }),
    initialEvents,
    markInitialEventsEnd: initial === true && bookmarks,
    bookmarks,
    timeoutMs: seconds === undefined ? MIN_TIMEOUT_MS * (1 + Math.random()) : Math.min(seconds * 1000, MAX_TIMEOUT_MS),
  };
}

function selectorsOf(query: QueryParameters): { labelSelector?: string; fieldSelector?: string } {
  return { labelSelector: query.text('labelSelector'), fieldSelector: query.text('fieldSelector') };
}

function forbidden(field: string, message: string) {
  return invalidOptions('ListOptions', field, { code: 'FieldValueForbidden', message: `Forbidden: ${message}` });
}

function unsupportedMatch(value: string, supported: readonly string[]) {
  return invalidOptions('ListOptions', 'resourceVersionMatch', {
    code: 'FieldValueNotSupported', message: `Unsupported value: ${JSON.stringify(value.slice(0, 100))}: supported values: ${supported.map((each) => JSON.stringify(each)).join(', ')}`,
  });
}
