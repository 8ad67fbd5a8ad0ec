import { controllerActor } from '../resources/actor';
import type { ResourceClient } from '../resources/resourceClient';

/**
 * The context of a verb that has asked whether it may: what it writes from here on is written in the system's name, and carries the verb's
 * own, so that `metadata.managedFields` tells what set which field.
 */
export function actingAs<TContext extends { readonly resources: ResourceClient }>(ctx: TContext, verb: string): TContext {
  return { ...ctx, resources: ctx.resources.as(controllerActor(verb)) };
}
