import { isStatusError, StatusError, type StatusReason } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { jsonEqual } from '#shared/kind/equality';
import { objectName } from '#shared/kind/objectMeta';
import type { Logger } from '../app/log';
import type { Store } from '../store/store';
import type { Actor } from './actor';
import type { AdmissionDeps } from './admission';
import { noteRefusal } from './auditTrail';
import { objectNotFound, refused, requireAccess, type AccessRequest, type Authorizer } from './authorize';
import { storableOwners } from './limits';
import { describeObject, keyOf, organizationOf } from './objectScope';
import type { OrganizationScope } from './organizationScope';
import { ownersOfFields, sameOwners, type OwnedFields } from './ownership/managedFields';
import type { ObjectQuota } from './objectQuota';
import { recordingWrite } from './recordingWrite';
import { appendOnly } from './recordSource';
import type { WriteOptions } from './resourceClient';
import { plain } from './withoutManagedFields';

/** Tries of a read-modify-write before its Conflict reaches the caller. Each lost try means that another writer got through. */
const MAX_CONFLICT_TRIES = 30;

export interface WritePathDeps extends AdmissionDeps {
  readonly store: Store;
  readonly scope: OrganizationScope;
  readonly authorizer: Authorizer;
  readonly quota: ObjectQuota;
  readonly organization: AnyKind;
  readonly uuid: () => string;
  readonly log: Logger;
}

/** Who writes what kind of object in which organization. */
export interface WriteTarget {
  readonly actor: Actor;
  readonly kind: AnyKind;
  readonly org: string;
  /** What the write is recorded as, where it is not what it comes to. */
  readonly verb?: 'apply' | 'update-status';
  /** The rule that allows it, once that is decided. */
  rule?: string;
}

export interface NamedTarget extends WriteTarget {
  readonly name: string;
}

export interface Preconditions {
  readonly resourceVersion?: string;
  readonly uid?: string;
}

/** A change of a stored object, ready to be stored. */
export interface Change {
  readonly object: KradleObject;
  /** Who owns its fields afterwards. */
  readonly owners: readonly OwnedFields[];
  readonly options: Pick<WriteOptions, 'dryRun' | 'onWarning'>;
}

/** Reads an object in order to write it, and writes it. What every verb that changes an object has in common. */
export interface ObjectAccess {
  /** Throws `NotFound`, or `Forbidden`; the answer does not depend on whether the object exists where the actor may not know. */
  loadToWrite(target: NamedTarget, verb: 'update' | 'update-status' | 'delete'): Promise<KradleObject>;
  /** The object that an apply changes; undefined where it creates one. One that the actor may not see is as one that is not there. */
  findToApply(target: NamedTarget): Promise<KradleObject | undefined>;
  /** Stores a change of `current`, or finds that there is none. An object that waits for nothing more but its deletion goes. */
  commit(target: NamedTarget, current: KradleObject, change: Change): Promise<KradleObject>;
  logWrite(target: WriteTarget, name: string, operation: string): void;
}

