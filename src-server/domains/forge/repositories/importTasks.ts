/** Imports that run beside the controllers: they take minutes, and a controller's workers are few. */
export interface ImportTasks {
  /** Starts the work of a key unless it runs already. At most three run at a time; others wait. */
  ensure(key: string, work: (signal: AbortSignal) => Promise<void>): void;
  /** Ends the work of a key and waits until it has ended. */
  cancel(key: string): Promise<void>;
  /** Settles when nothing runs or waits. */
  idle(): Promise<void>;
  /** Ends everything and starts nothing more. */
  stop(): Promise<void>;
}

const MAX_RUNNING = 3;

export function createImportTasks(onError: (key: string, error: unknown) => void): ImportTasks {
  const tasks = new Map<string, { abort: AbortController; done: Promise<void> }>();
  const waiting: (() => void)[] = [];
  let running = 0;
  let stopped = false;

  async function slot(): Promise<void> {
    if (running >= MAX_RUNNING) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
  }

  function leave(): void {
    const next = waiting.shift();
    // The place is handed on, so that nobody who comes now gets between.
    if (next === undefined) running -= 1;
    else next();
  }

  async function perform(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    await slot();
    try {
      if (!signal.aborted) await work(signal);
    } catch (error) {
      if (!signal.aborted) onError(key, error);
    } finally {
      leave();
      tasks.delete(key);
    }
  }

  const cancel = async (key: string): Promise<void> => {
    const task = tasks.get(key);
    task?.abort.abort(new Error('the import was cancelled'));
    await task?.done;
  };

  return {
    ensure(key, work) {
      if (stopped || tasks.has(key)) return;
      const abort = new AbortController();
      const task = { abort, done: Promise.resolve() };
      tasks.set(key, task);
      task.done = perform(key, abort.signal, work);
    },
    cancel,
    async idle() {
      while (tasks.size > 0) await Promise.all([...tasks.values()].map((task) => task.done));
    },
    async stop() {
      stopped = true;
      await Promise.all([...tasks.keys()].map(cancel));
    },
  };
}
