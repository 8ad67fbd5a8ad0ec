import { controllerActor, type Actor } from '../resources/actor';
import type { ResourceClient } from '../resources/resourceClient';

/**
 * The context of a verb that has asked whether `actor` may: what it writes from here on is written in the system's name, and carries the
 * verb's own, so that `metadata.managedFields` tells what set which field. In the audit log it is the actor's.
 */
export function actingAs<TContext extends { readonly resources: ResourceClient }>(ctx: TContext, verb: string, actor: Pick<Actor, 'trail'>): TContext {
  const { trail } = actor;
  return { ...ctx, resources: ctx.resources.as({ ...controllerActor(verb), ...(trail === undefined ? {} : { trail }) }) };
}

/** The context for the write that completes a verb: the verb's record in the audit log, if it leaves one, is stored with it. */
export function completing<TContext extends { readonly resources: ResourceClient }>(ctx: TContext): TContext {
  const { actor } = ctx.resources;
  return actor.trail === undefined ? ctx : { ...ctx, resources: ctx.resources.as({ ...actor, trail: actor.trail.completing() }) };
}
