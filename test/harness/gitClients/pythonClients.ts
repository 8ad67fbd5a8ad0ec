import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment, runProcess } from '../runProcess';
import { type ClientWords, type GitClient, type GitWay, noteMissing, toAnswer } from './gitClient';
import { sshCommandOf } from './sshHome';

/** The one that Debian's packages are for, unless `KRADLE_TEST_PYTHON` names another. */
const PYTHON = process.env.KRADLE_TEST_PYTHON ?? '/usr/bin/python3';

/** libgit2, by its bindings for Python. */
export const libgit2 = await createPythonClient({
  title: 'libgit2',
  script: 'libgit2Client.py',
  version: 'import pygit2; print(pygit2.LIBGIT2_VERSION)',
  missing: 'needs the package python3-pygit2',
  canShallow: (version) => version >= 1.7,
  words: {
    unauthorized: { http: /PermissionError: the server does not accept the credential/, ssh: /PermissionError: the server does not accept the credential|authenticat/i },
    notFound: { http: /status code: 404/, ssh: /There is no repository "none"/ },
  },
});

/** dulwich, which is git in Python alone. SSH is OpenSSH's. */
export const dulwich = await createPythonClient({
  title: 'dulwich',
  script: 'dulwichClient.py',
  version: 'import dulwich; print(".".join(map(str, dulwich.__version__)))',
  missing: 'needs the package python3-dulwich',
  canShallow: () => true,
  words: {
    unauthorized: { http: /HTTPUnauthorized/, ssh: /Permission denied \(publickey\)|HangupException/ },
    notFound: { http: /NotGitRepository/, ssh: /There is no repository "none"/ },
  },
});

interface PythonClient {
  readonly title: string;
  readonly script: string;
  /** Prints the library's version. */
  readonly version: string;
  readonly missing: string;
  readonly canShallow: (version: number) => boolean;
  readonly words: ClientWords;
}

async function createPythonClient(client: PythonClient): Promise<GitClient> {
  const found = await runProcess(PYTHON, ['-c', client.version]).catch(() => ({ code: 1, stdout: '' }));
  const version = found.code === 0 ? found.stdout.trim() : undefined;
  const script = fileURLToPath(new URL(client.script, import.meta.url));
  const run = async (way: GitWay, args: readonly string[]) => {
    const credential: Record<string, string> = way.kind === 'http' ? { CLIENT_TOKEN: way.token } : { CLIENT_KEY: join(way.home, '.ssh', 'id_ecdsa'), GIT_SSH_COMMAND: sshCommandOf(way.home) };
    return toAnswer(await runProcess(PYTHON, [script, ...args], { cwd: way.home, env: { ...cleanEnvironment(way.home), PYTHONDONTWRITEBYTECODE: '1', ...credential } }));
  };
  return {
    name: `${client.title} ${version ?? ''}`.trim(),
    missing: noteMissing(client.title, version === undefined ? client.missing : undefined),
    ways: ['http', 'ssh'],
    canShallow: client.canShallow(Number.parseFloat(version ?? '0')),
    words: client.words,
    clone: (way, into, { depth } = {}) => run(way, ['clone', way.url, into, ...(depth === undefined ? [] : [String(depth)])]),
    fetch: (way, clone) => run(way, ['fetch', clone]),
    push: (way, clone, refspecs) => run(way, ['push', clone, ...refspecs]),
    list: (way) => run(way, ['list', way.url]),
  };
}