export function createObjectAccess(deps: Pick<WritePathDeps, 'store' | 'scope' | 'authorizer' | 'log'>): ObjectAccess {
  const { store, authorizer } = deps;

  /** Undefined for one that is hidden from the actor. Throws `Forbidden` for one that is not, and that they may not change. */
  async function findVisible(target: NamedTarget, verb: AccessRequest['verb']): Promise<KradleObject | undefined> {
    const { kind, org, name, actor } = target;
    const found = await store.get(keyOf(kind, org, name));
    if (found === undefined) return undefined;
    const request = { verb, kind, org: organizationOf(kind, found), name, object: found };
    const decision = await authorizer.decide(actor, request);
    if (decision.allowed) {
      target.rule = decision.rule;
      return found;
    }
    if (decision.hidden === false) throw await refused(actor, decision, request);
    await noteRefusal(actor, decision, request);
    return undefined;
  }

  async function load(target: NamedTarget, verb: AccessRequest['verb']): Promise<KradleObject> {
    const { kind, org, name, actor } = target;
    const found = await findVisible(target, verb);
    if (found !== undefined) {
      if (kind.appendOnly !== true) return found;
      await noteRefusal(actor, { allowed: false, hidden: false, rule: 'append-only', reason: appendOnly(kind).message }, { verb, kind, org, name });
      throw appendOnly(kind);
    }
    if (kind.placement === 'org') await deps.scope.requireExisting(actor, org);
    throw objectNotFound(kind, org, name);
  }

  function logWrite(target: WriteTarget, name: string, operation: string): void {
    deps.log.debug({ operation, kind: target.kind.names.kind, org: target.org, name, actor: target.actor.name }, 'object written');
  }

  return {
    logWrite,
    async loadToWrite(target, verb) {
      const { kind, org, name, actor } = target;
      // Platform objects say themselves which organization they belong to; for all others the answer must not depend on existence.
      if (kind.placement === 'org') await requireAccess(authorizer, actor, { verb, kind, org, name });
      return load(target, verb);
    },
    // What cannot be a name is of no object; creating says what is wrong with it, beside everything else that is.
    findToApply: async (target) => (objectName.safeParse(target.name).success ? findVisible(target, 'update') : undefined),
    async commit(target, current, { object, owners, options }) {
      const unowned = withOwners(object, []);
      if (jsonEqual(withOwners(current, []), unowned) && sameOwners(ownersOfFields(current.metadata), owners)) return current;
      const next = withOwners(unowned, storableOwners(unowned, owners, options.onWarning));
      if (options.dryRun === true) return next;
      const key = keyOf(target.kind, target.org, target.name);
      const expectedResourceVersion = current.metadata.resourceVersion;
      const verb = next.metadata.deletionTimestamp !== undefined && current.metadata.deletionTimestamp === undefined ? 'delete' : 'update';
      if (next.metadata.deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0) {
        const deleted = await recordingWrite(target, { verb, object: current }, (record) => orLostRace(store.delete(key, { expectedResourceVersion, record }), 'Conflict', 'NotFound'));
        logWrite(target, target.name, 'deleted');
        return deleted;
      }
      const stored = await recordingWrite(target, { verb, object: next }, (record) => orLostRace(store.update(key, next, { expectedResourceVersion, record }), 'Conflict', 'NotFound'));
      logWrite(target, target.name, 'updated');
      return stored;
    },
  };
}

/** The object with these owners of its fields and no others. */
export function withOwners(object: KradleObject, owners: readonly OwnedFields[]): KradleObject {
  if (owners.length === 0) return plain(object);
  // In front, because adding a key to what was spread takes V8 several times as long.
  const metadata: KradleObject['metadata'] = { managedFields: [], ...object.metadata };
  metadata.managedFields = [...owners];
  return { ...object, metadata };
}

/** Another writer got in between the read and the write. Never leaves the write path. */
class LostRace extends Error {
  constructor(readonly refusal: StatusError) {
    super(refusal.message);
  }
}

/** Tells a conflict of the store, which is worth another try, from one that the caller's own code throws, which is an answer. */
export async function orLostRace<T>(write: Promise<T>, ...reasons: StatusReason[]): Promise<T> {
  try {
    return await write;
  } catch (error) {
    throw isStatusError(error, ...reasons) ? new LostRace(error) : error;
  }
}

/** Runs a read-modify-write again while other writers get in between. Preconditions are checked anew each time. */
export async function retryLostRaces<T>(run: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run(attempt);
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
      if (attempt >= MAX_CONFLICT_TRIES) throw error.refusal;
    }
  }
}

export function checkPreconditions(target: NamedTarget, current: KradleObject, expected: Preconditions): void {
  if (expected.uid && expected.uid !== current.metadata.uid) throw changedMeanwhile(target, 'it is another object of the same name now');
  if (expected.resourceVersion && expected.resourceVersion !== current.metadata.resourceVersion) {
    throw changedMeanwhile(target, `you have version ${expected.resourceVersion}, it is at ${current.metadata.resourceVersion}`);
  }
}

export function changedMeanwhile(target: NamedTarget, how: string): StatusError {
  const { kind, org, name } = target;
  return new StatusError('Conflict', `${kind.names.kind} "${name}" has changed: ${how}. Read it again and redo the change`, {
    resource: describeObject(kind, keyOf(kind, org, name)),
  });
}
