import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

export interface WatchLine {
  readonly type: string;
  readonly object: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- events are read as they come; a wrong guess fails the test
}

/** A watch of the Kubernetes door, read line by line. */
export interface OpenWatch extends AsyncDisposable {
  /** The next events, as many as asked for. */
  take(count: number): Promise<WatchLine[]>;
  /** What comes until the server ends the stream. */
  rest(): Promise<WatchLine[]>;
}

export interface WatchClient {
  /** Resolves when the server has begun its answer. Throws for anything but 200. */
  open(path: string, headers?: Readonly<Record<string, string>>): Promise<OpenWatch>;
}

export function createWatchClient(url: string, common: Readonly<Record<string, string>> = {}): WatchClient {
  return {
    async open(path, headers = {}) {
      const abort = new AbortController();
      const response = await fetch(url + path, { headers: { ...common, ...headers }, signal: abort.signal });
      if (response.status !== 200 || response.body === null) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
      const body = Readable.fromWeb(response.body);
      // A test that closes the watch does not want to hear that it is closed.
      body.on('error', () => undefined);
      const lines = createInterface({ input: body })[Symbol.asyncIterator]();
      const next = async (): Promise<WatchLine | undefined> => {
        const { value, done } = await lines.next();
        return done === true ? undefined : (JSON.parse(value) as WatchLine);
      };
      return {
        async take(count) {
          const events: WatchLine[] = [];
          while (events.length < count) {
            const event = await next();
            if (event === undefined) throw new Error(`the watch ended after ${events.length} of ${count} events`);
            events.push(event);
          }
          return events;
        },
        async rest() {
          const events: WatchLine[] = [];
          for (let event = await next(); event !== undefined; event = await next()) events.push(event);
          return events;
        },
        async [Symbol.asyncDispose]() {
          abort.abort();
        },
      };
    },
  };
}
