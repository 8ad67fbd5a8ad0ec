import type { AnyKind } from '#shared/kind/defineKind';
import { AgentRoleBinding } from '#shared/kinds/identity/agentRoleBinding';
import { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import { Organization } from '#shared/kinds/identity/organization';
import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import { Repository } from '#shared/kinds/forge/repository';
import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import type { Logger } from '../../../app/log';
import { organizationOf } from '../../../resources/objectScope';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { WriteFeed } from '../../../resources/writeFeed';
import type { Runnable } from '../../../runtime/controller';
import { FactFollower, type FactRef } from './factFollower';
import { OrgFacts } from './orgFacts';
import type { RepositoryGraph } from './repositoryGraph';

const MEMBERSHIP_KINDS: readonly AnyKind[] = [Organization, User, Team, Repository, RepositoryPermission, AgentServiceAccount, AgentRoleBinding];

/**
 * What decisions rest on, kept in memory: a decision reads maps and nothing else. Memberships of all organizations are read when the first
 * is asked for; what belongs to which repository, of an organization in which somebody is limited to some.
 */
export interface AccessFacts extends Runnable {
  /** Known after the promise, where there is one. */
  of(org: string): OrgFacts | Promise<OrgFacts>;
  /** As {@link of}, with the parents. */
  withParents(org: string): OrgFacts | Promise<OrgFacts>;
  onChange(org: string, listener: () => void): () => void;
}

export interface AccessFactsOptions {
  /** Acts for the system. */
  readonly resources: () => ResourceClient;
  /** What this process writes counts for the next question; what others write, when the watch tells. */
  readonly writes: Pick<WriteFeed, 'onWrite'>;
  readonly graph: RepositoryGraph;
  readonly log: Logger;
}

export function createAccessFacts({ resources, writes, graph, log }: AccessFactsOptions): AccessFacts {
  const orgs = new Map<string, OrgFacts>();
  const listeners = new Map<string, Set<() => void>>();
  const parentKinds = new Set(graph.parents.map(({ names: { kind } }) => kind));
  const parents = new Map<string, FactFollower>();
  const factsOf = (org: string): OrgFacts => {
    const known = orgs.get(org) ?? new OrgFacts(org);
    orgs.set(org, known);
    return known;
  };
  const tell = (org: string): void => {
    for (const each of [org, '*']) for (const listener of listeners.get(each) ?? []) listener();
  };

  const memberships = new FactFollower({
    resources, log, kinds: MEMBERSHIP_KINDS,
    put: (object) => {
      const org = orgOf(object);
      if (factsOf(org).put(object)) tell(org);
    },
    remove: (object) => {
      const org = orgOf(object);
      if (factsOf(org).remove(object)) tell(org);
    },
  });

  function parentsOf(org: string): FactFollower {
    const known = parents.get(org);
    if (known !== undefined) return known;
    const facts = factsOf(org);
    const deleted: string[] = [];
    const follower = new FactFollower({
      resources, log, org, kinds: graph.parents,
      gone: () => void parents.delete(org),
      put(object) {
        const { kind, metadata: { name } } = object;
        facts.parents.set(`${kind}/${name}`, graph.direct(object));
      },
      // What belongs to it goes after it: who saw that is still to hear of its end.
      remove(object) {
        deleted.push(`${object.kind}/${object.metadata.name}`);
        if (deleted.length > MAX_DELETED_PARENTS) facts.parents.delete(deleted.shift() ?? '');
      },
    });
    parents.set(org, follower);
    return follower;
  }

  const stopListening = writes.onWrite((object, operation) => {
    memberships.written(operation, object);
    if (parentKinds.has(object.kind)) parents.get(orgOf(object))?.written(operation, object);
  });

  return {
    name: 'access facts',
    of: (org) => (memberships.ready ? factsOf(org) : memberships.load().then(() => factsOf(org))),
    withParents(org) {
      const follower = parentsOf(org);
      return memberships.ready && follower.ready ? factsOf(org) : Promise.all([memberships.load(), follower.load()]).then(() => factsOf(org));
    },
    onChange(org, listener) {
      const of = listeners.get(org) ?? new Set();
      listeners.set(org, of.add(listener));
      return () => {
        of.delete(listener);
        if (of.size === 0 && listeners.get(org) === of) listeners.delete(org);
      };
    },
    // Not waited for: the first question does.
    async start() {
      memberships.load().catch((error: unknown) => log.warn({ err: error }, 'reading what permissions rest on failed; the next question tries again'));
    },
    async stop() {
      stopListening();
      await Promise.all([memberships, ...parents.values()].map((each) => each.stop()));
    },
  };

  function orgOf(object: FactRef): string {
    const kind = graph.kind(object.kind);
    return kind === undefined ? '' : organizationOf(kind, object);
  }
}

/** Parents that are remembered after their end, of each organization. */
const MAX_DELETED_PARENTS = 10_000;
