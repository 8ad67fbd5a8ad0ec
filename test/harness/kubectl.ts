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

/** The oldest that is supported is 1.27; 1.20 comes with the Kubernetes API server that tests compare with. */
const MINORS = [20, 27, 28, 29, 30, 31, 32, 33];

/** Every version that tests want: `describe.skipIf(kubectl.path === undefined)(kubectl.name, …)` names what is missing. */
export const kubectls: readonly Kubectl[] = MINORS.map((minor) => ({ name: `kubectl 1.${minor}`, minor, path: findKubectl(minor) }));

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

/** `kubectl.1.32` on PATH or beside the `kubectl` that PATH leads to; 1.20 is the one of `KUBEBUILDER_ASSETS`. */
function findKubectl(minor: number): string | undefined {
  const assets = process.env.KUBEBUILDER_ASSETS;
  if (minor === 20) return assets === undefined ? undefined : programAt(join(assets, 'kubectl'));
  const onPath = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const plain = onPath.map((folder) => programAt(join(folder, 'kubectl'))).find((path) => path !== undefined);
  const folders = plain === undefined ? onPath : [...onPath, dirname(realpathSync(plain))];
  return folders.map((folder) => programAt(join(folder, `kubectl.1.${minor}`))).find((path) => path !== undefined);
}

function programAt(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}
