import { isStatusError, StatusError } from '#shared/api/status';
import { copyJson } from '#shared/kind/copyJson';
import type { KradleObject } from '#shared/kind/defineKind';
import { jsonEqual } from '#shared/kind/equality';
import { applyMergePatch } from '#shared/kind/mergePatch';
import { API_VERSION, type ObjectMeta } from '#shared/kind/objectMeta';
import { isPlainObject } from '#shared/kind/paths';
import type { ObjectVersion } from '../store/store';
import { admit } from './admission';
import { requireAccess } from './authorize';
import { checkDocumentDepth, checkSize, storableOwners } from './limits';
import { createdMetadata, updatedMetadata, withPropagation, type GivenMetadata } from './metadata';
import { normalize, type NormalizedInput } from './normalize';
import {
  changedMeanwhile, checkPreconditions, createObjectAccess, orLostRace, retryLostRaces, withOwners, type NamedTarget, type ObjectAccess, type Preconditions, type WritePathDeps, type WriteTarget,
} from './objectAccess';
import { describeObject, keyOf, organizationOf } from './objectScope';
import { allFields, compareFields } from './ownership/compareFields';
import { difference, type FieldSet } from './ownership/fieldSet';
import { entryOf, managerName, ownersAfterUpdate, ownersOfFields, readOwners, type FieldManager, type OwnedFields } from './ownership/managedFields';
import { ownedPart } from './ownership/ownedPart';
import { recordingWrite } from './recordingWrite';
import type { DeleteOptions, WriteOptions } from './resourceClient';
import { parseStatus } from './statusShape';
import { withDistinctWarnings } from './warnings';
import { plain } from './withoutManagedFields';

/** Tries to find a generated name that is free. */
const MAX_NAME_TRIES = 5;
/** The field that admission fills in when a document leaves it out. */
const FILLED_IN: FieldSet = { 'f:spec': { 'f:organizationRef': {} } };

export interface MutableDraft {
  metadata: ObjectMeta;
  spec: Record<string, unknown>;
}

/** Who owns the fields of an object after a write, asked once admission is through. */
export type OwnersAfter = (object: KradleObject) => readonly OwnedFields[];

/** What an object is to be: the metadata and the spec that the client wants. */
export interface Replacement {
  readonly given: { readonly metadata: GivenMetadata; readonly spec: Record<string, unknown> };
  readonly options: WriteOptions;
  readonly ownersAfter: OwnersAfter;
}

/** The verbs that write objects of any kind, apart from patches and statuses. `createResources` types them. */
export interface WritePath {
  readonly access: ObjectAccess;
  create(target: WriteTarget, input: unknown, opts: WriteOptions): Promise<KradleObject>;
  update(target: WriteTarget, input: unknown, opts: WriteOptions): Promise<KradleObject>;
  apply(target: WriteTarget, input: unknown, opts: WriteOptions): Promise<{ object: KradleObject; operation: 'created' | 'configured' | 'unchanged' }>;
  mutate(target: NamedTarget, change: (draft: MutableDraft, current: KradleObject) => void): Promise<KradleObject>;
  delete(target: NamedTarget, opts: Preconditions & Pick<DeleteOptions, 'propagation' | 'dryRun' | 'onWarning'>): Promise<KradleObject>;
  /** Settles what a document is and where it belongs. */
  normalizeDocument(target: WriteTarget, input: unknown, opts: WriteOptions): NormalizedInput;
  /** Creates what was normalised; `ownersAfter` defaults to the client that creates. */
  createNormalized(target: WriteTarget, normalized: NormalizedInput, opts: { options: WriteOptions; ownersAfter?: OwnersAfter }): Promise<KradleObject>;
  /** Admits and stores a new spec and metadata for an object, or finds that nothing changed. */
  replace(target: NamedTarget, current: KradleObject, replacement: Replacement): Promise<KradleObject>;
}

