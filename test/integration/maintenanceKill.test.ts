import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { gitsBelow } from '../../src-server/domains/forge/serving/leftoverProcess';
import { eventually } from '../harness/eventually';
import { git, tryGit } from '../harness/git';
import { chancesOfTest, fileMoved, killRounds, moment } from '../harness/killMoments';
import { startServer, type TestServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';

const ROUNDS = killRounds(3);
/** Enough that packing, indexing and walking them all takes a while. */
const COMMITS = 4000;
/** More than a repository may have before they are packed together, and in each more objects than git unpacks. */
const PUSHES = 13;
const OBJECTS = 120;

/** Something that maintenance does, by what is seen of it in the repository's folder. */
const SIGNS = [
  { what: 'references packed', folder: '.', name: /^packed-refs\.(?:lock|new)$/ },
  { what: 'a pack written', folder: 'objects/pack', name: /^(?:\.tmp-|tmp_pack_)/ },
  { what: 'the index of a pack', folder: 'objects/pack', name: /^tmp_(?:idx|rev)_/ },
  { what: 'a pack put in its place', folder: 'objects/pack', name: /^pack-.*\.pack$/ },
  { what: 'the index over all packs', folder: 'objects/pack', name: /^multi-pack-index(?:\.lock)?$/ },
  { what: 'the bitmap', folder: 'objects/pack', name: /^(?:tmp_bitmap|multi-pack-index-.*bitmap)/ },
  { what: 'the commit graph', folder: 'objects/info/commit-graphs', name: /^(?:tmp_graph_|commit-graph-chain\.lock)/ },
] as const;

it(`is killed ${ROUNDS} times while repositories are maintained, with pushes and clones going on, and loses nothing`, { timeout: 60_000 + ROUNDS * 30_000 }, async () => {
  const chances = chancesOfTest();
  await using server = await startServer();
  await using work = await tempDir();
  const bare = join(server.dataDir, 'repositories/default/app.git');
  const clone = join(work.path, 'app');
  await seed(server, { clone, bare });
  /** What the server has said that it has. */
  const acknowledged = new Map<string, string>([['main', await revision(clone, 'main')]]);
  const push = async (branch: string, revisionOf = branch): Promise<boolean> => {
    const { code } = await tryGit(['push', '--quiet', server.gitUrl('app'), `+${revisionOf}:refs/heads/${branch}`], { cwd: clone });
    if (code === 0) acknowledged.set(branch, await revision(clone, revisionOf));
    return code === 0;
  };

  for (let round = 0; round < ROUNDS; round += 1) {
    const at = `round ${round}`;
    // Half of the rounds pack what came together, the others everything.
    const sweeps = chances.pick([true, false]);
    const sign = chances.pick(sweeps ? SIGNS : SIGNS.slice(1));
    const stop = new AbortController();
    const begun = fileMoved([join(bare, 'objects/pack'), join(bare, 'objects/info/commit-graphs'), bare], /^(?:\.tmp-|tmp_|packed-refs\.lock|multi-pack-index\.lock|commit-graph-chain\.lock)/, stop.signal);
    const look = (): Promise<void> => fileMoved([join(bare, sign.folder)], sign.name, stop.signal);
    // Pushes bring packs, too.
    const seen = sign.what === 'a pack put in its place' ? begun.then(look) : look();
    const maintained = nextMaintenance(server, stop.signal);
    const done = new AbortController();
    await prepare(bare, { sweeps });
    const pushing = (async () => {
      for (let index = 0; index < (sweeps ? 1 : PUSHES) && !done.signal.aborted; index += 1) await push(`packed-${index}`, `packed-${round * PUSHES + index}`);
    })();
    const clients = begun.then(() => Promise.all([pushing, pushUntil(done.signal, push, round), cloneUntil(done.signal, server, work.path)]));
    await Promise.race([seen.then(() => moment(chances.between(0, 30))), maintained]);
    const withChildren = chances.pick([true, false]);
    done.abort();
    await server.kill9({ withChildren });
    stop.abort();
    await clients;
    const told = `${at}, ${sweeps ? 'sweeping' : 'packing'}, at ${sign.what}, ${withChildren ? 'with' : 'without'} its gits`;
    if (withChildren) expect(await git(['fsck', '--full', '--no-dangling'], { cwd: bare }), told).toBe('');

    await server.restart();
    // Nobody waits until something has become old enough.
    expect(await gitsOf(server), told).toEqual([]);
    expect(await push(`after-${round}`, 'main'), told).toBe(true);
    await git(['clone', '--quiet', '--bare', server.gitUrl('app'), `after-${round}.git`], { cwd: work.path });
    await eventually(`nothing half left: ${told}`, async () => (await leftoversIn(bare)).length === 0, { timeoutMs: 5000 });
    expect(await git(['fsck', '--full', '--no-dangling'], { cwd: bare }), told).toBe('');
    const refs = new Map((await git(['for-each-ref', '--format=%(refname:lstrip=2) %(objectname)', 'refs/heads'], { cwd: bare })).trim().split('\n').map((line) => line.split(' ') as [string, string]));
    for (const [branch, sha] of acknowledged) {
      // A push that nobody was told of may have moved it on since.
      const { code } = await tryGit(['merge-base', '--is-ancestor', sha, refs.get(branch) ?? 'gone'], { cwd: clone });
      expect(code, `${told}: ${branch} at ${refs.get(branch) ?? 'nothing'}, told ${sha}`).toBe(0);
    }
  }

  // And then it goes through.
  await prepare(bare, { sweeps: true });
  expect(await push('last', 'main')).toBe(true);
  await nextMaintenance(server);
  expect(server.log()).not.toContain('maintenance of a repository failed');
  const packs = await readdir(join(bare, 'objects/pack'));
  expect(packs.filter((name) => name.endsWith('.bitmap'))).toHaveLength(1);
  expect(packs.filter((name) => name.endsWith('.pack')).length).toBeLessThanOrEqual(2);
  expect(await leftoversIn(bare)).toEqual([]);
  expect(await git(['fsck', '--full', '--no-dangling'], { cwd: bare })).toBe('');
  expect(await git(['multi-pack-index', 'verify'], { cwd: bare })).toBe('');
  expect(await git(['commit-graph', 'verify'], { cwd: bare })).toBe('');
});

/** The repository with a long history, and a clone with what the rounds will push. */
async function seed(server: TestServer, { clone, bare }: { clone: string; bare: string }): Promise<void> {
  await git(['init', '--quiet', clone], { cwd: join(clone, '..') });
  await git(['fast-import', '--quiet'], { cwd: clone, input: history() });
  await server.api('POST', '/api/orgs/default/repositories', { name: 'app' });
  await git(['push', '--quiet', server.gitUrl('app'), 'main'], { cwd: clone });
  await nextMaintenance(server);
  // Watched from the first round on.
  await mkdir(join(bare, 'objects/info/commit-graphs'), { recursive: true });
}

/** Makes maintenance due with the next push. */
async function prepare(bare: string, { sweeps }: { sweeps: boolean }): Promise<void> {
  const day = 24 * 3_600_000;
  await writeFile(join(bare, 'kradle-maintenance.json'), JSON.stringify({ sweptAt: sweeps ? Date.now() - 15 * day : Date.now(), movesSinceGraph: 50, movesSinceSweep: sweeps ? 1 : 0 }));
  for (const name of sweeps ? await readdir(join(bare, 'objects/info/commit-graphs')) : []) await rm(join(bare, 'objects/info/commit-graphs', name));
}

/** Pushes commit after commit to branches, until it is told to stop or nobody answers. */
async function pushUntil(signal: AbortSignal, push: (branch: string, revisionOf: string) => Promise<boolean>, round: number): Promise<void> {
  for (let step = 0; !signal.aborted; step += 1) {
    const back = COMMITS - 1 - ((round * 100 + step) % (COMMITS - 1));
    if (!(await push(`beside-${step % 4}`, `main~${back}`))) return;
  }
}

async function cloneUntil(signal: AbortSignal, server: TestServer, folder: string): Promise<void> {
  for (let step = 0; !signal.aborted; step += 1) {
    const into = join(folder, `beside-${step}.git`);
    const { code, stderr } = await tryGit(['clone', '--quiet', '--bare', '--single-branch', server.gitUrl('app'), into], { cwd: folder });
    if (code !== 0 && !signal.aborted) throw new Error(`a clone beside maintenance failed: ${stderr}`);
    await rm(into, { recursive: true, force: true });
  }
}

/** Resolves when the log says once more that a repository was maintained, or when nobody waits for it any more. */
async function nextMaintenance(server: TestServer, signal?: AbortSignal): Promise<void> {
  const times = (): number => server.log().split('repository maintained').length;
  const before = times();
  await eventually('maintenance', () => signal?.aborted === true || times() > before, { timeoutMs: 60_000 });
}

/** Gits that a server which is gone has left at work. */
async function gitsOf(server: TestServer): Promise<string[]> {
  const found = (await gitsBelow(join(server.dataDir, 'repositories'))) ?? [];
  const own = await Promise.all(found.map(async ({ pid }) => (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')).split(') ').at(-1)?.split(' ')[1] === String(server.pid)));
  return found.filter((_, index) => !own[index]).map(({ command }) => command);
}

async function leftoversIn(bare: string): Promise<string[]> {
  const names = await readdir(bare, { recursive: true });
  const packs = new Set(names.filter((name) => name.endsWith('.idx')).map((name) => name.slice(0, -'.idx'.length)));
  return names.filter((name) => /(?:^|\/)(?:tmp_|\.tmp-|incoming-)|\.(?:lock|new|keep|pid)$/.test(name) || (/\/pack-.*\.(?:pack|rev|bitmap|mtimes)$/.test(name) && !packs.has(name.replace(/\.\w+$/, ''))));
}

async function revision(clone: string, of: string): Promise<string> {
  return (await git(['rev-parse', of], { cwd: clone })).trim();
}

/** For `git fast-import`: many commits on main, and branches beside it with many files each. */
function history(): string {
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const person = (second: number): string => `committer Una User <una@example.com> ${1_700_000_000 + second} +0000\n`;
  const parts: string[] = [];
  for (let index = 0; index < COMMITS; index += 1) {
    const text = Array.from({ length: 20 }, (_, line) => `line ${line} as of ${(index * 7919 + line * 104_729) % 1_000_003}\n`).join('');
    parts.push(`commit refs/heads/main\n${person(index)}${data(`Change ${index}`)}M 100644 inline folder-${index % 17}/file-${index % 101}.txt\n${data(text)}\n`);
  }
  for (let branch = 0; branch < PUSHES * ROUNDS; branch += 1) {
    const files = Array.from({ length: OBJECTS }, (_, file) => `M 100644 inline packed-${branch}/${file}.txt\n${data(`${branch} ${file}\n`)}`).join('');
    parts.push(`commit refs/heads/packed-${branch}\n${person(COMMITS + branch)}${data(`Pack ${branch}`)}from refs/heads/main\n${files}\n`);
  }
  return parts.join('');
}
