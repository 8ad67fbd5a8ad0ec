import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment, runProcess } from '../runProcess';
import { type GitClient, type GitWay, noteMissing, toAnswer } from './gitClient';
import { withNetrc } from './netrc';

/** Folder of JGit's jars and of those that it uses; Debian's unless `KRADLE_TEST_JGIT` says so. */
const FOLDER = process.env.KRADLE_TEST_JGIT ?? '/usr/share/java';
/** JGit's own, and by name what its versions 4 to 7 use of others: the start script of Debian's package leaves some out. */
const JARS = /^(org\.eclipse\.jgit(\.[a-z.]+)?|jsch|jzlib|sshd-(core|common|sftp|osgi)|eddsa|bc(prov|pkix|util)|args4j|javaewah|slf4j-(api|nop)|jcl-over-slf4j|commons-(logging|codec|compress)|httpc(lient|ore)|gson)\.jar$/i;

const classPath = existsSync(FOLDER) ? readdirSync(FOLDER).filter((file) => JARS.test(file)).map((file) => join(FOLDER, file)).join(':') : '';
const version = await findVersion();

/** JGit's command line: what Eclipse and other programs in Java do. */
export const jgit: GitClient = {
  name: `JGit ${version ?? ''}`.trim(),
  missing: noteMissing('JGit', version === undefined ? 'needs java and the package jgit-cli' : undefined),
  // Its newer command lines ask for passwords in a window, and where there is none do not look into `.netrc`.
  ways: majorOf(version) < 5 ? ['http', 'ssh'] : ['ssh'],
  canShallow: majorOf(version) >= 6,
  words: {
    unauthorized: { http: /not authorized/, ssh: /Auth fail|Cannot log in/ },
    notFound: { http: /not found/, ssh: /There is no repository "none"/ },
  },
  clone: (way, into, { depth } = {}) => run(way, ['clone', ...(depth === undefined ? [] : ['--depth', String(depth)]), way.url, into], way.home),
  fetch: (way, clone) => run(way, ['fetch', 'origin'], clone),
  push: (way, clone, refspecs) => run(way, ['push', 'origin', ...refspecs], clone),
  list: (way) => run(way, ['ls-remote', way.url], way.home),
};

async function run(way: GitWay, args: readonly string[], cwd: string) {
  const answer = await withNetrc(way, async () => toAnswer(await java(way.home, args, cwd)));
  // Its exit code says that it ran, not that every reference was taken.
  return { ...answer, ok: answer.ok && !/\[(remote )?rejected\]|^fatal:/m.test(answer.said) };
}

/** Its home is the machine's unless Java is told. */
function java(home: string, args: readonly string[], cwd: string) {
  return runProcess('java', ['-XX:TieredStopAtLevel=1', '-Djava.awt.headless=true', `-Duser.home=${home}`, '-cp', classPath, 'org.eclipse.jgit.pgm.Main', ...args], { cwd, env: { ...cleanEnvironment(home), XDG_CONFIG_HOME: join(home, '.config') } });
}

async function findVersion(): Promise<string | undefined> {
  if (classPath === '') return undefined;
  const { code, stdout } = await java('/nonexistent', ['version'], '/').catch(() => ({ code: 1, stdout: '' }));
  return code === 0 ? /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0] : undefined;
}

function majorOf(text: string | undefined): number {
  return Number.parseInt(text ?? '0', 10);
}
