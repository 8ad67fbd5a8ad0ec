import { controllerActor } from '../resources/actor';
import type { ResourceClient } from '../resources/resourceClient';
import type { Controller } from './controller';

/**
 * Makes a controller of a domain whose writes carry its own name: `metadata.managedFields` says which controller set what. It gets the
 * domain's context with a client of its own, which it may use once it is made.
 */
export function namedController<TContext extends { readonly resources: ResourceClient }>(ctx: TContext, make: (ctx: TContext) => Controller): Controller {
  let client: ResourceClient | undefined;
  const own = Object.defineProperties({}, {
    ...Object.getOwnPropertyDescriptors(ctx),
    resources: { enumerable: true, get: () => (client ??= ctx.resources.as(controllerActor(controller.name))) },
  }) as TContext;
  const controller = make(own);
  return controller;
}
