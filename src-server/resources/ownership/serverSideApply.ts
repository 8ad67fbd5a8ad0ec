import { StatusError, type StatusCause } from '#shared/api/status';
import type { KradleObject } from '#shared/kind/defineKind';
import { mergeFields, presentFields, removeDisowned } from './applyFields';
import { allFields, appliedFields, compareFields, type OwnedPart } from './compareFields';
import { difference, EMPTY_SET, intersection, isEmptySet, pathsOf, union, type FieldSet } from './fieldSet';
import { entryOf, fieldsOfOthers, isEntryOf, ownersAfterApply, ownersOfFields, type FieldManager, type OwnedFields } from './managedFields';
import { ownedPart } from './ownedPart';

/** Who owns what stood in an object before anyone's fields were kept. */
const BEFORE_FIRST_APPLY = 'before-first-apply';
/** Conflicts that one refusal lists at most. */
const MAX_CONFLICTS = 1_000;

export interface ServerSideApply {
  readonly live: KradleObject;
  /** The part of the document whose fields can be owned. */
  readonly applied: OwnedPart;
  readonly by: FieldManager;
  /** Takes over what others own. */
  readonly force: boolean;
  /** What the manager applied last by other means, whose fields it may take over without force. */
  readonly appliedBefore?: OwnedPart | undefined;
  readonly now: string;
}

export interface AppliedPart {
  /** The live object's part with what is applied, without what its manager no longer applies and no one else owns. */
  readonly part: OwnedPart;
  /** The owners once admission has made `object` of the part. */
  readonly ownersAfter: (object: KradleObject) => readonly OwnedFields[];
}

/**
 * Server-side apply. Source of the rules: Kubernetes' documentation of it, and structured-merge-diff: a field of another value than the
 * live one that another manager owns is a conflict; with `force` it is taken over; a field of the same value is shared; a field that its
 * manager applied before and no longer does goes, unless another manager owns it.
 *
 * @throws Conflict with a cause of code `FieldManagerConflict` for each field and manager.
 */
export function serverSideApply({ live, applied, by, force, appliedBefore, now }: ServerSideApply): AppliedPart {
  const livePart = ownedPart(live, by.subresource);
  const owners = ownersBeforeApply(live, now);
  const last = owners.find((entry) => isEntryOf(entry, by))?.fieldsV1 ?? EMPTY_SET;
  const fields = union(appliedFields(applied), unsaidSpec(applied, last));
  const merged = mergeFields(livePart, applied);
  const part = isEmptySet(last) ? merged : removeDisowned(merged, last, union(fieldsOfOthers(owners, by), fields));
  // What the removal of fields does to the objects that held them is no change of those: they stay with who owns them.
  const touched = union(compareFields(livePart, merged).changed, compareFields(livePart, part).removed);
  if (!force) refuseConflicts(owners, { by, touched: appliedBefore === undefined ? touched : difference(touched, unchangedSince(appliedBefore, livePart)) });
  return {
    part,
    ownersAfter(object) {
      const admitted = ownedPart(object, by.subresource);
      const actual = compareFields(livePart, admitted);
      return ownersAfterApply(owners, { ...actual, applied: presentFields(fields, admitted), taken: touched }, { by, now });
    },
  };
}

/** The owners of a new object that is applied. */
export function ownersOfApplied(applied: OwnedPart, object: KradleObject, { by, now }: { by: FieldManager; now: string }): readonly OwnedFields[] {
  return [entryOf(by, { fieldsV1: presentFields(appliedFields(applied), ownedPart(object)), now })];
}

/**
 * A document without a spec says nothing of it, where Kubernetes would take away what the manager applied before: documents of the seeds
 * carry a status alone.
 */
function unsaidSpec(applied: OwnedPart, last: FieldSet): FieldSet {
  const spec = last['f:spec'];
  return applied.spec === undefined && spec !== undefined ? { 'f:spec': spec } : EMPTY_SET;
}

function ownersBeforeApply(live: KradleObject, now: string): readonly OwnedFields[] {
  const owners = ownersOfFields(live.metadata);
  return owners.length > 0 ? owners : [entryOf({ manager: BEFORE_FIRST_APPLY, operation: 'Update' }, { fieldsV1: allFields(ownedPart(live)), now })];
}

/** The fields of a document that the live object still has as the document says. */
function unchangedSince(document: OwnedPart, live: OwnedPart): FieldSet {
  return difference(appliedFields(document), compareFields(live, document).changed);
}

function refuseConflicts(owners: readonly OwnedFields[], { by, touched }: { by: FieldManager; touched: FieldSet }): void {
  const conflicts = owners
    .filter((entry) => !isEntryOf(entry, by))
    .map((entry) => ({ manager: describeManager(entry), paths: pathsOf(intersection(entry.fieldsV1, touched)) }))
    .filter(({ paths }) => paths.length > 0)
    .sort((a, b) => (a.manager < b.manager ? -1 : 1));
  if (conflicts.length === 0) return;
  const causes = conflicts.flatMap(({ manager, paths }) => paths.map((field): StatusCause => ({ code: 'FieldManagerConflict', field, message: `conflict with ${manager}` })));
  throw new StatusError('Conflict', conflictMessage(conflicts, causes), { code: 'FIELD_MANAGER_CONFLICT', causes: causes.slice(0, MAX_CONFLICTS) });
}

/** In the words of Kubernetes, which kubectl shows as they are. */
function conflictMessage(conflicts: readonly { manager: string; paths: readonly string[] }[], causes: readonly StatusCause[]): string {
  const [only] = causes;
  if (causes.length === 1 && only !== undefined) return `Apply failed with 1 conflict: ${only.message}: ${only.field ?? ''}`;
  const lines = conflicts.flatMap(({ manager, paths }) => [`conflicts with ${manager}:`, ...paths.slice(0, MAX_CONFLICTS).map((path) => `- ${path}`)]);
  return `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`;
}

function describeManager({ manager, operation, subresource, apiVersion }: OwnedFields): string {
  const named = subresource === undefined ? JSON.stringify(manager) : `${JSON.stringify(manager)} with subresource ${JSON.stringify(subresource)}`;
  return operation === 'Update' ? `${named} using ${apiVersion}` : named;
}