export function createWritePath(deps: WritePathDeps): WritePath {
  const { store, authorizer } = deps;
  const access = createObjectAccess(deps);

  function normalizeDocument(target: WriteTarget, input: unknown, opts: WriteOptions): NormalizedInput {
    checkDocumentDepth(input);
    const { fieldValidation, onWarning } = opts;
    const strategy = deps.strategies.get(target.kind.names.kind);
    const normalizeName = (name: string): string => strategy?.normalizeName?.(name) ?? name;
    return normalize(target.kind, target.org, { input, uuid: deps.uuid, fieldValidation, onWarning, normalizeName });
  }

  async function create(target: WriteTarget, input: unknown, opts: WriteOptions): Promise<KradleObject> {
    const options = withDistinctWarnings(opts);
    for (let attempt = 1; ; attempt += 1) {
      const normalized = normalizeDocument(target, hasName(input) ? input : await withName(target, input), options);
      try {
        return await createNormalized(target, normalized, { options });
      } catch (error) {
        const generated = isPlainObject(input) && isPlainObject(input.metadata) && !hasName(input);
        if (!generated || attempt >= MAX_NAME_TRIES || !isStatusError(error, 'AlreadyExists')) throw error;
      }
    }
  }

  /** The input with the name that its kind gives to objects which come without one. */
  async function withName(target: WriteTarget, input: unknown): Promise<unknown> {
    if (!isPlainObject(input)) return input;
    const { metadata = {} } = input;
    if (!isPlainObject(metadata) || metadata.name || metadata.generateName) return input;
    const strategy = deps.strategies.get(target.kind.names.kind);
    const name = await strategy?.defaultName?.(input.spec, { actor: target.actor, org: target.org, resources: deps.systemClient(), now: deps.now() });
    return name === undefined ? input : { ...input, metadata: { ...metadata, name } };
  }

  /** Throws unless the organization takes new objects; what is created has the version of it that was found as its condition. */
  async function writableOrganization({ kind, org, actor }: WriteTarget): Promise<ObjectVersion | undefined> {
    return kind.placement === 'org' ? await deps.scope.requireWritable(actor, org) : undefined;
  }

  async function createNormalized(target: WriteTarget, normalized: NormalizedInput, opts: { options: WriteOptions; ownersAfter?: OwnersAfter }): Promise<KradleObject> {
    const { kind, org, actor } = target;
    const { options } = opts;
    const { name } = normalized.metadata;
    if (normalized.metadata.resourceVersion) {
      throw new StatusError('BadRequest', 'metadata.resourceVersion must not be set on an object that is to be created; leave it out');
    }
    const draft: KradleObject = {
      apiVersion: API_VERSION,
      kind: kind.names.kind,
      metadata: createdMetadata(kind, org, { given: normalized.metadata, uid: deps.uuid(), now: deps.now(), organization: deps.organization }),
      spec: normalized.spec ?? emptySpec(target),
    };
    const request = { verb: 'create', kind, org: organizationOf(kind, draft), name } as const;
    // What is new stands before what is spread: adding keys to it takes V8 several times as long.
    await requireAccess(authorizer, actor, { proposed: draft, draft: true, ...request });
    let condition = await writableOrganization(target);
    const admitted = await admit(deps, { kind, org, operation: 'create', actor, draft, options });
    target.rule = await requireAccess(authorizer, actor, { proposed: admitted, ...request });
    const object = actor.kind === 'system' && normalized.status !== undefined ? { ...admitted, status: parseStatus(kind, admitted, normalized.status) } : admitted;
    if (object !== admitted) checkSize(object);
    const owners = opts.ownersAfter?.(object) ?? ownersOfCreated(object, { by: updateBy(target, options), now: deps.now(), filledOrganization: normalized.filledOrganization });
    const owned = withOwners(object, storableOwners(object, owners, options.onWarning));
    const key = keyOf(kind, org, name);
    const put = async (): Promise<KradleObject> => {
      if (options.dryRun === true) {
        if ((await store.get(key)) !== undefined) throw alreadyExists(target, name);
        return owned;
      }
      try {
        return await retryLostRaces(async (attempt) => {
          // The organization is another one than was found: it may be going, and what is stored now would be left behind.
          if (attempt > 1) condition = await writableOrganization(target);
          return await recordingWrite(target, { verb: 'create', object: owned }, (record) => orLostRace(store.create(key, owned, { record, condition }), 'Conflict'));
        });
      } catch (error) {
        throw isStatusError(error, 'AlreadyExists') ? alreadyExists(target, name, error) : error;
      }
    };
    // Records are bounded by how long they are kept.
    const created = kind.appendOnly === true ? await put() : await deps.quota.during(kind, org, put);
    if (options.dryRun === true) return created;
    access.logWrite(target, name, 'created');
    return created;
  }

  async function replace(target: NamedTarget, current: KradleObject, { given, options, ownersAfter }: Replacement): Promise<KradleObject> {
    const { kind, org, actor, name } = target;
    const draft: KradleObject = { ...current, metadata: updatedMetadata(kind, org, { current: plain(current).metadata, given: given.metadata }), spec: given.spec };
    const request = { verb: 'update', kind, org: organizationOf(kind, current), name, object: current } as const;
    await requireAccess(authorizer, actor, { proposed: draft, draft: true, ...request });
    const admitted = await admit(deps, { kind, org, operation: 'update', actor, current, draft, options });
    target.rule = await requireAccess(authorizer, actor, { proposed: admitted, ...request });
    const generation = current.metadata.generation + (jsonEqual(current.spec, admitted.spec) ? 0 : 1);
    const object = { ...admitted, metadata: { ...admitted.metadata, generation } };
    return access.commit(target, current, { object, owners: ownersAfter(object), options });
  }

  async function update(target: WriteTarget, input: unknown, opts: WriteOptions): Promise<KradleObject> {
    const options = withDistinctWarnings(opts);
    const normalized = normalizeDocument(target, input, options);
    const named = { ...target, name: normalized.metadata.name };
    return retryLostRaces(async () => {
      const current = await access.loadToWrite(named, 'update');
      checkPreconditions(named, current, normalized.metadata);
      const given = { metadata: normalized.metadata, spec: normalized.spec ?? current.spec };
      const ownersAfter = ownersAfterWrite(current, { by: updateBy(target, options), now: deps.now(), said: normalized.metadata.managedFields });
      return replace(named, current, { given, options, ownersAfter });
    });
  }

  async function apply(target: WriteTarget, input: unknown, opts: WriteOptions) {
    const options = withDistinctWarnings(opts);
    const patch = normalizeDocument(target, hasName(input) ? input : await withName(target, input), options);
    const named = { ...target, name: patch.metadata.name };
    return retryLostRaces(async () => {
      const current = await access.findToApply(named);
      if (current === undefined) {
        if (patch.metadata.resourceVersion) throw changedMeanwhile(named, 'it was deleted since you read it');
        const object = await orLostRace(createNormalized(target, applyMergePatch({}, patch) as NormalizedInput, { options }), 'AlreadyExists');
        return { object, operation: 'created' as const };
      }
      checkPreconditions(named, current, patch.metadata);
      const merged = applyMergePatch({ metadata: current.metadata, spec: current.spec }, { metadata: patch.metadata, spec: patch.spec ?? {} }) as MutableDraft;
      const ownersAfter = ownersAfterWrite(current, { by: updateBy(target, options), now: deps.now() });
      const object = await replace(named, current, { given: { metadata: wholeMetadata(merged.metadata), spec: merged.spec }, options, ownersAfter });
      const unchanged = jsonEqual(object, current);
      return { object, operation: unchanged ? ('unchanged' as const) : ('configured' as const) };
    });
  }

  async function mutate(target: NamedTarget, change: (draft: MutableDraft, current: KradleObject) => void): Promise<KradleObject> {
    return retryLostRaces(async () => {
      const current = await access.loadToWrite(target, 'update');
      const { metadata, spec } = plain(current);
      const draft: MutableDraft = copyJson({ metadata, spec });
      change(draft, current);
      // Fields that an older version stored and the kind no longer has are dropped rather than refused.
      const options: WriteOptions = { fieldValidation: 'ignore' };
      const ownersAfter = ownersAfterWrite(current, { by: updateBy(target, options), now: deps.now() });
      return replace(target, current, { given: { metadata: wholeMetadata(draft.metadata), spec: draft.spec }, options, ownersAfter });
    });
  }

  async function remove(target: NamedTarget, opts: Preconditions & Pick<DeleteOptions, 'propagation' | 'dryRun' | 'onWarning'>): Promise<KradleObject> {
    return retryLostRaces(async () => {
      const current = await access.loadToWrite(target, 'delete');
      checkPreconditions(target, current, opts);
      const strategy = deps.strategies.get(target.kind.names.kind);
      await strategy?.beforeDelete?.(current, { actor: target.actor, org: target.org, resources: deps.systemClient(), now: deps.now() });
      const metadata = { ...withPropagation(current.metadata, opts.propagation), deletionTimestamp: current.metadata.deletionTimestamp ?? deps.now() };
      return access.commit(target, current, { object: { ...current, metadata }, owners: ownersOfFields(current.metadata), options: opts });
    });
  }

  return { access, create, update, apply, mutate, delete: remove, normalizeDocument, createNormalized, replace };
}

