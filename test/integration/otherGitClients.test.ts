import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { git } from '../harness/git';
import { BRANCHES, commitFile, FILES, readRefs, useClientGround } from '../harness/gitClients/clientGround';
import type { ClientAnswer, GitClient, GitWay } from '../harness/gitClients/gitClient';
import { isomorphicGit } from '../harness/gitClients/isomorphicGit';
import { jgit } from '../harness/gitClients/jgit';
import { gitProtocols } from '../harness/gitClients/plainGit';
import { dulwich, libgit2 } from '../harness/gitClients/pythonClients';

const clients: readonly GitClient[] = [...gitProtocols, jgit, libgit2, dulwich, isomorphicGit];
const ground = useClientGround();

async function cloned(client: GitClient, way: GitWay, name: string): Promise<string> {
  const clone = join(ground().folder, name);
  went(await client.clone(way, clone));
  return clone;
}

function went({ ok, said }: ClientAnswer): void {
  expect(ok, said).toBe(true);
}

/** What a clone should know of the server's branches. */
async function tracked(bare: string): Promise<Record<string, string>> {
  return Object.fromEntries(Object.entries(await readRefs(bare, 'refs/heads')).map(([ref, oid]) => [ref.replace('refs/heads/', 'refs/remotes/origin/'), oid]));
}

describe.each(clients.flatMap((client) => client.ways.map((kind) => ({ title: `${client.name} over ${kind.toUpperCase()}`, client, kind }))))('$title', ({ client, kind }) => {
  const test = it.skipIf(client.missing !== undefined);

  test('clones what is there, names of all kinds included, and fetches what is pushed since', async () => {
    const { name, way, bare } = await ground().seed(kind);
    const clone = await cloned(client, way, name);
    expect(await readRefs(clone, 'refs/remotes/origin')).toMatchObject(await tracked(bare));
    expect(await readRefs(clone, 'refs/tags')).toEqual(await readRefs(bare, 'refs/tags'));
    for (const file of FILES) expect(await readFile(join(clone, file), 'utf8')).toBe(`${file}\n`);
    await git(['fsck', '--strict'], { cwd: clone });

    const other = join(ground().folder, `${name}-other`);
    await git(['clone', '--quiet', ground().server.gitUrl(name), other], { cwd: ground().folder });
    await commitFile(other, 'later.txt', 'later\n');
    await git(['push', '--quiet', 'origin', 'main', 'main:refs/heads/later/größe', 'main:refs/tags/v2'], { cwd: other });
    went(await client.fetch(way, clone));
    expect(await readRefs(clone, 'refs/remotes/origin')).toMatchObject(await tracked(bare));
    expect(await readRefs(clone, 'refs/tags')).toEqual(await readRefs(bare, 'refs/tags'));
    const { said } = await client.list(way);
    for (const ref of Object.keys(await readRefs(bare, 'refs/heads'))) expect(said).toContain(ref);
  });

  test('pushes to a branch, makes and deletes branches and tags', async () => {
    const { name, way, bare } = await ground().seed(kind);
    const clone = await cloned(client, way, name);
    // More than clients keep in memory to send at once.
    const oid = await commitFile(clone, 'large.bin', randomBytes(3 * 1024 * 1024));
    await git(['tag', '-m', 'Two', 'v2.0'], { cwd: clone });
    const tag = (await git(['rev-parse', 'v2.0'], { cwd: clone })).trim();
    went(await client.push(way, clone, ['refs/heads/main:refs/heads/main', 'refs/heads/main:refs/heads/new/größe', 'refs/tags/v2.0:refs/tags/v2.0']));
    expect(await readRefs(bare, 'refs')).toMatchObject({ 'refs/heads/main': oid, 'refs/heads/new/größe': oid, 'refs/tags/v2.0': tag });
    went(await client.push(way, clone, [':refs/heads/new/größe', ':refs/tags/rc/größe-1']));
    expect(Object.keys(await readRefs(bare, 'refs/heads')).sort()).toEqual(BRANCHES.map((branch) => `refs/heads/${branch}`).sort());
    expect(Object.keys(await readRefs(bare, 'refs/tags'))).toEqual(['refs/tags/v1.0', 'refs/tags/v2.0']);
    await git(['fsck', '--strict'], { cwd: bare });
  });

  test('shows why a reference is refused', async () => {
    const { name, way, bare } = await ground().seed(kind);
    const clone = await cloned(client, way, name);
    const before = await readRefs(bare, 'refs/heads');
    const oid = await commitFile(clone, 'b.txt', 'b\n');
    const { said } = await client.push(way, clone, ['refs/heads/main:refs/heads/free', 'refs/heads/main:refs/heads/locked']);
    expect(said).toContain(`protected branch: locked needs a pull request (BranchProtection default/${name})`);
    expect(await readRefs(bare, 'refs/heads')).toEqual({ ...before, 'refs/heads/free': oid });
  });

  test('says that it is not let in, and that there is nothing', async () => {
    const { name, way } = await ground().seed(kind);
    const stranger = { ...way, home: ground().strangerHome, token: 'mistyped' };
    for (const answer of [await client.list(stranger), await client.clone(stranger, join(ground().folder, name))]) {
      expect(answer).toEqual({ ok: false, said: expect.stringMatching(client.words.unauthorized[kind] ?? /never/) as string });
    }
    const nothing = await client.list(ground().wayTo('none', kind));
    expect(nothing).toEqual({ ok: false, said: expect.stringMatching(client.words.notFound[kind] ?? /never/) as string });
  });

  it.skipIf(client.missing !== undefined || !client.canShallow)('clones the newest commits only, and goes on from there', async () => {
    const { name, way, bare } = await ground().seed(kind);
    const clone = join(ground().folder, name);
    went(await client.clone(way, clone, { depth: 1 }));
    expect((await git(['rev-list', '--count', 'HEAD'], { cwd: clone })).trim()).toBe('1');
    const oid = await commitFile(clone, 'b.txt', 'b\n');
    went(await client.push(way, clone, ['refs/heads/main:refs/heads/main']));
    expect(await readRefs(bare, 'refs/heads/main')).toEqual({ 'refs/heads/main': oid });
    expect((await git(['rev-list', '--count', 'main'], { cwd: bare })).trim()).toBe(String(FILES.length + 1));
  });
});
