import { StatusError, type StatusCause } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { specJsonSchema } from '#shared/kind/jsonSchema';
import { applyMergePatch } from '#shared/kind/mergePatch';
import type { ObjectMeta } from '#shared/kind/objectMeta';
import { isPlainObject } from '#shared/kind/paths';
import { applyJsonPatch } from './jsonPatch';
import { checkDocumentDepth } from './limits';
import { normalize, type NormalizedInput } from './normalize';
import { changedMeanwhile, checkPreconditions, orLostRace, retryLostRaces, type NamedTarget, type WritePathDeps } from './objectAccess';
import type { OwnedPart } from './ownership/compareFields';
import { LAST_APPLIED_ANNOTATION, lastAppliedDocument, withLastApplied } from './ownership/lastApplied';
import type { FieldManager } from './ownership/managedFields';
import { ownedPart } from './ownership/ownedPart';
import { ownersOfApplied, serverSideApply } from './ownership/serverSideApply';
import type { ObjectPatch, PatchOptions } from './resourceClient';
import { readDeclaredFields } from './schemaCauses';
import { declaredStatus, type StatusWrites } from './statusWrites';
import { withDistinctWarnings } from './warnings';
import { ownersAfterWrite, updateBy, wholeMetadata, type OwnersAfter, type WritePath } from './writePath';

/** The manager whose server-side apply takes over from kubectl's client-side apply. Source: Kubernetes. */
const KUBECTL = 'kubectl';
/** Causes that one refusal lists at most. */
const MAX_CAUSES = 100;

export interface Patched {
  readonly object: KradleObject;
  readonly created: boolean;
}

/** Carries out the three kinds of patch. */
export function createPatchWrites(deps: WritePathDeps, writes: WritePath, statuses: StatusWrites) {
  const { access } = writes;

  async function patch(target: NamedTarget, change: ObjectPatch, opts: PatchOptions): Promise<Patched> {
    const options = withDistinctWarnings(opts);
    return retryLostRaces(() => (change.type === 'apply' ? applyDocument(target, change, options) : patchStored(target, change, options)));
  }

  async function patchStored(target: NamedTarget, change: Exclude<ObjectPatch, { type: 'apply' }>, options: PatchOptions): Promise<Patched> {
    const { subresource } = options;
    if (change.type === 'merge') checkDocumentDepth(change.patch);
    const current = await access.loadToWrite(target, subresource === 'status' ? 'update-status' : 'update');
    const patched = change.type === 'json' ? applyJsonPatch(current, change.operations) : applyMerge(current, change.patch);
    checkDocumentDepth(patched);
    const document = subresource === 'status' && isPlainObject(patched) ? { ...patched, spec: undefined } : patched;
    const { fieldValidation, onWarning } = options;
    const normalized = normalize(target.kind, target.org, { input: document, uuid: deps.uuid, fieldValidation, onWarning });
    checkName(target, normalized);
    checkPreconditions(target, current, normalized.metadata);
    const said = subresource === undefined ? normalized.metadata.managedFields : undefined;
    const ownersAfter = ownersAfterWrite(current, { by: updateBy(target, options, subresource), now: deps.now(), said });
    if (subresource === 'status') {
      const status = declaredStatus(target, normalized.status ?? {}, options);
      return { object: await statuses.replaceStatus(target, current, { status, options, ownersAfter }), created: false };
    }
    const given = { metadata: wholeMetadata(normalized.metadata as ObjectMeta), spec: normalized.spec ?? current.spec };
    return { object: await writes.replace(target, current, { given, options, ownersAfter }), created: false };
  }

  async function applyDocument(target: NamedTarget, change: Extract<ObjectPatch, { type: 'apply' }>, options: PatchOptions): Promise<Patched> {
    const { kind, org } = target;
    const { subresource } = options;
    const document = readAppliedDocument(target, change.object);
    const normalized = writes.normalizeDocument(target, document, options);
    checkName(target, normalized);
    const current = await findToApply(target, subresource);
    const by: FieldManager = { ...updateBy(target, options, subresource), operation: 'Apply' };
    const applied = appliedPart(target, normalized, options);
    if (current === undefined) {
      const { resourceVersion, uid } = normalized.metadata;
      if (resourceVersion || uid) throw changedMeanwhile(target, 'it was deleted since you read it');
      const spec = isPlainObject(applied.spec) ? applied.spec : undefined;
      const ownersAfter: OwnersAfter = (object) => ownersOfApplied(applied, object, { by, now: deps.now() });
      const creation = writes.createNormalized(target, spec === undefined ? normalized : { ...normalized, spec: withOrganization(kind, org, spec) }, { options, ownersAfter });
      return { object: await orLostRace(creation, 'AlreadyExists'), created: true };
    }
    checkPreconditions(target, current, normalized.metadata);
    const isKubectl = by.manager === KUBECTL && subresource === undefined;
    const last = isKubectl ? lastAppliedDocument(current.metadata) : undefined;
    const { part, ownersAfter } = serverSideApply({ live: current, applied, by, force: change.force, appliedBefore: readLastApplied(target, last), now: deps.now() });
    if (subresource === 'status') {
      return { object: await statuses.replaceStatus(target, current, { status: part.status ?? {}, options, ownersAfter }), created: false };
    }
    const metadata = wholeMetadata({ ...current.metadata, ...ABSENT_METADATA, ...(part.metadata ?? {}) });
    const annotations = isKubectl && metadata.annotations?.[LAST_APPLIED_ANNOTATION] !== undefined ? withLastApplied(metadata.annotations, change.object) : metadata.annotations;
    // A document without the section says nothing of it, as everywhere; older ones hold a status alone.
    const spec = normalized.spec === undefined ? current.spec : withOrganization(kind, org, isPlainObject(part.spec) ? part.spec : {});
    return { object: await writes.replace(target, current, { given: { metadata: { ...metadata, annotations }, spec }, options: { ...options, fieldValidation: 'ignore' }, ownersAfter }), created: false };
  }

  /** The object that is applied to; one that is not there is created, but not through its status. */
  async function findToApply(target: NamedTarget, subresource: PatchOptions['subresource']): Promise<KradleObject | undefined> {
    if (subresource === 'status') return access.loadToWrite(target, 'update-status');
    return access.findToApply(target);
  }

  /** What kubectl's client-side apply says of an object, as far as it can still be understood. */
  function readLastApplied(target: NamedTarget, document: unknown): OwnedPart | undefined {
    if (document === undefined) return undefined;
    try {
      return appliedPart(target, writes.normalizeDocument(target, document, { fieldValidation: 'ignore' }), { fieldValidation: 'ignore' });
    } catch (error) {
      if (error instanceof StatusError) return undefined;
      throw error;
    }
  }

  return { patch };
}

