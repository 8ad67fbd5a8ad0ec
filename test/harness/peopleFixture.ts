import { randomUUID } from 'node:crypto';
import { silentLogger } from '../../src-server/app/log';
import type { Mailer } from '../../src-server/domains/identity/mail/mailer';
import { createOrganization } from '../../src-server/domains/identity/organizations';
import { createInvitations, type Invitations } from '../../src-server/domains/identity/people/invitations';
import { createPeople, type People } from '../../src-server/domains/identity/people/people';
import type { Actor } from '../../src-server/resources/actor';
import type { ResourceClient } from '../../src-server/resources/resourceClient';
import { addGarbageCollector } from '../../src-server/runtime/garbageCollector';
import { createManager, type Manager } from '../../src-server/runtime/manager';
import { createKindRegistry } from '../../shared/kind/registry';
import { allKinds } from '../../shared/kinds/index';
import { internalKinds } from '../../src-server/app/internalKinds';
import { createIdentityFixture, type IdentityFixture } from './identityFixture';

export const ACME = 'acme';
export const ORIGIN = 'https://kradle.example.com';

/** Everything about people over a memory store, in the organizations `default` and `acme`. */
export interface PeopleFixture extends IdentityFixture {
  readonly people: People;
  readonly invitations: Invitations;
  readonly manager: Manager;
  /** A person who is a member of acme, with an account and a User; acts as them. */
  member(name: string, role?: string): Promise<ResourceClient>;
  /** An account that is a member of nothing. */
  account(name: string): Promise<Actor>;
  /** A client of whoever is signed in as this account now. */
  as(name: string): Promise<ResourceClient>;
  /** Carries out what follows from what was written. */
  settle(): Promise<void>;
}

export async function createPeopleFixture(opts: { mailer?: Mailer } = {}): Promise<PeopleFixture> {
  const identity = await createIdentityFixture();
  const { resources, accounts, clock, store } = identity;
  const deps = { resources, accounts, clock, mailer: opts.mailer, baseUrl: () => ORIGIN };
  const people = createPeople(deps);
  const manager = createManager({ resources, head: async () => (await store.revisions()).head, clock, uuid: randomUUID, log: silentLogger() });
  for (const controller of people.controllers) manager.add(controller);
  addGarbageCollector(manager, { kinds: createKindRegistry([...allKinds, ...internalKinds]), resources });
  await manager.start();
  await createOrganization(resources, { slug: ACME, displayName: 'Acme Works' });

  const as = async (name: string): Promise<ResourceClient> => {
    const actor = await accounts.findActor(name);
    if (actor === undefined) throw new Error(`nobody can sign in as ${name}`);
    return resources.as(actor);
  };
  const fixture: PeopleFixture = {
    ...identity,
    people,
    invitations: createInvitations({ ...deps, hasMail: opts.mailer !== undefined }),
    manager,
    as,
    settle: () => manager.drain(),
    async account(name) {
      await accounts.create({ wantedName: name, displayName: name.toUpperCase(), email: `${name}@example.com` });
      return { kind: 'user', name, orgs: [] };
    },
    async member(name, role = 'developer') {
      if ((await accounts.find(name)) === undefined) await fixture.account(name);
      await accounts.join(name, { org: ACME, role });
      await manager.drain();
      return as(name);
    },
    async [Symbol.asyncDispose]() {
      await manager.stop();
      await identity[Symbol.asyncDispose]();
    },
  };
  return fixture;
}
