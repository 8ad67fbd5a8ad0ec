import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../app/log';
import type { ErrorForm } from '../http/endpoint';

/** One for all: making an error for every request that ends would cost more than most of them. */
const ENDED = new DOMException('The client has its answer, or is gone', 'AbortError');

/** One request and its answer, as the doors share them. What few requests need is made when it is asked for. */
export class Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly correlationId: string;
  /** How a failure is told, once the endpoint is known; until then, as is usual at the address. */
  errors: ErrorForm | undefined;
  readonly #serverLog: Logger;
  readonly #expectsContinue: boolean;
  #log: Logger | undefined;
  #abort: AbortController | undefined;
  #stopFollowing: (() => void) | undefined;
  #ended = false;

  constructor(req: IncomingMessage, res: ServerResponse, opts: { log: Logger; expectsContinue: boolean }) {
    this.req = req;
    this.res = res;
    this.correlationId = correlationIdOf(req);
    this.#serverLog = opts.log;
    this.#expectsContinue = opts.expectsContinue;
  }

  /** Lets a client that waits send its body. */
  takeBody(): void {
    if (this.#expectsContinue) this.res.writeContinue();
  }

  /** Names the correlation id in every line. */
  get log(): Logger {
    return (this.#log ??= this.#serverLog.child({ correlationId: this.correlationId }));
  }

  /** Aborted when the answer is out or the client is gone. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#ended) this.#abort.abort(ENDED);
    }
    return this.#abort.signal;
  }

  /** `stop` is called when the exchange has ended. */
  follow(stop: () => void): void {
    if (this.#ended) stop();
    else this.#stopFollowing = stop;
  }

  end(): void {
    this.#ended = true;
    this.#stopFollowing?.();
    this.#abort?.abort(ENDED);
  }
}

/** A caller's own id is kept when it is harmless in a log. */
function correlationIdOf(req: IncomingMessage): string {
  const given = req.headers['x-request-id'] ?? req.headers['x-correlation-id'];
  if (typeof given === 'string' && /^[\w.-]{1,64}$/.test(given)) return given;
  // Node keeps random bytes for these at hand; asking for eight of our own is ten times as slow.
  const random = randomUUID();
  return `kradle-${random.slice(19, 23)}${random.slice(24)}`;
}
