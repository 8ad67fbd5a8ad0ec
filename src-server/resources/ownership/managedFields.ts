import { jsonEqual } from '#shared/kind/equality';
import { API_VERSION, LEGACY_API_GROUPS, API_VERSION_NAME, type ObjectMeta } from '#shared/kind/objectMeta';
import { isPlainObject } from '#shared/kind/paths';
import type { FieldChanges } from './compareFields';
import { difference, EMPTY_SET, equalSets, intersection, isEmptySet, readFieldSet, union, type FieldSet } from './fieldSet';

/** Who wrote, and how. Entries of `metadata.managedFields` are told apart by these three. */
export interface FieldManager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource?: 'status';
}

/** One entry of `metadata.managedFields`: a manager's fields. */
export interface OwnedFields {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** RFC 3339 with whole seconds, as Kubernetes' clients read and write it. */
  readonly time?: string;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: FieldSet;
  readonly subresource?: string;
}

/** Entries of operation Update that are told apart; the oldest beyond are one. Source: Kubernetes, `DefaultMaxUpdateManagers`. */
const MAX_UPDATE_MANAGERS = 10;
/** Who owns what the oldest updates wrote. */
const ANCIENT_CHANGES = 'ancient-changes';
/** Characters of a manager's name. Source: Kubernetes, `FieldManagerMaxLength`. */
const MAX_MANAGER_LENGTH = 128;
const MAX_SUBRESOURCE_LENGTH = 256;

/** The owners of a stored object's fields. An object from before there were any has none. */
export function ownersOfFields(metadata: Pick<ObjectMeta, 'managedFields'>): readonly OwnedFields[] {
  // What is stored was made here, or read by `readOwners`.
  return (metadata.managedFields ?? []) as readonly OwnedFields[];
}

/**
 * The owners that a client says an object's fields have: undefined when it says nothing, or nothing that can be read. An empty list, and a
 * list of one empty entry, take all of them away, as in Kubernetes.
 */
export function readOwners(managedFields: unknown): readonly OwnedFields[] | undefined {
  if (!Array.isArray(managedFields)) return undefined;
  const given: readonly unknown[] = managedFields;
  if (given.length === 0 || (given.length === 1 && jsonEqual(given[0], {}))) return [];
  const owners = given.map(readEntry);
  return owners.every((entry) => entry !== undefined) ? capped(owners) : undefined;
}

function readEntry(entry: unknown): OwnedFields | undefined {
  if (!isPlainObject(entry)) return undefined;
  const { manager = '', operation, apiVersion, time, fieldsType, fieldsV1, subresource } = entry;
  const fields = readFieldSet(fieldsV1 ?? {});
  const known = apiVersion === API_VERSION || LEGACY_API_GROUPS.some((group) => apiVersion === `${group}/${API_VERSION_NAME}`);
  if (typeof manager !== 'string' || manager.length > MAX_MANAGER_LENGTH || (operation !== 'Apply' && operation !== 'Update') || !known) return undefined;
  if ((fieldsType !== undefined && fieldsType !== 'FieldsV1') || fields === undefined) return undefined;
  if (subresource !== undefined && (typeof subresource !== 'string' || subresource.length > MAX_SUBRESOURCE_LENGTH)) return undefined;
  const at = typeof time === 'string' && !Number.isNaN(Date.parse(time)) ? wholeSeconds(time) : undefined;
  return {
    manager, operation, apiVersion: API_VERSION, ...(at === undefined ? {} : { time: at }), fieldsType: 'FieldsV1', fieldsV1: fields,
    ...(subresource === undefined || subresource === '' ? {} : { subresource }),
  };
}

/** The name under which an actor's fields are kept. */
export function managerName(name: string): string {
  return name.slice(0, MAX_MANAGER_LENGTH);
}

/**
 * The owners after a write that replaces, patches or creates: what it changed is its manager's and no one else's, what it removed is
 * nobody's. Answers `owners` itself when nothing changed.
 */
export function ownersAfterUpdate(owners: readonly OwnedFields[], changes: FieldChanges, { by, now }: { by: FieldManager; now: string }): readonly OwnedFields[] {
  const { changed, removed } = changes;
  if (isEmptySet(changed) && isEmptySet(removed)) return owners;
  const mine = owners.find((entry) => isEntryOf(entry, by))?.fieldsV1 ?? EMPTY_SET;
  const touched = !isEmptySet(changed) || !isEmptySet(intersection(mine, removed));
  const others = owners.filter((entry) => !isEntryOf(entry, by)).map((entry) => withFields(entry, difference(difference(entry.fieldsV1, changed), removed)));
  const fieldsV1 = union(difference(mine, removed), changed);
  const own = touched ? entryOf(by, { fieldsV1, now }) : owners.find((entry) => isEntryOf(entry, by));
  return capped([...others, ...(own === undefined ? [] : [own])]);
}

