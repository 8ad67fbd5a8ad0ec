import { isStatusError, StatusError, type StatusReason } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { jsonEqual } from '#shared/kind/equality';
import { applyMergePatch } from '#shared/kind/mergePatch';
import { API_VERSION, objectName, type ObjectMeta } from '#shared/kind/objectMeta';
import { isPlainObject } from '#shared/kind/paths';
import type { Logger } from '../app/log';
import type { Store } from '../store/store';
import type { Actor } from './actor';
import { admit, type AdmissionDeps } from './admission';
import { requireAccess, type Authorizer } from './authorize';
import { applyJsonPatch } from './jsonPatch';
import { checkDepth, checkSize } from './limits';
import { createdMetadata, updatedMetadata } from './metadata';
import { normalize, type NormalizedInput } from './normalize';
import { describeObject, keyOf, organizationOf } from './objectScope';
import type { OrganizationScope } from './organizationScope';
import type { ObjectPatch, PatchOptions, WriteOptions } from './resourceClient';
import { parseStatus } from './statusShape';

/** Tries of a read-modify-write before its Conflict reaches the caller. Each lost try means that another writer got through. */
const MAX_CONFLICT_TRIES = 30;
/** Tries to find a generated name that is free. */
const MAX_NAME_TRIES = 5;

export interface WritePathDeps extends AdmissionDeps {
  readonly store: Store;
  readonly scope: OrganizationScope;
  readonly authorize: Authorizer;
  readonly organization: AnyKind;
  readonly uuid: () => string;
  readonly log: Logger;
}

/** Who writes what kind of object in which organization. */
export interface WriteTarget {
  readonly actor: Actor;
  readonly kind: AnyKind;
  readonly org: string;
}

export interface NamedTarget extends WriteTarget {
  readonly name: string;
}

export interface Preconditions {
  readonly resourceVersion?: string;
  readonly uid?: string;
}

export interface MutableDraft {
  metadata: ObjectMeta;
  spec: Record<string, unknown>;
}

/** The verbs that write, for objects of any kind. `createResources` types them. */
export interface WritePath {
  create(target: WriteTarget, input: unknown, opts: WriteOptions): Promise<KradleObject>;
  update(target: WriteTarget, input: unknown, opts: WriteOptions): Promise<KradleObject>;
  apply(target: WriteTarget, input: unknown, opts: WriteOptions): Promise<{ object: KradleObject; operation: 'created' | 'configured' | 'unchanged' }>;
  mutate(target: NamedTarget, change: (draft: MutableDraft, current: KradleObject) => void): Promise<KradleObject>;
  updateStatus(target: WriteTarget, input: unknown, opts: WriteOptions): Promise<KradleObject>;
  patch(target: NamedTarget, patch: ObjectPatch, opts: PatchOptions): Promise<{ object: KradleObject; created: boolean }>;
  mutateStatus(target: NamedTarget, change: (status: Record<string, unknown>, current: KradleObject) => void): Promise<KradleObject>;
  delete(target: NamedTarget, opts: Preconditions & WriteOptions): Promise<KradleObject>;
}

