/** Counts what is under way per key, so that what must not come between can wait for it. A fact of this process, as what it counts is. */
export interface InFlight {
  /** Counts one more until the answer is called. */
  enter(key: string): () => void;
  /** Settles when nothing is under way under the key. What enters later is waited for, too: close the door first. */
  idle(key: string): Promise<void>;
}

export function createInFlight(): InFlight {
  const counts = new Map<string, { running: number; waiting: (() => void)[] }>();
  return {
    enter(key) {
      const entry = counts.get(key) ?? { running: 0, waiting: [] };
      counts.set(key, entry);
      entry.running += 1;
      let left = false;
      return () => {
        if (left) return;
        left = true;
        entry.running -= 1;
        if (entry.running > 0) return;
        counts.delete(key);
        for (const resolve of entry.waiting) resolve();
      };
    },
    async idle(key) {
      for (let entry = counts.get(key); entry !== undefined; entry = counts.get(key)) {
        const { waiting } = entry;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}
