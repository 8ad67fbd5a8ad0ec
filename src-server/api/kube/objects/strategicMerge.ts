import { StatusError } from '#shared/api/status';
import { isPlainObject } from '#shared/kind/paths';

/**
 * A strategic merge patch as a merge patch (RFC 7386). In the kinds that take one here, everything is a map but lists in the metadata, which
 * a patch replaces; so the directives that order or retain fields change nothing, and those that replace a map cannot be said.
 *
 * Source: Kubernetes, "Strategic Merge Patch".
 *
 * @throws BadRequest for a directive that has no meaning here.
 */
export function toMergePatch(patch: unknown): unknown {
  if (!isPlainObject(patch)) return patch;
  if (patch.$patch === 'delete') return null;
  if (patch.$patch !== undefined && patch.$patch !== 'merge') {
    throw new StatusError('BadRequest', 'The directive $patch of a strategic merge patch may be "merge" or "delete" here; to replace an object whole, use PUT');
  }
  const entries = Object.entries(patch).filter(([field]) => field !== '$patch' && field !== '$retainKeys' && !field.startsWith('$setElementOrder/'));
  const unknown = entries.find(([field]) => field.startsWith('$'));
  if (unknown !== undefined) throw new StatusError('BadRequest', `The directive ${unknown[0].slice(0, 100)} of a strategic merge patch is not understood here; use a JSON patch`);
  return Object.fromEntries(entries.map(([field, value]) => [field, toMergePatch(value)]));
}
