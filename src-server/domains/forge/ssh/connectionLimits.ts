/** How many connections there may be. */
export interface ConnectionLimitOptions {
  /** In all. */
  readonly max: number;
  /** From one address; many people may be behind one. */
  readonly perAddress: number;
  /** That have not signed in yet, in all. */
  readonly unauthenticated: number;
  /** That have not signed in yet, from one address. */
  readonly unauthenticatedPerAddress: number;
}

export interface ConnectionPlace {
  /** It has signed in. */
  admit(): void;
  leave(): void;
}

/** Counts connections, so that a flood of them costs nothing but itself. */
export interface ConnectionLimits {
  /** Undefined when there is no place. */
  enter(address: string): ConnectionPlace | undefined;
  readonly open: number;
}

export function createConnectionLimits(limits: ConnectionLimitOptions): ConnectionLimits {
  const all = new Map<string, number>();
  const waiting = new Map<string, number>();
  let open = 0;
  let unknown = 0;

  return {
    get open() {
      return open;
    },
    enter(address) {
      const isFull = open >= limits.max || unknown >= limits.unauthenticated || (all.get(address) ?? 0) >= limits.perAddress || (waiting.get(address) ?? 0) >= limits.unauthenticatedPerAddress;
      if (isFull) return undefined;
      open += 1;
      unknown += 1;
      count(all, address, 1);
      count(waiting, address, 1);
      let [admitted, left] = [false, false];
      const admit = (): void => {
        if (admitted || left) return;
        admitted = true;
        unknown -= 1;
        count(waiting, address, -1);
      };
      return {
        admit,
        leave() {
          if (left) return;
          admit();
          left = true;
          open -= 1;
          count(all, address, -1);
        },
      };
    },
  };
}

function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next === 0) counts.delete(key);
  else counts.set(key, next);
}
