import type { z } from 'zod';
import type { actorReference } from '#shared/kind/fields';
import type { Actor } from './actor';

export type ActorReference = z.output<typeof actorReference>;

/** How objects name who did something: a run, a service account and a deploy key act as an agent. */
export function toActorReference(actor: Actor): ActorReference {
  if (actor.kind === 'run') return { kind: 'agent', name: actor.run?.name ?? actor.name };
  return { kind: actor.kind === 'service-account' || actor.kind === 'deploy-key' ? 'agent' : actor.kind, name: actor.name };
}

export function isSameActor(left: ActorReference | undefined, right: ActorReference | undefined): boolean {
  return left !== undefined && right !== undefined && left.kind === right.kind && left.name === right.name;
}
