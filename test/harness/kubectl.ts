import { execFileSync } from 'node:child_process';
import { accessSync, constants, realpathSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { cleanEnvironment, runProcess, type ProcessResult } from './runProcess';
import type { TestServer } from './startServer';
import { tempDir } from './tempDir';

/** A kubectl that tests run; `path` is absent when this machine has none of that version. */
export interface Kubectl {
  /** `kubectl 1.32`. */
  readonly name: string;
  /** 32 of 1.32. */
  readonly minor: number;
  readonly path: string | undefined;
}

/** 1.27 is the oldest that is supported; 1.20 is the one that still validates and explains with OpenAPI v2. */
const MINORS = [20, 27, 28, 29, 30, 31, 32, 33];

/** Every version that tests want: `describe.skipIf(kubectl.path === undefined)(kubectl.name, …)` names what is missing. */
export const kubectls: readonly Kubectl[] = findKubectls();

/** The newest one that this machine has, for what does not differ between versions. */
export const newestKubectl: Kubectl = kubectls.findLast((each) => each.path !== undefined) ?? { name: 'kubectl', minor: 0, path: undefined };

/** kubectl with a kubeconfig and a home of its own. */
export interface KubectlSession extends AsyncDisposable {
  /** Its home; files for `-f` may be put here. */
  readonly folder: string;
  readonly kubeconfig: string;
  /** Runs it to its end. Any exit code is an answer. */
  run(kubectl: Kubectl, args: readonly string[], opts?: { input?: string; signal?: AbortSignal }): Promise<ProcessResult>;
  /** As {@link run}; anything but exit code 0 is an error. Answers standard output. */
  ok(kubectl: Kubectl, args: readonly string[], opts?: { input?: string }): Promise<string>;
}

/** Signs in as `kradle kubeconfig` does it for people. */
export async function kubectlSession(server: TestServer): Promise<KubectlSession> {
  const folder = await tempDir('kradle-kubectl-');
  const kubeconfig = join(folder.path, 'kubeconfig.yaml');
  const { code, stdout, stderr } = await server.cli(['kubeconfig', '--server', server.url]);
  if (code !== 0) throw new Error(`kradle kubeconfig failed: ${stderr}`);
  await writeFile(kubeconfig, stdout, { mode: 0o600 });
  const session: KubectlSession = {
    folder: folder.path,
    kubeconfig,
    async run(kubectl, args, opts = {}) {
      if (kubectl.path === undefined) throw new Error(`there is no ${kubectl.name} here`);
      return runProcess(kubectl.path, args, { ...opts, cwd: folder.path, env: { ...cleanEnvironment(folder.path), KUBECONFIG: kubeconfig } });
    },
    async ok(kubectl, args, opts) {
      const result = await session.run(kubectl, args, opts);
      if (result.code !== 0) throw new Error(`${kubectl.name} ${args.join(' ')} exited with ${String(result.code)}\n${result.stdout}${result.stderr}`);
      return result.stdout;
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
  return session;
}

/** `kubectl.1.32` on PATH or beside the `kubectl` that PATH leads to; else a plain `kubectl` there or in `KUBEBUILDER_ASSETS`, if it is of that version. */
function findKubectls(): Kubectl[] {
  const onPath = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const assets = process.env.KUBEBUILDER_ASSETS;
  const found = [...onPath, ...(assets === undefined ? [] : [assets])].flatMap((folder) => programAt(join(folder, 'kubectl')) ?? []);
  const plain = [...new Set(found.map((path) => realpathSync(path)))].map((path) => ({ path, minor: minorOf(path) }));
  const numbered = [...onPath, ...plain.map(({ path }) => dirname(path))];
  return MINORS.map((minor) => ({
    name: `kubectl 1.${minor}`,
    minor,
    path: numbered.map((folder) => programAt(join(folder, `kubectl.1.${minor}`))).find((path) => path !== undefined) ?? plain.find((each) => each.minor === minor)?.path,
  }));
}

function minorOf(kubectl: string): number {
  try {
    const { clientVersion } = JSON.parse(execFileSync(kubectl, ['version', '--client', '--output', 'json'], { encoding: 'utf8' })) as { clientVersion: { minor: string } };
    return Number.parseInt(clientVersion.minor, 10);
  } catch {
    return 0;
  }
}

function programAt(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}
