import { Server, type RequestListener, type ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import type { Logger } from '../app/log';

/** How long a connection may be silent before its first byte, and how long a TLS handshake may take. */
const GREETING_TIMEOUT_MS = 30_000;
/** The content type of a TLS handshake record (RFC 8446, section 5.1); no HTTP method begins with it. */
const TLS_HANDSHAKE = 0x16;

/** Certificate chain and private key of a server, PEM. */
export interface TlsCredentials {
  readonly cert: string;
  readonly key: string;
}

export interface DualServerOptions extends ServerOptions {
  /** Asked for every TLS connection; the same object as long as the certificate is the same. */
  readonly credentials: () => Promise<TlsCredentials>;
  readonly log: Logger;
  readonly greetingTimeoutMs?: number;
}

/**
 * An HTTP/1.1 server that speaks TLS as well, on the same port: the first byte of a connection decides. Both kinds of connection are
 * parsed, limited, timed out and closed by this one server. The look at the first byte is once a connection, not once a request:
 * after it, Node's parser reads from the handle itself as it always does.
 */
export class DualServer extends Server {
  readonly #options: DualServerOptions;
  /** Connections that are not known to Node's own list of connections: silent still, or under a TLS connection. */
  readonly #raw = new Set<Socket>();
  #tls: TlsServer | undefined;
  #credentials: TlsCredentials | undefined;

  constructor(options: DualServerOptions, onRequest: RequestListener) {
    super(options, onRequest);
    this.#options = options;
    // What Node's server does with a connection. It takes any stream that is given to it this way, TLS sockets included.
    const serve = this.listeners('connection') as ((socket: Socket) => void)[];
    this.removeAllListeners('connection');
    this.on('connection', (socket: Socket) => this.#greet(socket, (decided) => serve.forEach((listener) => listener.call(this, decided))));
  }

  override closeAllConnections(): void {
    super.closeAllConnections();
    for (const socket of this.#raw) socket.destroy();
  }

  #greet(socket: Socket, serve: (socket: Socket) => void): void {
    const timer = setTimeout(() => socket.destroy(), this.#options.greetingTimeoutMs ?? GREETING_TIMEOUT_MS);
    const giveUp = () => socket.destroy();
    this.#raw.add(socket);
    socket.once('close', () => {
      clearTimeout(timer);
      this.#raw.delete(socket);
    });
    socket.once('error', giveUp);
    socket.once('end', giveUp);
    socket.once('data', (chunk: Buffer) => {
      clearTimeout(timer);
      socket.pause();
      socket.unshift(chunk);
      const proceed = () => {
        socket.off('error', giveUp).off('end', giveUp);
      };
      if (chunk[0] === TLS_HANDSHAKE) void this.#secure(socket, { proceed, serve });
      else {
        proceed();
        this.#raw.delete(socket);
        serve(socket);
        socket.resume();
      }
    });
  }

  async #secure(socket: Socket, next: { proceed: () => void; serve: (socket: Socket) => void }): Promise<void> {
    try {
      const credentials = await this.#options.credentials();
      const server = this.#tlsServer(credentials, next.serve);
      if (socket.destroyed) return;
      next.proceed();
      // A TLS connection is over when one side says so.
      socket.allowHalfOpen = false;
      server.emit('connection', socket);
    } catch (error) {
      this.#options.log.error({ err: error }, 'cannot serve TLS');
      socket.destroy();
    }
  }

  /** Does the handshakes; never listens itself. */
  #tlsServer(credentials: TlsCredentials, serve: (socket: Socket) => void): TlsServer {
    if (this.#tls === undefined) {
      const handshakeTimeout = this.#options.greetingTimeoutMs ?? GREETING_TIMEOUT_MS;
      this.#tls = createTlsServer({ ...credentials, ALPNProtocols: ['http/1.1'], handshakeTimeout }, serve);
      this.#tls.on('tlsClientError', (error, client) => {
        this.#options.log.debug({ err: error }, 'TLS handshake failed');
        client.destroy();
      });
    } else if (credentials !== this.#credentials) this.#tls.setSecureContext({ ...credentials });
    this.#credentials = credentials;
    return this.#tls;
  }
}
