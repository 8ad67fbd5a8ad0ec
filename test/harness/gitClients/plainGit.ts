import { writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { cleanEnvironment, runProcess } from '../runProcess';
import { type GitClient, type GitWay, toAnswer } from './gitClient';
import { withNetrc } from './netrc';
import { sshCommandOf } from './sshHome';

/** What makes one use of git differ from others. */
interface GitVariant {
  readonly name: string;
  /** Default: HTTP. */
  readonly ways?: readonly GitWay['kind'][];
  /** Configuration for one command, as `-c` takes it. */
  readonly config?: (way: GitWay) => readonly string[] | Promise<readonly string[]>;
  /** User name and password of the address, where `TOKEN` stands for the token. Default: none. */
  readonly userInfo?: string;
  readonly hasNetrc?: boolean;
  readonly unauthorized?: RegExp;
}

const GIT = process.env.KRADLE_TEST_GIT ?? 'git';
const hasSsh = (await runProcess('ssh', ['-V']).catch(() => ({ code: 1 }))).code === 0;
const version = (await runProcess(GIT, ['version'])).stdout.replace(/^git version /, '').trim();

/** git over each version of its protocol. `KRADLE_TEST_GIT` names another git. */
export const gitProtocols: readonly GitClient[] = [0, 1, 2].map((protocol) => toClient({ name: `protocol ${protocol}`, ways: ['http', 'ssh'], config: () => [`protocol.version=${protocol}`], userInfo: 'any:TOKEN' }));

/** git with each way to hand it a token. */
export const gitCredentials: readonly GitClient[] = [
  { name: 'any user name in the address', userInfo: 'any:TOKEN' },
  { name: 'the token as user name', userInfo: 'TOKEN:x-oauth-basic' },
  { name: 'the token as user name, no password', userInfo: 'TOKEN:' },
  // Where what stands ready is not good, git asks for a user name.
  { name: '.netrc', hasNetrc: true, unauthorized: /could not read Username/ },
  {
    name: 'a credential helper',
    async config({ url, home, token }: GitWay) {
      const store = join(home, 'credentials');
      const { protocol, host } = new URL(url);
      await writeFile(store, `${protocol}//una:${encodeURIComponent(token)}@${host}\n`, { mode: 0o600 });
      return [`credential.helper=store --file="${store}"`];
    },
  },
  // As CI systems hand their job's token to git.
  { name: 'http.extraHeader, Basic', config: ({ token }: GitWay) => [`http.extraHeader=Authorization: basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`], unauthorized: /could not read Username/ },
  { name: 'http.extraHeader, Bearer', config: ({ token }: GitWay) => [`http.extraHeader=Authorization: Bearer ${token}`], unauthorized: /could not read Username/ },
  // What does not fit into the buffer goes out in chunks, after an empty request that asks whether it would be let in.
  { name: 'a small http.postBuffer', config: () => ['http.postBuffer=65536'], userInfo: 'any:TOKEN' },
].map(toClient);

function toClient(variant: GitVariant): GitClient {
  const { ways = ['http'], userInfo = '' } = variant;
  const run = async (way: GitWay, args: readonly string[]) => {
    const config = (await variant.config?.(way))?.flatMap((each) => ['-c', each]) ?? [];
    const env = { ...cleanEnvironment(way.home), GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', ...(way.kind === 'ssh' ? { GIT_SSH_COMMAND: sshCommandOf(way.home) } : {}) };
    const act = async () => toAnswer(await runProcess(GIT, [...config, ...args], { cwd: way.home, env }));
    return variant.hasNetrc === true ? withNetrc(way, act) : act();
  };
  const address = ({ kind, url, token }: GitWay): string => (kind === 'ssh' || userInfo === '' ? url : url.replace('://', `://${userInfo.replace('TOKEN', encodeURIComponent(token))}@`));
  return {
    name: `git ${version} with ${variant.name}`,
    missing: undefined,
    ways: hasSsh ? ways : ways.filter((kind) => kind !== 'ssh'),
    canShallow: true,
    words: {
      unauthorized: { http: variant.unauthorized ?? /Authentication failed/, ssh: /Permission denied \(publickey\)/ },
      notFound: { http: /remote: There is no repository "none"/, ssh: /remote error: There is no repository "none"/ },
    },
    clone: (way, into, { depth } = {}) => run(way, ['clone', ...(depth === undefined ? [] : [`--depth=${depth}`]), address(way), into]),
    fetch: (way, clone) => run(way, ['-C', clone, 'fetch', '--tags', 'origin']),
    push: (way, clone, refspecs) => run(way, ['-C', clone, 'push', 'origin', ...refspecs]),
    list: (way) => run(way, ['ls-remote', address(way)]),
  };
}
