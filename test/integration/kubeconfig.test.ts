import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueAuthority, issueServerCertificate } from '../../src-server/app/tls/issueCertificates';
import { kubectls, kubectlSession, type KubectlSession } from '../harness/kubectl';
import { startServer, type TestServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';

interface Kubeconfig {
  readonly clusters: readonly { name: string; cluster: { server: string; 'certificate-authority-data'?: string } }[];
  readonly users: readonly { name: string; user: { token: string } }[];
  readonly contexts: readonly { name: string; context: { cluster: string; user: string; namespace: string } }[];
  readonly 'current-context': string;
}

let server: TestServer;
let session: KubectlSession;

beforeAll(async () => {
  server = await startServer();
  session = await kubectlSession(server);
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function kubeconfig(args: readonly string[] = [], env: Record<string, string> = {}): Promise<Kubeconfig> {
  const { code, stdout, stderr } = await server.cli(['kubeconfig', ...args], { env });
  if (code !== 0) throw new Error(stderr);
  return parse(stdout) as Kubeconfig;
}

describe.each(kubectls.filter(({ minor }) => minor >= 27))('$name', (kubectl) => {
  it.skipIf(kubectl.path === undefined)('trusts the server and signs in', async () => {
    expect(await session.ok(kubectl, ['get', '--raw', '/healthz'])).toContain('"ok":true');
    expect(JSON.parse(await session.ok(kubectl, ['get', '--raw', '/version']))).toMatchObject({ gitVersion: expect.stringMatching(/^v1\.\d+\.\d+\+kradle\./) as string });
    expect(await session.ok(kubectl, ['version'])).toMatch(/Server Version: .*kradle/);
  });
});

describe('what is written', () => {
  it('is the https address of the same port, the authority of the data folder, the token and the namespace', async () => {
    const config = await kubeconfig();
    expect(config.clusters[0]?.cluster.server).toBe(server.url.replace('http:', 'https:'));
    expect(Buffer.from(config.clusters[0]?.cluster['certificate-authority-data'] ?? '', 'base64').toString()).toContain('BEGIN CERTIFICATE');
    expect(config.users[0]?.user.token).toBe(server.token);
    expect(config.contexts[0]).toEqual({ name: 'kradle', context: { cluster: 'kradle', user: 'kradle', namespace: 'kradle-org-default' } });
    expect(config['current-context']).toBe('kradle');
  });

  it('takes a name, an organization and a token', async () => {
    const config = await kubeconfig(['--name', 'work', '--org', 'acme', '--token', 'other']);
    expect([config.clusters[0]?.name, config.users[0]?.name, config.contexts[0]?.name, config['current-context']]).toEqual(['work', 'work', 'work', 'work']);
    expect(config.contexts[0]?.context).toEqual({ cluster: 'work', user: 'work', namespace: 'kradle-org-acme' });
    expect(config.users[0]?.user.token).toBe('other');
  });

  it('knows this machine by each of its names', async () => {
    const { port } = new URL(server.url);
    for (const host of ['localhost', '127.0.0.1']) {
      for (const scheme of ['http', 'https']) {
        const config = await kubeconfig(['--server', `${scheme}://${host}:${port}`, '--token', server.token]);
        expect(config.clusters[0]?.cluster).toMatchObject({ server: `https://${host}:${port}`, 'certificate-authority-data': expect.any(String) as string });
      }
    }
  });

  it('has no authority for a server elsewhere with a public certificate, which is not asked', async () => {
    const config = await kubeconfig(['--server', 'https://kradle.example.com', '--token', 't']);
    expect(config.clusters[0]?.cluster).toEqual({ server: 'https://kradle.example.com' });
  });

  it('has the authority that was named for a server elsewhere', async () => {
    const config = await kubeconfig(['--server', 'http://kradle.lan:3080', '--token', 't', '--certificate-authority', join(server.dataDir, 'tls', 'ca.pem')]);
    expect(config.clusters[0]?.cluster).toMatchObject({ server: 'https://kradle.lan:3080', 'certificate-authority-data': expect.any(String) as string });
  });
});

describe('what is refused', () => {
  it.each([
    [['--server', 'http://kradle.lan:3080', '--token', 't'], 2, /over TLS only.*[^]*--certificate-authority/],
    [['--server', 'https://kradle.example.com'], 2, /no token/],
    [['--server', 'http://127.0.0.1:1', '--token', 't'], 3, /cannot be reached over TLS \(ECONNREFUSED\)/],
    [['--certificate-authority', 'package.json'], 2, /no certificate in PEM/],
  ])('%j', async (args, code, message) => {
    const result = await server.cli(['kubeconfig', ...args]);
    expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) as string });
  });

  it('a server whose authority this machine does not know', async () => {
    await using other = await startServer();
    const result = await server.cli(['kubeconfig', '--server', other.url, '--token', 't']);
    expect(result).toMatchObject({ code: 1, stderr: expect.stringMatching(/signed by nobody whom this machine knows[^]*--certificate-authority FILE/) as string });
  });
});

it('serves the certificate that the configuration names', async () => {
  await using folder = await tempDir();
  const authority = await issueAuthority({ commonName: 'company', nowMs: Date.now() });
  const certificate = await issueServerCertificate(authority, { names: ['127.0.0.1'], nowMs: Date.now() });
  const file = async (name: string, content: string) => {
    await writeFile(join(folder.path, name), content);
    return join(folder.path, name);
  };
  const [ca, KRADLE_TLS_CERT, KRADLE_TLS_KEY] = [await file('ca.pem', authority.cert), await file('c.pem', certificate.cert), await file('c.key', certificate.key)];
  await using configured = await startServer({ env: { KRADLE_TLS_CERT, KRADLE_TLS_KEY } });
  expect(await configured.cli(['kubeconfig'])).toMatchObject({ code: 1, stderr: expect.stringContaining('signed by nobody') as string });
  const { code, stdout } = await configured.cli(['kubeconfig'], { env: { NODE_EXTRA_CA_CERTS: ca } });
  expect(code).toBe(0);
  expect((parse(stdout) as Kubeconfig).clusters[0]?.cluster).toEqual({ server: configured.url.replace('http:', 'https:') });
});
