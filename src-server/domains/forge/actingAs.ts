import { controllerActor } from '../../resources/actor';
import type { ForgeContext } from './forgeContext';

/**
 * The context of a verb that has asked whether it may: what it writes from here on is written in the system's name, and carries the verb's
 * own, so that `metadata.managedFields` tells what set which field.
 */
export function actingAs(ctx: ForgeContext, verb: string): ForgeContext {
  return { ...ctx, resources: ctx.resources.as(controllerActor(verb)) };
}