export function createWritePath(deps: WritePathDeps): WritePath {
  const { store, authorize } = deps;

  async function create(target: WriteTarget, input: unknown, opts: WriteOptions): Promise<KradleObject> {
    checkDepth(input);
    for (let attempt = 1; ; attempt += 1) {
      const normalized = normalize(target.kind, target.org, { input: await withName(target, input), uuid: deps.uuid, fieldValidation: opts.fieldValidation });
      try {
        return await createNormalized(target, normalized, opts);
      } catch (error) {
        const generated = isPlainObject(input) && isPlainObject(input.metadata) && !input.metadata.name;
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

  async function createNormalized(target: WriteTarget, normalized: NormalizedInput, opts: WriteOptions): Promise<KradleObject> {
    const { kind, org, actor } = target;
    const { name } = normalized.metadata;
    if (normalized.metadata.resourceVersion) {
      throw new StatusError('BadRequest', 'metadata.resourceVersion must not be set on an object that is to be created; leave it out');
    }
    const draft: KradleObject = {
      apiVersion: API_VERSION,
      kind: kind.names.kind,
      metadata: createdMetadata(kind, org, { given: normalized.metadata, uid: deps.uuid(), now: deps.now(), organization: deps.organization }),
      spec: normalized.spec,
    };
    await requireAccess(authorize, actor, { verb: 'create', kind, org: organizationOf(kind, draft), name });
    if (kind.placement === 'org') await deps.scope.requireWritable(actor, org);
    const admitted = await admit(deps, { kind, org, operation: 'create', actor, draft, options: opts });
    const object = actor.kind === 'system' && normalized.status !== undefined ? { ...admitted, status: parseStatus(kind, admitted, normalized.status) } : admitted;
    checkSize(object);
    const key = keyOf(kind, org, name);
    if (opts.dryRun === true) {
      if ((await store.get(key)) !== undefined) throw alreadyExists(target, name);
      return object;
    }
    try {
      const stored = await store.create(key, object);
      logWrite(target, name, 'created');
      return stored;
    } catch (error) {
      throw isStatusError(error, 'AlreadyExists') ? alreadyExists(target, name, error) : error;
    }
  }

  async function load(target: NamedTarget): Promise<KradleObject> {
    const { kind, org, name, actor } = target;
    const found = await store.get(keyOf(kind, org, name));
    if (found !== undefined) return found;
    if (kind.placement === 'org') await deps.scope.requireExisting(actor, org);
    throw new StatusError('NotFound', `There is no ${kind.names.kind} "${name}"${kind.placement === 'org' ? ` in organization "${org}"` : ''}`, {
      resource: describeObject(kind, keyOf(kind, org, name)),
    });
  }

  async function loadToWrite(target: NamedTarget, verb: 'update' | 'update-status' | 'delete'): Promise<KradleObject> {
    const { kind, org, name, actor } = target;
    // Platform objects say themselves which organization they belong to; for all others the answer must not depend on existence.
    if (kind.placement === 'org') await requireAccess(authorize, actor, { verb, kind, org, name });
    const current = await load(target);
    if (kind.placement === 'platform') await requireAccess(authorize, actor, { verb, kind, org: organizationOf(kind, current), name });
    return current;
  }

  /** Admits and stores a new spec and metadata for an object, or finds that nothing changed. */
  async function replace(target: NamedTarget, current: KradleObject, opts: { given: Pick<NormalizedInput, 'metadata' | 'spec'>; options: WriteOptions }): Promise<KradleObject> {
    const { kind, org, actor } = target;
    const draft: KradleObject = { ...current, metadata: updatedMetadata(kind, org, { current: current.metadata, given: opts.given.metadata }), spec: opts.given.spec };
    const admitted = await admit(deps, { kind, org, operation: 'update', actor, current, draft, options: opts.options });
    const generation = current.metadata.generation + (jsonEqual(current.spec, admitted.spec) ? 0 : 1);
    return commit(target, current, { object: { ...admitted, metadata: { ...admitted.metadata, generation } }, dryRun: opts.options.dryRun === true });
  }

  async function commit(target: NamedTarget, current: KradleObject, opts: { object: KradleObject; dryRun: boolean }): Promise<KradleObject> {
    const { object, dryRun } = opts;
    if (jsonEqual(current, object)) return current;
    if (dryRun) return object;
    const key = keyOf(target.kind, target.org, target.name);
    const expectedResourceVersion = current.metadata.resourceVersion;
    if (object.metadata.deletionTimestamp !== undefined && (object.metadata.finalizers ?? []).length === 0) {
      const deleted = await orLostRace(store.delete(key, { expectedResourceVersion }), 'Conflict', 'NotFound');
      logWrite(target, target.name, 'deleted');
      return deleted;
    }
    const stored = await orLostRace(store.update(key, object, { expectedResourceVersion }), 'Conflict', 'NotFound');
    logWrite(target, target.name, 'updated');
    return stored;
  }

  async function update(target: WriteTarget, input: unknown, opts: WriteOptions): Promise<KradleObject> {
    checkDepth(input);
    const normalized = normalize(target.kind, target.org, { input, uuid: deps.uuid, fieldValidation: opts.fieldValidation });
    const named = { ...target, name: normalized.metadata.name };
    return retryLostRaces(async () => {
      const current = await loadToWrite(named, 'update');
      checkPreconditions(named, current, normalized.metadata);
      return replace(named, current, { given: normalized, options: opts });
    });
  }

  async function apply(target: WriteTarget, input: unknown, opts: WriteOptions) {
    checkDepth(input);
    const patch = normalize(target.kind, target.org, { input: await withName(target, input), uuid: deps.uuid, fieldValidation: opts.fieldValidation });
    const named = { ...target, name: patch.metadata.name };
    return retryLostRaces(async () => {
      // What cannot be a name is of no object; creating says what is wrong with it, beside everything else that is.
      const current = objectName.safeParse(named.name).success ? await store.get(keyOf(target.kind, target.org, named.name)) : undefined;
      if (current === undefined) {
        if (patch.metadata.resourceVersion) throw changedMeanwhile(named, 'it was deleted since you read it');
        const object = await orLostRace(createNormalized(target, applyMergePatch({}, patch) as NormalizedInput, opts), 'AlreadyExists');
        return { object, operation: 'created' as const };
      }
      await requireAccess(authorize, target.actor, { verb: 'update', kind: target.kind, org: organizationOf(target.kind, current), name: named.name });
      checkPreconditions(named, current, patch.metadata);
      const merged = applyMergePatch({ metadata: current.metadata, spec: current.spec }, { metadata: patch.metadata, spec: patch.spec }) as MutableDraft;
      const object = await replace(named, current, { given: { metadata: wholeMetadata(merged.metadata), spec: merged.spec }, options: opts });
      const unchanged = jsonEqual(object, current);
      return { object, operation: unchanged ? ('unchanged' as const) : ('configured' as const) };
    });
  }

  async function mutate(target: NamedTarget, change: (draft: MutableDraft, current: KradleObject) => void): Promise<KradleObject> {
    return retryLostRaces(async () => {
      const current = await loadToWrite(target, 'update');
      const draft: MutableDraft = structuredClone({ metadata: current.metadata, spec: current.spec });
      change(draft, current);
      // Fields that an older version stored and the kind no longer has are dropped rather than refused.
      return replace(target, current, { given: { metadata: wholeMetadata(draft.metadata), spec: draft.spec }, options: { fieldValidation: 'ignore' } });
    });
  }

  async function updateStatus(target: WriteTarget, input: unknown, opts: WriteOptions): Promise<KradleObject> {
    checkDepth(input);
    const { metadata, status } = normalize(target.kind, target.org, { input, uuid: deps.uuid, fieldValidation: opts.fieldValidation });
    const named = { ...target, name: metadata.name };
    return retryLostRaces(async () => {
      const current = await loadToWrite(named, 'update-status');
      checkPreconditions(named, current, metadata);
      return replaceStatus(named, current, { status: status ?? {}, dryRun: opts.dryRun === true });
    });
  }

  async function replaceStatus(target: NamedTarget, current: KradleObject, opts: { status: unknown; dryRun: boolean }): Promise<KradleObject> {
    const object = { ...current, status: parseStatus(target.kind, current, opts.status) };
    checkSize(object);
    return commit(target, current, { object, dryRun: opts.dryRun });
  }

  async function patch(target: NamedTarget, change: ObjectPatch, opts: PatchOptions): Promise<{ object: KradleObject; created: boolean }> {
    checkDepth(change);
    if (change.type === 'apply' && opts.subresource === undefined) {
      const { object, operation } = await apply(target, change.object, opts);
      return { object, created: operation === 'created' };
    }
    const object = await retryLostRaces(async () => {
      const current = await loadToWrite(target, opts.subresource === 'status' ? 'update-status' : 'update');
      const patched = change.type === 'json' ? applyJsonPatch(current, change.operations) : applyMergePatch(current, change.type === 'merge' ? change.patch : change.object);
      const normalized = normalize(target.kind, target.org, { input: patched, uuid: deps.uuid, fieldValidation: opts.fieldValidation });
      checkPreconditions(target, current, normalized.metadata);
      if (normalized.metadata.name !== target.name) throw renamed(target);
      if (opts.subresource === 'status') return replaceStatus(target, current, { status: normalized.status ?? {}, dryRun: opts.dryRun === true });
      return replace(target, current, { given: { ...normalized, metadata: wholeMetadata({ ...current.metadata, ...normalized.metadata }) }, options: opts });
    });
    return { object, created: false };
  }

  async function mutateStatus(target: NamedTarget, change: (status: Record<string, unknown>, current: KradleObject) => void): Promise<KradleObject> {
    return retryLostRaces(async () => {
      const current = await loadToWrite(target, 'update-status');
      const status = structuredClone(current.status ?? {});
      change(status, current);
      if (jsonEqual(status, current.status ?? {})) return current;
      const object = { ...current, status: parseStatus(target.kind, current, status) };
      checkSize(object);
      return commit(target, current, { object, dryRun: false });
    });
  }

  async function remove(target: NamedTarget, opts: Preconditions & WriteOptions): Promise<KradleObject> {
    return retryLostRaces(async () => {
      const current = await loadToWrite(target, 'delete');
      checkPreconditions(target, current, opts);
      const strategy = deps.strategies.get(target.kind.names.kind);
      await strategy?.beforeDelete?.(current, { actor: target.actor, org: target.org, resources: deps.systemClient(), now: deps.now() });
      const object = { ...current, metadata: { ...current.metadata, deletionTimestamp: current.metadata.deletionTimestamp ?? deps.now() } };
      return commit(target, current, { object, dryRun: opts.dryRun === true });
    });
  }

  function logWrite(target: WriteTarget, name: string, operation: string): void {
    deps.log.debug({ operation, kind: target.kind.names.kind, org: target.org, name, actor: target.actor.name }, 'object written');
  }

  return { create, update, apply, mutate, updateStatus, patch, mutateStatus, delete: remove };
}

/** Another writer got in between the read and the write. Never leaves this file. */
class LostRace extends Error {
  constructor(readonly refusal: StatusError) {
    super(refusal.message);
  }
}

/** Tells a conflict of the store, which is worth another try, from one that the caller's own code throws, which is an answer. */
async function orLostRace<T>(write: Promise<T>, ...reasons: StatusReason[]): Promise<T> {
  try {
    return await write;
  } catch (error) {
    throw isStatusError(error, ...reasons) ? new LostRace(error) : error;
  }
}

/** Runs a read-modify-write again while other writers get in between. Preconditions are checked anew each time. */
async function retryLostRaces<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
      if (attempt >= MAX_CONFLICT_TRIES) throw error.refusal;
    }
  }
}

