import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** In the folder `ssh`: signs the commits that the server makes. */
export const COMMIT_SIGNING_KEY = 'commit_signing_key';

/** Where everything of a local installation lies. */
export interface DataDir {
  readonly root: string;
  readonly database: string;
  readonly repositories: string;
  readonly workspaces: string;
  readonly blobs: string;
  /** What git needs beside repositories: push hooks, an empty home. */
  readonly git: string;
  /** Runner logs, spools and process records, a folder a run. */
  readonly runs: string;
  readonly temporary: string;
  readonly adminTokenFile: string;
  /** See `keyRing.ts`. */
  readonly secretKeyFile: string;
  /** Our own certificate authority and the certificate that it signed: `ca.pem`, `ca.key`, `server.pem`, `server.key`. Made when TLS is first asked for. */
  readonly tls: string;
  /** Host keys of git over SSH: `ssh_host_ed25519_key`, `ssh_host_ecdsa_key`, and what signs the server's own commits, `commit_signing_key`; 0600. */
  readonly ssh: string;
  /** `{ url, pid }` of the server that is up: how the CLI and runners of this machine find it. */
  readonly serverFile: string;
}

/** Where things lie in a data folder, which may not be there. */
export function dataDirAt(root: string): DataDir {
  return {
    root,
    database: join(root, 'kradle.db'),
    repositories: join(root, 'repositories'),
    workspaces: join(root, 'workspaces'),
    blobs: join(root, 'blobs'),
    git: join(root, 'git'),
    runs: join(root, 'runs'),
    temporary: join(root, 'tmp'),
    adminTokenFile: join(root, 'admin-token'),
    secretKeyFile: join(root, 'secret.key'),
    tls: join(root, 'tls'),
    ssh: join(root, 'ssh'),
    serverFile: join(root, 'server.json'),
  };
}

/** Creates what is missing. The folder is the owner's alone: it holds keys and private code. */
export function openDataDir(root: string): DataDir {
  const dataDir = dataDirAt(root);
  const created = !existsSync(root);
  mkdirSync(root, { recursive: true });
  if (created) chmodSync(root, 0o700);
  for (const folder of [dataDir.repositories, dataDir.workspaces, dataDir.blobs, dataDir.git, dataDir.runs, dataDir.temporary]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return dataDir;
}

/** The administrator's token: made on first start, then read. 0600. */
export function readOrCreateAdminToken(dataDir: DataDir): string {
  return readOrCreateSecret(dataDir.adminTokenFile, () => `kradle_${randomBytes(32).toString('base64url')}`);
}

/** Tells this machine's CLI and runners where the server is. */
export function writeServerFile(dataDir: DataDir, server: { url: string; pid: number }): void {
  writeAtomically(dataDir.serverFile, `${JSON.stringify(server)}\n`);
}

/** Forgets the address, unless another server has written its own since. */
export function removeServerFile(dataDir: DataDir, pid: number): void {
  try {
    const { pid: owner } = JSON.parse(readFileSync(dataDir.serverFile, 'utf8')) as { pid?: number };
    if (owner === pid) rmSync(dataDir.serverFile);
  } catch {
    // Gone or unreadable: there is nothing of ours to forget.
  }
}

function readOrCreateSecret(path: string, make: () => string): string {
  if (existsSync(path)) {
    const value = readFileSync(path, 'utf8').trim();
    // It may have come back from a backup, readable for everybody.
    chmodSync(path, 0o600);
    if (value !== '') return value;
  }
  const value = make();
  writeAtomically(path, `${value}\n`);
  return value;
}

/** Replaces a file at once, so that nobody reads half of it. 0600. */
export function writeAtomically(path: string, content: string): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    writeFileSync(temporary, content, { mode: 0o600 });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
