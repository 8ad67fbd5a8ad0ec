import { StatusError } from '../api/status';
import { closest } from './closest';
import { clusterModeMessage } from './foreignKind';
import type { AnyKind } from './defineKind';
import type { KindRegistry } from './registry';

/** Longest part of a wrong name that a message repeats. */
const SHOWN_NAME_LENGTH = 100;

/**
 * The kind that answers to a name, for every door alike.
 *
 * @throws NotImplemented (CLUSTER_MODE_REQUIRED) for a foreign kind; NotFound (KIND_NOT_FOUND), with the nearest name, for no kind at all.
 */
export function requireKind(registry: KindRegistry, name: string): AnyKind {
  const kind = registry.find(name);
  if (kind !== undefined) return kind;
  const foreign = registry.findForeign(name);
  if (foreign.length > 0) throw new StatusError('NotImplemented', clusterModeMessage(foreign), { code: 'CLUSTER_MODE_REQUIRED' });
  const near = closest(name, registry.all.map((each) => each.names.kind));
  throw new StatusError('NotFound', `There is no kind "${name.slice(0, SHOWN_NAME_LENGTH)}".${near === undefined ? '' : ` Did you mean ${near}?`}`, { code: 'KIND_NOT_FOUND' });
}
