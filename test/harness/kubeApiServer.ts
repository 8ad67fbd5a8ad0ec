import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { eventually } from './eventually';
import { tempDir } from './tempDir';

export interface KubeAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A real Kubernetes API server on loopback, with an etcd of its own; every request may do everything. */
export interface KubeApiServer extends AsyncDisposable {
  /** `https://127.0.0.1:PORT`, with a certificate that it signed itself. */
  readonly url: string;
  /** Of an administrator. */
  readonly token: string;
  /** Of the API server and its etcd. */
  readonly pids: readonly number[];
  request(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<KubeAnswer>;
}

const TOKEN = 'test-token';
const START_TIMEOUT_MS = 90_000;

/** Starts etcd and kube-apiserver from a folder such as `KUBEBUILDER_ASSETS` names. `durable` makes etcd sync its writes, as a real one does. */
export async function startKubeApiServer(assets: string, opts: { durable?: boolean } = {}): Promise<KubeApiServer> {
  const folder = await tempDir('kradle-kube-');
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
  const key = join(folder.path, 'service-account.key');
  const tokens = join(folder.path, 'tokens.csv');
  await writeFile(key, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }));
  await writeFile(tokens, `${TOKEN},admin,admin,system:masters\n`);
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const children = [
    start(join(assets, 'etcd'), [
      `--data-dir=${join(folder.path, 'etcd')}`, `--listen-client-urls=${etcdUrl}`, `--advertise-client-urls=${etcdUrl}`,
      `--listen-peer-urls=http://127.0.0.1:${peerPort}`, ...(opts.durable === true ? [] : ['--unsafe-no-fsync']),
    ]),
    start(join(assets, 'kube-apiserver'), [
      `--etcd-servers=${etcdUrl}`, '--bind-address=127.0.0.1', `--secure-port=${port}`, `--cert-dir=${join(folder.path, 'certificates')}`,
      `--token-auth-file=${tokens}`, '--authorization-mode=AlwaysAllow', '--service-cluster-ip-range=10.0.0.0/24',
      '--service-account-issuer=https://kradle.test', `--service-account-key-file=${key}`, `--service-account-signing-key-file=${key}`,
      '--disable-admission-plugins=ServiceAccount',
    ]),
  ];
  const server: KubeApiServer = {
    url: `https://127.0.0.1:${port}`,
    token: TOKEN,
    pids: children.flatMap(({ pid }) => (pid === undefined ? [] : [pid])),
    request: (method, path, body) => send({ port, method, path, body }),
    async [Symbol.asyncDispose]() {
      await Promise.all(children.toReversed().map(stop));
      await folder[Symbol.asyncDispose]();
    },
  };
  try {
    await eventually('the Kubernetes API server', async () => (await server.request('GET', '/readyz?format=json')).status === 200, { timeoutMs: START_TIMEOUT_MS });
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

function start(program: string, args: readonly string[]): ChildProcess {
  return spawn(program, args, { stdio: 'ignore' });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

function send(opts: { port: number; method: string; path: string; body: unknown }): Promise<KubeAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1', port: opts.port, method: opts.method, path: opts.path,
      // The server signs its own certificate at start.
      rejectUnauthorized: false,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', accept: 'application/json' },
    }, (incoming) => {
      json(incoming).catch(() => undefined).then((body) => resolve({ status: incoming.statusCode ?? 0, body }), reject);
    });
    outgoing.once('error', reject);
    outgoing.end(opts.body === undefined ? undefined : JSON.stringify(opts.body));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