/** Metadata that an object has no more after an apply, unless what is left of it says so. */
const ABSENT_METADATA = { labels: undefined, annotations: undefined, ownerReferences: undefined, finalizers: undefined } as const;

function applyMerge(current: KradleObject, patch: unknown): unknown {
  if (!isPlainObject(patch)) throw new StatusError('BadRequest', 'A merge patch of an object is an object that holds what is to change');
  return applyMergePatch(current, patch);
}

/** The document with the name that the request says, if it says none itself. */
function readAppliedDocument(target: NamedTarget, document: unknown): Record<string, unknown> {
  if (!isPlainObject(document)) throw new StatusError('BadRequest', `Send the ${target.kind.names.kind} as an object with the fields that it shall have`);
  const { metadata = {} } = document;
  if (!isPlainObject(metadata)) return document;
  if (metadata.managedFields !== undefined && metadata.managedFields !== null) {
    const message = 'metadata.managedFields must not be in a document that is applied; leave it out';
    throw new StatusError('BadRequest', message, { causes: [{ code: 'FieldValueForbidden', field: 'metadata.managedFields', message }] });
  }
  return { ...document, metadata: { name: target.name, ...metadata } };
}

/** The part of a document whose fields its manager will own. Unknown fields are refused, told of or left out, as the options say. */
function appliedPart(target: NamedTarget, { metadata, spec, status, filledOrganization }: NormalizedInput, options: PatchOptions): OwnedPart {
  if (options.subresource === 'status') return status === undefined ? {} : { status: declaredStatus(target, status, options) };
  if (spec === undefined) return ownedPart({ metadata, spec: undefined });
  const { organizationRef: _filled, ...said } = spec;
  return ownedPart({ metadata, spec: declaredSpec(target, filledOrganization ? said : spec, options) });
}

function declaredSpec({ kind, name }: NamedTarget, spec: Record<string, unknown>, { fieldValidation = 'strict', onWarning }: PatchOptions): Record<string, unknown> {
  const { value, unknown } = readDeclaredFields(specJsonSchema(kind), spec, 'spec');
  if (fieldValidation === 'strict' && unknown.length > 0) throw invalid(kind, name, unknown);
  if (fieldValidation === 'warn') for (const { field = '' } of unknown) onWarning?.(`unknown field "${field}"`);
  return isPlainObject(value) ? value : {};
}

function withOrganization(kind: AnyKind, org: string, spec: Record<string, unknown>): Record<string, unknown> {
  return Object.hasOwn(kind.spec.shape, 'organizationRef') ? { ...spec, organizationRef: org } : spec;
}

function checkName(target: NamedTarget, { metadata }: NormalizedInput): void {
  if (metadata.name === target.name) return;
  const message = `metadata.name must be "${target.name}": an object cannot be renamed`;
  throw invalid(target.kind, target.name, [{ code: 'FieldValueInvalid', field: 'metadata.name', message }]);
}

function invalid(kind: AnyKind, name: string, causes: readonly StatusCause[]): StatusError {
  const shown = causes.slice(0, 3).map((cause) => cause.message).join('; ');
  return new StatusError('Invalid', `${kind.names.kind} "${name}" is invalid: ${shown}`, { causes: causes.slice(0, MAX_CAUSES) });
}
