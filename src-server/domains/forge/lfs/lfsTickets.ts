import type { Clock } from '../../../app/clock';
import type { Actor } from '../../../resources/actor';
import type { KeyHolder, KeyHolders } from '../keys/keyHolder';
import type { OpenRepository } from '../repositories/openRepository';
import type { TicketSeal } from '../signInPort';

export type LfsOperation = 'download' | 'upload';

/** What `git-lfs-authenticate` answers (git-lfs, docs/api/server-discovery.md). */
export interface LfsTicket {
  readonly href: string;
  readonly header: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly expires_in: number;
}

/** Lets somebody who came by SSH reach the large files of one repository over HTTP, for a short time. */
export interface LfsTickets {
  issue(opts: { holder: KeyHolder; repository: Pick<OpenRepository, 'org' | 'name'>; operation: LfsOperation }): LfsTicket;
  /**
   * Who acts with a ticket at an address of ours: the holder of the key, as long as it is good. Undefined for what is no ticket, one that is
   * too old, and any address but the large files of its repository.
   */
  findActor(token: string, pathname: string): Promise<Actor | undefined>;
}

export const LFS_TICKET_PREFIX = 'kradle_lfs_';
const PURPOSE = 'lfs ticket';
const LIFETIME_S = 1800;

export function createLfsTickets(deps: { seal: () => TicketSeal; holders: KeyHolders; clock: Clock; baseUrl: () => string }): LfsTickets {
  return {
    issue({ holder, repository, operation }) {
      const { org, name } = repository;
      const claims = { key: holder.fingerprint, org, repository: name, operation };
      const token = `${LFS_TICKET_PREFIX}${deps.seal().seal(PURPOSE, claims, deps.clock.now() + LIFETIME_S * 1000)}`;
      return { href: `${deps.baseUrl()}${lfsPath(org, name)}`, header: { Authorization: `Bearer ${token}` }, expires_in: LIFETIME_S };
    },
    async findActor(token, pathname) {
      if (!token.startsWith(LFS_TICKET_PREFIX)) return undefined;
      const claims = deps.seal().unseal(PURPOSE, token.slice(LFS_TICKET_PREFIX.length));
      if (claims === undefined) return undefined;
      const { org, repository, operation } = claims;
      if (!pathname.startsWith(`${lfsPath(String(org), String(repository))}/`)) return undefined;
      const holder = await deps.holders.find(String(claims.key));
      if (holder === undefined) return undefined;
      return operation === 'upload' ? holder.actor : readOnly(holder.actor);
    },
  };
}

export function lfsPath(org: string, repository: string): string {
  return `/git/${org}/${repository}.git/info/lfs`;
}

function readOnly(actor: Actor): Actor {
  return { ...actor, limits: { ...actor.limits, scopes: ['repo:read'] }, ...(actor.deploys === undefined ? {} : { deploys: { ...actor.deploys, readOnly: true } }) };
}
