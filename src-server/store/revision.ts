import { StatusError } from '#shared/api/status';

const REVISION_PATTERN = /^(0|[1-9]\d{0,18})$/;

/** The number in a resourceVersion, undefined when the text is none. */
export function readRevision(text: string): bigint | undefined {
  return REVISION_PATTERN.test(text) ? BigInt(text) : undefined;
}

/** Like {@link readRevision}, but `BadRequest` when the text is no revision. */
export function parseRevision(text: string): bigint {
  const revision = readRevision(text);
  if (revision !== undefined) return revision;
  throw new StatusError('BadRequest', 'The resourceVersion is not one that this server gave out', {
    causes: [{ code: 'FieldValueInvalid', field: 'resourceVersion', message: 'must be a resourceVersion of an earlier answer, unchanged' }],
  });
}
