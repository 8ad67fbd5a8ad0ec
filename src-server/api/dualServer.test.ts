import { once } from 'node:events';
import { Agent as HttpAgent, request as httpRequest, type RequestListener } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { pino } from 'pino';
import { beforeAll, describe, expect, it } from 'vitest';
import { issueAuthority, issueServerCertificate } from '../app/tls/issueCertificates';
import { DualServer, type TlsCredentials } from './dualServer';

const log = pino({ level: 'silent' });
let ca: string;
let credentials: TlsCredentials;

beforeAll(async () => {
  const authority = await issueAuthority({ commonName: 'test', nowMs: Date.now() });
  ca = authority.cert;
  credentials = await issueServerCertificate(authority, { names: ['localhost', '127.0.0.1'], nowMs: Date.now() });
});

/** Answers with what it was sent, by which way it came, and on which connection. */
const echo: RequestListener = (req, res) => {
  void text(req).then((body) => {
    const { encrypted = false, remotePort } = req.socket as TLSSocket;
    res.end(JSON.stringify({ encrypted, remotePort, method: req.method, url: req.url, length: body.length, tail: body.slice(-8) }));
  });
};

interface Running extends AsyncDisposable {
  readonly server: DualServer;
  readonly port: number;
}

async function listen(opts: Partial<ConstructorParameters<typeof DualServer>[0]> = {}, onRequest = echo): Promise<Running> {
  const server = new DualServer({ credentials: () => Promise.resolve(credentials), log, ...opts }, onRequest);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  readonly agent?: HttpAgent | HttpsAgent;
  readonly headers?: Record<string, string>;
}

type Protocol = 'http' | 'https';

async function ask(protocol: Protocol, port: number, { body, ...opts }: Ask = {}): Promise<Answer> {
  const req = protocol === 'https' ? httpsRequest({ host: '127.0.0.1', port, ca, ...opts }) : httpRequest({ host: '127.0.0.1', port, ...opts });
  if (opts.headers?.expect === '100-continue') await once(req.flushHeaders() ?? req, 'continue');
  req.end(body);
  const [res] = (await once(req, 'response')) as [import('node:http').IncomingMessage];
  return { status: res.statusCode, body: await text(res) };
}

async function open(protocol: Protocol, port: number): Promise<Socket> {
  const socket = protocol === 'https' ? connectTls({ host: '127.0.0.1', port, ca, ALPNProtocols: ['h2', 'http/1.1'] }) : connect(port, '127.0.0.1');
  await once(socket, protocol === 'https' ? 'secureConnect' : 'connect');
  return socket;
}

async function readAll(socket: Socket): Promise<string> {
  return text(socket);
}

