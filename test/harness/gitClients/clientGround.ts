import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { SshServerView } from '#shared/api/sshKeys';
import { git } from '../git';
import { startServer, type TestServer } from '../startServer';
import { tempDir, type TempDir } from '../tempDir';
import type { GitWay } from './gitClient';
import { makeSshHome } from './sshHome';

/** Files, branches and tags of every repository: names that programs get wrong. */
export const FILES = ['a.txt', 'with space.txt', 'größe/日本 語.txt', '-rf', 'quote".txt', 'tab\tin it.txt', 'line\nbreak.txt'];
export const BRANCHES = ['main', 'feature/größe-日本', 'deep/er/than\'others', 'locked'];
export const TAGS = ['v1.0', 'rc/größe-1'];

/** A server, and what clients need to get at its repositories. */
export interface ClientGround {
  readonly server: TestServer;
  readonly folder: string;
  /** A home that is not let in over SSH. */
  readonly strangerHome: string;
  /** A repository of its own with {@link FILES}, {@link BRANCHES} and {@link TAGS}. Its branch `locked` takes no pushes, and is behind `main`. */
  seed(kind: GitWay['kind']): Promise<SeededRepository>;
  /** To a repository, whether it is there or not. */
  wayTo(name: string, kind: GitWay['kind']): GitWay;
}

export interface SeededRepository {
  readonly name: string;
  readonly way: GitWay;
  /** The repository's folder on the server. */
  readonly bare: string;
}

/** One for the tests of a file. */
export function useClientGround(): () => ClientGround {
  let ground: (ClientGround & AsyncDisposable) | undefined;
  beforeAll(async () => {
    ground = await openGround();
  });
  afterAll(() => ground?.[Symbol.asyncDispose]());
  return () => {
    if (ground === undefined) throw new Error('the server has not been started yet');
    return ground;
  };
}

/** Commits a file to the branch that is checked out; answers the commit's id. */
export async function commitFile(clone: string, path: string, content: string | Buffer): Promise<string> {
  await mkdir(dirname(join(clone, path)), { recursive: true });
  await writeFile(join(clone, path), content);
  await git(['add', '--all'], { cwd: clone });
  await git(['commit', '--quiet', '-m', 'Change'], { cwd: clone });
  return (await git(['rev-parse', 'HEAD'], { cwd: clone })).trim();
}

/** References under a prefix, by name. */
export async function readRefs(repository: string, prefix: string): Promise<Record<string, string>> {
  const lines = (await git(['for-each-ref', '--format=%(objectname) %(refname)', prefix], { cwd: repository })).trim().split('\n').filter(Boolean);
  return Object.fromEntries(lines.map((line) => [line.slice(41), line.slice(0, 40)]));
}

async function openGround(): Promise<ClientGround & AsyncDisposable> {
  const folder = await tempDir('kradle-clients-');
  const server = await startServer({ args: ['--ssh-port', '0'] });
  const { address } = await server.api<SshServerView>('GET', '/api/ssh');
  if (address === undefined) throw new Error('there is no git over SSH');
  const knownHosts = (await server.cli(['ssh', 'host-keys'])).stdout;
  const known = await makeSshHome(join(folder.path, 'known'), knownHosts);
  const stranger = await makeSshHome(join(folder.path, 'stranger'), knownHosts);
  await server.api('POST', '/api/user/ssh-keys', { key: known.publicKey });
  const source = await makeSource(folder);
  let count = 0;

  const wayTo: ClientGround['wayTo'] = (name, kind) => ({
    kind,
    url: kind === 'http' ? `${server.url}/git/default/${name}.git` : `ssh://git@${address.host}:${address.port}/default/${name}.git`,
    home: known.path,
    token: server.token,
  });
  return {
    server,
    folder: folder.path,
    strangerHome: stranger.path,
    wayTo,
    async seed(kind) {
      count += 1;
      const name = `client-${count}`;
      await server.api('POST', '/api/orgs/default/repositories', { name });
      await git(['push', '--quiet', server.gitUrl(name), ...BRANCHES, ...TAGS.map((tag) => `refs/tags/${tag}`)], { cwd: source });
      await server.api('POST', '/api/orgs/default/resources', { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'BranchProtection', metadata: { name }, spec: { repository: name, refs: ['locked'] } });
      return { name, way: wayTo(name, kind), bare: join(server.dataDir, 'repositories', 'default', `${name}.git`) };
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function makeSource(folder: TempDir): Promise<string> {
  const path = join(folder.path, 'source');
  await git(['init', '--quiet', path], { cwd: folder.path });
  for (const file of FILES) await commitFile(path, file, `${file}\n`);
  for (const branch of BRANCHES.filter((each) => each !== 'main' && each !== 'locked')) {
    await git(['checkout', '--quiet', '-B', branch, 'main'], { cwd: path });
    await commitFile(path, 'of the branch.txt', branch);
  }
  // Clients look for themselves whether a push would lose something; and old ones take any branch with the same commit for the default one.
  await git(['branch', 'locked', 'main~1'], { cwd: path });
  await git(['checkout', '--quiet', 'main'], { cwd: path });
  await git(['tag', '-m', 'One', 'v1.0'], { cwd: path });
  await git(['tag', 'rc/größe-1', 'main~1'], { cwd: path });
  return path;
}
