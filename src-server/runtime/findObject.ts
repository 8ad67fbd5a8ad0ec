import { isStatusError } from '#shared/api/status';
import type { AnyKind, ObjectOf } from '#shared/kind/defineKind';
import type { ObjectRef, ResourceClient } from '../resources/resourceClient';

/** An object, or undefined when it is gone, be it with its whole organization: what a controller asks first. */
export async function findObject<TKind extends AnyKind>(resources: ResourceClient, kind: TKind, ref: ObjectRef): Promise<ObjectOf<TKind> | undefined> {
  try {
    return await resources.find(kind, ref);
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined;
    throw error;
  }
}
