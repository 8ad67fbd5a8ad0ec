import { StatusError } from '#shared/api/status';

/** Somebody who wants git to work for them. */
export interface GateVisit {
  /** Path of the repository. */
  readonly repository: string;
  /** Who asks, the same for all of their connections. */
  readonly account: string;
  /** A visitor who has gone does not wait any longer. */
  readonly signal?: AbortSignal | undefined;
}

export interface GateLimits {
  /** Git services at work at the same time. */
  readonly atOnce: number;
  /** Of these for one repository. Default three quarters of all. */
  readonly perRepository?: number;
  /** Of these for one account. Default half of all. */
  readonly perAccount?: number;
  /** Visitors that wait. Default four times `atOnce`. */
  readonly maxWaiting?: number;
  /** Milliseconds that one waits. Default 30,000. */
  readonly maxWaitMs?: number;
}

/**
 * Bounds the git services that work at the same time, whatever door they came by: in all, for one repository and for one account. Who
 * finds no place waits a little, in the order of arrival, except that nobody waits for somebody who is bounded by another limit.
 */
export interface ServiceGate {
  /**
   * Does the work once there is a place, and gives the place back when it has settled. Throws ServiceUnavailable (`GIT_BUSY`, with the
   * seconds after which to try again) before any work when too many wait or the wait was too long.
   */
  run<T>(visit: GateVisit, work: () => Promise<T>): Promise<T>;
  /** For metrics. */
  readonly working: number;
  readonly waiting: number;
  /** Visitors turned away since the start. */
  readonly refused: number;
}

interface Waiting {
  readonly visit: GateVisit;
  readonly admit: () => void;
}

export function createServiceGate(limits: GateLimits): ServiceGate {
  const { atOnce } = limits;
  const perRepository = limits.perRepository ?? Math.ceil(atOnce * 0.75);
  const perAccount = limits.perAccount ?? Math.ceil(atOnce / 2);
  const { maxWaiting = 4 * atOnce, maxWaitMs = 30_000 } = limits;
  const byRepository = new Map<string, number>();
  const byAccount = new Map<string, number>();
  const queue = new Set<Waiting>();
  let working = 0;
  let refused = 0;

  const hasPlace = ({ repository, account }: GateVisit): boolean =>
    working < atOnce && (byRepository.get(repository) ?? 0) < perRepository && (byAccount.get(account) ?? 0) < perAccount;

  function take({ repository, account }: GateVisit): void {
    working += 1;
    count(byRepository, repository, 1);
    count(byAccount, account, 1);
  }

  function leave({ repository, account }: GateVisit): void {
    working -= 1;
    count(byRepository, repository, -1);
    count(byAccount, account, -1);
    for (const each of queue) {
      if (working >= atOnce) return;
      if (hasPlace(each.visit)) each.admit();
    }
  }

  function refuse(): StatusError {
    refused += 1;
    const retryAfterSeconds = Math.max(1, Math.ceil(maxWaitMs / 3000));
    return new StatusError('ServiceUnavailable', `This server has as many clones, fetches and pushes at work as it takes. Try again in ${retryAfterSeconds} s`, { code: 'GIT_BUSY', retryAfterSeconds });
  }

  async function enter(visit: GateVisit): Promise<void> {
    visit.signal?.throwIfAborted();
    if (hasPlace(visit)) {
      take(visit);
      return;
    }
    if (queue.size >= maxWaiting) throw refuse();
    await new Promise<void>((resolve, reject) => {
      const settle = (act: () => void): void => {
        queue.delete(waiting);
        clearTimeout(timer);
        visit.signal?.removeEventListener('abort', onAbort);
        act();
      };
      const waiting: Waiting = {
        visit,
        admit: () => {
          take(visit);
          settle(resolve);
        },
      };
      const onAbort = (): void => settle(() => reject(visit.signal?.reason instanceof Error ? visit.signal.reason : new Error('the client is gone')));
      const timer = setTimeout(() => settle(() => reject(refuse())), maxWaitMs);
      visit.signal?.addEventListener('abort', onAbort, { once: true });
      queue.add(waiting);
    });
  }

  return {
    async run(visit, work) {
      await enter(visit);
      try {
        return await work();
      } finally {
        leave(visit);
      }
    },
    get working() {
      return working;
    },
    get waiting() {
      return queue.size;
    },
    get refused() {
      return refused;
    },
  };
}

function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next === 0) counts.delete(key);
  else counts.set(key, next);
}
