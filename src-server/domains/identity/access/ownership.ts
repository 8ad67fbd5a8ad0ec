import type { KradleObject, ObjectOf } from '#shared/kind/defineKind';
import { jsonEqual } from '#shared/kind/equality';
import type { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import type { View } from '#shared/kinds/console/view';
import type { GPGKey } from '#shared/kinds/forge/gpgKey';
import type { PullRequest } from '#shared/kinds/forge/pullRequest';
import type { Review } from '#shared/kinds/forge/review';
import type { SSHKey } from '#shared/kinds/forge/sshKey';
import type { Team } from '#shared/kinds/identity/team';
import type { Actor } from '../../../resources/actor';
import { isSameActor, toActorReference } from '../../../resources/actorReference';

/** What an actor does to an object that may be theirs. */
export interface OwnershipQuestion {
  readonly actor: Actor;
  readonly verb: string;
  readonly object: KradleObject;
  /** For an update. */
  readonly proposed?: KradleObject | undefined;
}

/** What somebody may change of a thing that is theirs, where that is not everything. */
const OWN_FIELDS: Readonly<Record<string, ReadonlySet<string>>> = {
  PullRequest: new Set(['title', 'body', 'bodySource', 'draft', 'state', 'targetBranch', 'maintainerCanModify']),
  Team: new Set(['displayName', 'description', 'members', 'maintainers']),
  User: new Set(['displayName']),
};

/** Whether an object is the actor's own, as far as the verb goes. */
export function isOwn({ actor, verb, object, proposed }: OwnershipQuestion): boolean {
  const reads = verb === 'get' || verb === 'list' || verb === 'watch';
  const isPerson = actor.kind === 'user';
  // A team's maintainer may step back; nothing else changes hands.
  const stays = proposed === undefined || object.kind === 'Team' || isOwnAs({ actor, verb, object: proposed }, isPerson, reads);
  return stays && isOwnAs({ actor, verb, object }, isPerson, reads) && changesOwnFields(object, proposed);
}

function isOwnAs({ actor, verb, object }: OwnershipQuestion, isPerson: boolean, reads: boolean): boolean {
  const { name } = actor;
  switch (object.kind) {
    case 'AgentDispatchRun': return isSameActor((object as ObjectOf<typeof AgentDispatchRun>).spec.requestedBy, toActorReference(actor));
    case 'PullRequest': return isOwnProposal(object as ObjectOf<typeof PullRequest>, { actor, verb });
    case 'Review': return isSameActor((object as ObjectOf<typeof Review>).spec.author, toActorReference(actor));
    case 'SSHKey': {
      const { scope, owner } = (object as ObjectOf<typeof SSHKey>).spec;
      // The server fills in whose it is.
      return isPerson && scope === 'user' && (owner === name || (verb === 'create' && owner === undefined));
    }
    case 'GPGKey': {
      const { owner } = (object as ObjectOf<typeof GPGKey>).spec;
      return isPerson && (owner === name || (verb === 'create' && owner === undefined));
    }
    case 'View': {
      const { owner, shared } = (object as ObjectOf<typeof View>).spec;
      return (reads && (shared as boolean | undefined) !== false) || (isPerson && owner === name);
    }
    case 'Team': return isPerson && (object as ObjectOf<typeof Team>).spec.maintainers?.includes(name) === true;
    case 'User': return isPerson && object.metadata.name === name;
    default: return false;
  }
}

/** From a fork; a branch of the repository itself is for who may push there. What it is sorted by is for others to say. */
function isOwnProposal({ spec }: ObjectOf<typeof PullRequest>, { actor, verb }: Pick<OwnershipQuestion, 'actor' | 'verb'>): boolean {
  if (spec.sourceRepository === undefined || spec.sourceRepository === spec.repository) return false;
  const sorted = [spec.labels, spec.assignees, spec.reviewers].some((names) => (names?.length ?? 0) > 0) || spec.milestone !== undefined;
  // The server fills in whose it is.
  if (verb === 'create') return !sorted && (spec.author === undefined || isSameActor(spec.author, toActorReference(actor)));
  return isSameActor(spec.author, toActorReference(actor));
}

/** What holds an object, or takes it away with others, is for who may do so to everybody's. */
const METADATA = ['labels', 'annotations', 'ownerReferences', 'finalizers'] as const;

function changesOwnFields(object: KradleObject, proposed: KradleObject | undefined): boolean {
  const own = OWN_FIELDS[object.kind];
  if (own === undefined || proposed === undefined) return true;
  if (object.kind === 'PullRequest' && METADATA.some((field) => !jsonEqual(object.metadata[field], proposed.metadata[field]))) return false;
  const fields = new Set([...Object.keys(object.spec), ...Object.keys(proposed.spec)]);
  return [...fields].every((field) => own.has(field) || jsonEqual(object.spec[field], proposed.spec[field]));
}
