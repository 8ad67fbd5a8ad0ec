import { StatusError } from '#shared/api/status';
import { parseRevision } from './revision';
import type { ListQuery } from './store';

/** The one revision that a list asks for, if it does. */
export function readExactRevision(query: ListQuery): bigint | undefined {
  if (query.atResourceVersion === undefined) return undefined;
  if (query.continue === undefined) return parseRevision(query.atResourceVersion);
  throw new StatusError('BadRequest', 'A continue token carries the revision of its list; no other can be asked for beside it', {
    causes: [{ code: 'FieldValueForbidden', field: 'resourceVersion', message: 'must be left out when continue is given' }],
  });
}