/** The owners after a server-side apply: `applied` are its manager's; `taken` and `removed` are no longer of the others. */
export function ownersAfterApply(
  owners: readonly OwnedFields[], fields: FieldChanges & { applied: FieldSet; taken: FieldSet }, { by, now }: { by: FieldManager; now: string },
): readonly OwnedFields[] {
  const { applied, taken, changed, removed } = fields;
  const before = owners.find((entry) => isEntryOf(entry, by));
  const others = owners.filter((entry) => entry !== before).map((entry) => withFields(entry, difference(difference(entry.fieldsV1, taken), removed)));
  const nothingNew = before !== undefined && equalSets(before.fieldsV1, applied) && isEmptySet(intersection(applied, changed)) && isEmptySet(removed);
  return capped([...others, nothingNew ? before : entryOf(by, { fieldsV1: applied, now })]);
}

/** Everything that the managers other than `by` own. */
export function fieldsOfOthers(owners: readonly OwnedFields[], by: FieldManager): FieldSet {
  return owners.filter((entry) => !isEntryOf(entry, by)).reduce<FieldSet>((all, entry) => union(all, entry.fieldsV1), EMPTY_SET);
}

export function isEntryOf(entry: OwnedFields, { manager, operation, subresource }: FieldManager): boolean {
  return entry.manager === manager && entry.operation === operation && entry.subresource === subresource;
}

export function entryOf({ manager, operation, subresource }: FieldManager, { fieldsV1, now }: { fieldsV1: FieldSet; now: string }): OwnedFields {
  return { manager, operation, apiVersion: API_VERSION, time: wholeSeconds(now), fieldsType: 'FieldsV1', fieldsV1, ...(subresource === undefined ? {} : { subresource }) };
}

/** Whether the same managers own the same fields; since when does not count. */
export function sameOwners(a: readonly OwnedFields[], b: readonly OwnedFields[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  return a.every((entry) => {
    const other = b.find((candidate) => candidate.manager === entry.manager && candidate.operation === entry.operation && candidate.subresource === entry.subresource);
    return other !== undefined && equalSets(entry.fieldsV1, other.fieldsV1);
  });
}

function withFields(entry: OwnedFields, fieldsV1: FieldSet): OwnedFields {
  return fieldsV1 === entry.fieldsV1 ? entry : { ...entry, fieldsV1 };
}

/** In Kubernetes' order, without managers that own nothing, and the oldest updates as one when there are too many. */
function capped(owners: readonly OwnedFields[]): readonly OwnedFields[] {
  const kept = owners.filter((entry) => !isEmptySet(entry.fieldsV1)).sort(byOperationTimeAndName);
  const updates = kept.filter((entry) => entry.operation === 'Update');
  if (updates.length <= MAX_UPDATE_MANAGERS) return kept;
  const existing = updates.find((entry) => isEntryOf(entry, { manager: ANCIENT_CHANGES, operation: 'Update' }));
  const excess = updates.length - MAX_UPDATE_MANAGERS + (existing === undefined ? 1 : 0);
  const oldest = updates.filter((entry) => entry !== existing).slice(0, excess);
  const merged = existing === undefined ? oldest : [existing, ...oldest];
  const time = merged.map((entry) => entry.time ?? '').sort().at(-1);
  const ancient: OwnedFields = {
    manager: ANCIENT_CHANGES, operation: 'Update', apiVersion: API_VERSION, ...(time ? { time } : {}), fieldsType: 'FieldsV1',
    fieldsV1: merged.reduce<FieldSet>((all, entry) => union(all, entry.fieldsV1), EMPTY_SET),
  };
  return [...kept.filter((entry) => !merged.includes(entry)), ancient].sort(byOperationTimeAndName);
}

function byOperationTimeAndName(a: OwnedFields, b: OwnedFields): number {
  const keyOf = (entry: OwnedFields): string => `${entry.operation} ${entry.time ?? ''} ${entry.manager} ${entry.subresource ?? ''}`;
  const [keyOfA, keyOfB] = [keyOf(a), keyOf(b)];
  return keyOfA < keyOfB ? -1 : keyOfA > keyOfB ? 1 : 0;
}

function wholeSeconds(time: string): string {
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(time)) return `${time.slice(0, 19)}Z`;
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