describe.each<Protocol>(['http', 'https'])('%s', (protocol) => {
  const encrypted = protocol === 'https';

  it('answers, and keeps the connection for the next request', async () => {
    await using running = await listen();
    const agent = encrypted ? new HttpsAgent({ keepAlive: true, maxSockets: 1 }) : new HttpAgent({ keepAlive: true, maxSockets: 1 });
    const answers = [];
    for (let i = 0; i < 20; i += 1) answers.push(JSON.parse((await ask(protocol, running.port, { path: `/${i}`, agent })).body) as { remotePort: number });
    agent.destroy();
    expect(answers[19]).toMatchObject({ encrypted, url: '/19' });
    expect(new Set(answers.map(({ remotePort }) => remotePort)).size).toBe(1);
  });

  it('takes a body of many chunks whose first comes with the headers', async () => {
    await using running = await listen();
    const socket = await open(protocol, running.port);
    const body = 'x'.repeat(3 * 1024 * 1024 - 8) + 'the tail';
    socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    expect(await readAll(socket)).toContain(`"length":${body.length},"tail":"the tail"`);
  });

  it('takes a request byte by byte, and two requests in one packet', async () => {
    await using running = await listen();
    const slow = await open(protocol, running.port);
    for (const character of 'GET /slow HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n') await new Promise((resolve) => slow.write(character, resolve));
    expect(await readAll(slow)).toContain('/slow');
    const fast = await open(protocol, running.port);
    fast.write('GET /one HTTP/1.1\r\nHost: localhost\r\n\r\nGET /two HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(await readAll(fast)).toMatch(/\/one[^]*\/two/);
  });

  it('tells a client that waits to go on', async () => {
    await using running = await listen();
    running.server.on('checkContinue', (req, res) => {
      res.writeContinue();
      echo(req, res);
    });
    const answer = await ask(protocol, running.port, { method: 'POST', body: 'body', headers: { expect: '100-continue', 'content-length': '4' } });
    expect(JSON.parse(answer.body)).toMatchObject({ length: 4, encrypted });
  });

  it('streams while the client reads', async () => {
    await using running = await listen({}, (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write('data: 1\n\n');
      res.once('close', () => running.server.emit('streamClosed'));
    });
    const closed = once(running.server, 'streamClosed');
    const socket = await open(protocol, running.port);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    let heard = '';
    for await (const chunk of socket) {
      heard += String(chunk);
      if (heard.includes('data: 1')) break;
    }
    socket.destroy();
    await closed;
    expect(heard).toContain('data: 1');
  });

  it('hands over an upgrade', async () => {
    await using running = await listen();
    running.server.on('upgrade', (_req, socket, head: Buffer) => socket.end(`HTTP/1.1 101 Switching Protocols\r\n\r\n${head.toString()}`));
    const socket = await open(protocol, running.port);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhead');
    expect(await readAll(socket)).toMatch(/^HTTP\/1.1 101[^]*head$/);
  });

  it('refuses headers that are too big', async () => {
    await using running = await listen({ maxHeaderSize: 4096 });
    const socket = await open(protocol, running.port);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket, 'readable');
    socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX-Big: ${'x'.repeat(5000)}\r\n\r\n`);
    expect(await readAll(socket)).toMatch(/^HTTP\/1.1 200[^]*HTTP\/1.1 431/);
  });

  it('ends a connection whose headers do not come to an end', async () => {
    await using running = await listen({ headersTimeout: 50, connectionsCheckingInterval: 20 });
    const socket = await open(protocol, running.port);
    socket.write('GET / HTTP/1.1\r\nHost:');
    expect(await readAll(socket)).toMatch(/^HTTP\/1.1 408/);
  });

  it('closes idle and busy connections when it is told to', async () => {
    const running = await listen({}, () => running.server.emit('asked'));
    const asked = once(running.server, 'asked');
    const busy = await open(protocol, running.port);
    busy.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    busy.on('error', () => undefined);
    const idle = await open(protocol, running.port);
    idle.on('error', () => undefined);
    await asked;
    const ended = [busy, idle].map((socket) => once(socket.resume(), 'close'));
    await running[Symbol.asyncDispose]();
    await Promise.all(ended);
  });
});

describe('a connection', () => {
  it('that says nothing is ended in time', async () => {
    await using running = await listen({ greetingTimeoutMs: 30 });
    const socket = connect(running.port, '127.0.0.1');
    expect(await readAll(socket)).toBe('');
  });

  it('that begins a handshake and goes silent is ended in time', async () => {
    await using running = await listen({ greetingTimeoutMs: 30 });
    const socket = connect(running.port, '127.0.0.1');
    socket.write(Buffer.from([0x16, 0x03, 0x01]));
    expect(await readAll(socket).catch(() => '')).toBe('');
  });

  it('that sends rubbish after a TLS byte harms nobody', async () => {
    await using running = await listen();
    const socket = connect(running.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.end(Buffer.concat([Buffer.from([0x16]), Buffer.from('GET / HTTP/1.1\r\n\r\n'.repeat(50))]));
    await once(socket.resume(), 'close');
    expect((await ask('https', running.port)).status).toBe(200);
  });

  it('that is reset before, during and after its first byte harms nobody', async () => {
    await using running = await listen();
    for (const greeting of [[], [0x16], [0x16, 0x03, 0x01, 0x02, 0x00], [...Buffer.from('GET / HT')]]) {
      const accepted = once(running.server, 'connection');
      const socket = connect(running.port, '127.0.0.1');
      if (greeting.length > 0) socket.write(Buffer.from(greeting));
      const [peer] = (await accepted) as [Socket];
      const gone = once(peer, 'close');
      socket.resetAndDestroy();
      await gone.catch(() => undefined);
    }
    expect((await ask('http', running.port)).status).toBe(200);
  });

  it('agrees on HTTP/1.1 with a client that would rather have HTTP/2', async () => {
    await using running = await listen();
    const socket = (await open('https', running.port)) as TLSSocket;
    expect(socket.alpnProtocol).toBe('http/1.1');
    socket.destroy();
  });
});

it('serves HTTP when there is no certificate, and https as soon as there is one', async () => {
  const found: { credentials?: TlsCredentials } = {};
  await using running = await listen({ credentials: async () => found.credentials ?? Promise.reject(new Error('no space left on device')) });
  await expect(ask('https', running.port)).rejects.toThrow();
  expect((await ask('http', running.port)).status).toBe(200);
  found.credentials = credentials;
  expect((await ask('https', running.port)).status).toBe(200);
});

it('takes a renewed certificate for the next connection', async () => {
  const authority = await issueAuthority({ commonName: 'other', nowMs: Date.now() });
  const renewed = await issueServerCertificate(authority, { names: ['127.0.0.1'], nowMs: Date.now() });
  let current = credentials;
  await using running = await listen({ credentials: () => Promise.resolve(current) });
  const fingerprint = async () => {
    const socket = connectTls({ host: '127.0.0.1', port: running.port, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  };
  const before = await fingerprint();
  current = renewed;
  expect(await fingerprint()).not.toBe(before);
});

it('stops while a connection is silent and another waits for the certificate', async () => {
  const running = await listen({ credentials: () => new Promise(() => undefined) });
  const silent = connect(running.port, '127.0.0.1');
  const waiting = connect(running.port, '127.0.0.1');
  for (const socket of [silent, waiting]) {
    socket.on('error', () => undefined);
    await once(running.server, 'connection');
  }
  waiting.write(Buffer.from([0x16]));
  await running[Symbol.asyncDispose]();
});