/** The manager of a write that is no server-side apply. */
export function updateBy(target: WriteTarget, options: WriteOptions, subresource?: 'status'): FieldManager {
  return { manager: managerName(options.fieldManager ?? target.actor.name), operation: 'Update', ...(subresource === undefined ? {} : { subresource }) };
}

/**
 * The owners after a write that replaces or patches `current`. An object that has none is not followed until somebody applies it, as in
 * Kubernetes: who wrote what is in it is not known. `said` are the owners that the client sent.
 */
export function ownersAfterWrite(current: KradleObject, { by, now, said }: { by: FieldManager; now: string; said?: unknown }): OwnersAfter {
  const owners = readOwners(said) ?? ownersOfFields(current.metadata);
  if (owners.length === 0) return () => owners;
  return (object) => ownersAfterUpdate(owners, compareFields(ownedPart(current, by.subresource), ownedPart(object, by.subresource)), { by, now });
}

/** The whole of an object's metadata as it is to be: finalizers and owners that are not in it are meant to go. */
export function wholeMetadata(metadata: ObjectMeta): ObjectMeta {
  return { ...metadata, finalizers: metadata.finalizers ?? [], ownerReferences: metadata.ownerReferences ?? [] };
}

function ownersOfCreated(object: KradleObject, { by, now, filledOrganization }: { by: FieldManager; now: string; filledOrganization: boolean }): readonly OwnedFields[] {
  const fields = allFields(ownedPart(object));
  return [entryOf(by, { fieldsV1: filledOrganization ? difference(fields, FILLED_IN) : fields, now })];
}

function hasName(input: unknown): boolean {
  return isPlainObject(input) && isPlainObject(input.metadata) && Boolean(input.metadata.name);
}

/** What a document without a spec asks for; the kind says whether that is enough. */
function emptySpec({ kind, org }: WriteTarget): Record<string, unknown> {
  return Object.hasOwn(kind.spec.shape, 'organizationRef') ? { organizationRef: org } : {};
}

function alreadyExists(target: WriteTarget, name: string, cause?: unknown): StatusError {
  const { kind, org } = target;
  return new StatusError('AlreadyExists', `${kind.names.kind} "${name}" is there already${kind.placement === 'org' ? `, in organization "${org}"` : ''}; choose another name`, {
    resource: describeObject(kind, keyOf(kind, org, name)),
    cause,
  });
}