/** The whole of an object's metadata as it is to be: finalizers and owners that are not in it are meant to go. */
function wholeMetadata(metadata: ObjectMeta): ObjectMeta {
  return { ...metadata, finalizers: metadata.finalizers ?? [], ownerReferences: metadata.ownerReferences ?? [] };
}

function checkPreconditions(target: NamedTarget, current: KradleObject, expected: Preconditions): void {
  if (expected.uid && expected.uid !== current.metadata.uid) throw changedMeanwhile(target, 'it is another object of the same name now');
  if (expected.resourceVersion && expected.resourceVersion !== current.metadata.resourceVersion) {
    throw changedMeanwhile(target, `you have version ${expected.resourceVersion}, it is at ${current.metadata.resourceVersion}`);
  }
}

function changedMeanwhile(target: NamedTarget, how: string): StatusError {
  const { kind, org, name } = target;
  return new StatusError('Conflict', `${kind.names.kind} "${name}" has changed: ${how}. Read it again and redo the change`, {
    resource: describeObject(kind, keyOf(kind, org, name)),
  });
}

function renamed({ kind, name }: NamedTarget): StatusError {
  const message = `metadata.name must stay "${name}": an object cannot be renamed`;
  return new StatusError('Invalid', `${kind.names.kind} "${name}" is invalid: ${message}`, { causes: [{ code: 'FieldValueInvalid', field: 'metadata.name', message }] });
}

function alreadyExists(target: WriteTarget, name: string, cause?: unknown): StatusError {
  const { kind, org } = target;
  return new StatusError('AlreadyExists', `${kind.names.kind} "${name}" is there already${kind.placement === 'org' ? `, in organization "${org}"` : ''}; choose another name`, {
    resource: describeObject(kind, keyOf(kind, org, name)),
    cause,
  });
}
