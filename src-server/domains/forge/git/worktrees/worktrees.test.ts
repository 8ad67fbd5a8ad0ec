import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGitFixture, type GitFixture } from '../../../../../test/harness/gitFixture';
import type { GitRepository } from '../gitRepositories';
import { openWorkspaceRepository, repairWorkspaces, streamPatch, transferCommit, type WorkspaceRepository } from './workspaceRepository';
import { branchOf, claimWorktree, commitAll, headOf, prepareWorktree, removeWorktree, unpublishedCommits, worktreeStatus } from './worktrees';

const AGENT = { name: 'Agent "A" One', email: 'agent@kradle.local' };

let fixture: GitFixture;
let forge: GitRepository;
let repository: WorkspaceRepository;
let base: string;
let path: string;

beforeEach(async () => {
  fixture = await createGitFixture();
  forge = await fixture.bare('forge/app');
  base = await fixture.commit(forge, { files: { 'a.txt': 'one\n', '.gitignore': 'build/\n', 'dir/b.txt': 'b\n' } });
  repository = await openWorkspaceRepository(fixture.repositories.open(join(fixture.folder, 'workspaces', 'app.git')), forge);
  path = join(fixture.folder, 'trees', 'run-1');
  await prepareWorktree(repository, path, { sha: base });
});

afterEach(() => fixture.dispose());

const claim = (branch = 'kradle/runs/run-1', sha = base): Promise<void> => claimWorktree(repository, path, { sha, branch, identity: AGENT, baseBranch: 'main' });

describe('a worktree', () => {
  it('is prepared on no branch, and claimed on the branch and commit of its run', async () => {
    expect(await worktreeStatus(repository, path)).toMatchObject({ head: base, branch: undefined, entries: [] });
    const later = await fixture.commit(forge, { files: { 'a.txt': 'two\n', 'dir/b.txt': null } });
    await claim('kradle/runs/run-1', later);
    expect(await worktreeStatus(repository, path)).toEqual({ head: later, branch: 'kradle/runs/run-1', entries: [], truncated: false });
    expect(await readFile(join(path, 'a.txt'), 'utf8')).toBe('two\n');
    // What the agent's own git sees.
    const inside = await fixture.git.run(['log', '-1', '--format=%H', 'origin/main'], { cwd: path });
    expect(inside.stdout.toString().trim()).toBe(later);
    const name = await fixture.git.run(['config', 'user.name'], { cwd: path });
    expect(name.stdout.toString().trim()).toBe('Agent "A" One');
  });

  it('is taken as it is when it was prepared at the commit of the run, and a branch has one worktree', async () => {
    expect(await branchOf(repository, path)).toBeUndefined();
    await claim();
    expect(await branchOf(repository, path)).toBe('kradle/runs/run-1');
    expect(await worktreeStatus(repository, path)).toEqual({ head: base, branch: 'kradle/runs/run-1', entries: [], truncated: false });
    path = join(fixture.folder, 'trees', 'run-2');
    await prepareWorktree(repository, path, { sha: base });
    await expect(claim()).rejects.toMatchObject({ reason: 'Conflict', code: 'BRANCH_IN_USE' });
    expect(await worktreeStatus(repository, path)).toMatchObject({ branch: undefined });
  });

  it('commits everything but ignored files, and nothing when nothing changed', async () => {
    await claim();
    expect(await commitAll(repository, path, { author: AGENT, message: 'Nothing' })).toBeUndefined();
    await writeFile(join(path, 'new file.txt'), 'new\n');
    await writeFile(join(path, 'a.txt'), 'changed\n');
    await rm(join(path, 'dir'), { recursive: true });
    await mkdir(join(path, 'build'));
    await writeFile(join(path, 'build', 'out'), 'ignored');
    expect((await worktreeStatus(repository, path)).entries.map(({ path: file, state }) => [file, state])).toEqual([
      ['a.txt', 'modified'],
      ['dir/b.txt', 'deleted'],
      ['new file.txt', 'untracked'],
    ]);
    const sha = await commitAll(repository, path, { author: AGENT, message: 'Work\n\nMore about it.\n' });
    expect(sha).toBe(await headOf(repository, path));
    const shown = await fixture.git.run(['show', '--format=%an <%ae>|%cn|%s|%b|%P', '--name-status', sha ?? ''], { gitDir: repository.workspace.path });
    expect(shown.stdout.toString()).toBe(`Agent A <agent@kradle.local>|Agent A|Work|More about it.\n|${base}\n\nM\ta.txt\nD\tdir/b.txt\nA\tnew file.txt\n`.replaceAll('Agent A', 'Agent "A" One'));
  });

  it('commits although a folder in it is a repository without commits', async () => {
    await claim();
    await mkdir(join(path, 'nested'));
    await fixture.user(['init', '--quiet'], { cwd: join(path, 'nested') });
    await writeFile(join(path, 'x.txt'), 'x');
    const sha = await commitAll(repository, path, { author: AGENT, message: 'Work' });
    expect(await fixture.show(repository.workspace, `${sha ?? ''}:x.txt`)).toBe('x');
  });

  it('never moves a reference of the forge, and shares its objects', async () => {
    await claim();
    await writeFile(join(path, 'a.txt'), 'changed\n');
    const sha = (await commitAll(repository, path, { author: AGENT, message: 'Work' })) ?? '';
    await fixture.user(['branch', '--force', 'main', sha], { cwd: path });
    expect(await forge.objects.resolve('refs/heads/main')).toBe(base);
    expect(await forge.objects.info(sha)).toBeUndefined();
    expect(await text(streamPatch(repository, { base, head: sha }))).toContain('+changed');

    await transferCommit(repository, { sha, ref: 'refs/heads/kradle/runs/run-1', expectedOid: undefined, reason: 'write-back' });
    expect(await forge.objects.resolve('refs/heads/kradle/runs/run-1')).toBe(sha);
    expect(await fixture.show(forge, `${sha}:a.txt`)).toBe('changed\n');
    await expect(transferCommit(repository, { sha, ref: 'refs/heads/main', expectedOid: sha, reason: 'stale' })).rejects.toMatchObject({ reason: 'Conflict', code: 'REF_CHANGED' });
  });

  it('is not removed while it has work that is nowhere else', async () => {
    await claim();
    await writeFile(join(path, 'a.txt'), 'changed\n');
    expect(await removeWorktree(repository, path)).toEqual({ removed: false, changedFiles: 1, commits: [] });
    const sha = (await commitAll(repository, path, { author: AGENT, message: 'Work' })) ?? '';
    expect(await removeWorktree(repository, path)).toEqual({ removed: false, changedFiles: 0, commits: [{ sha, subject: 'Work' }] });
    expect(await unpublishedCommits(repository, sha)).toHaveLength(1);
    await transferCommit(repository, { sha, ref: 'refs/heads/kradle/runs/run-1', expectedOid: undefined, reason: 'write-back' });
    expect(await removeWorktree(repository, path)).toEqual({ removed: true });
    await expect(readFile(join(path, 'a.txt'))).rejects.toThrow();
    expect(await repository.workspace.objects.resolve('refs/heads/kradle/runs/run-1')).toBeUndefined();
    expect(await forge.objects.resolve('refs/kradle/worktrees/run-1')).toBeUndefined();
  });

  it('is removed with its work by force, and when its folder is gone already', async () => {
    await claim();
    await writeFile(join(path, 'a.txt'), 'changed\n');
    expect(await removeWorktree(repository, path, { force: true })).toEqual({ removed: true });
    expect(await removeWorktree(repository, path)).toEqual({ removed: true });
    await prepareWorktree(repository, path, { sha: base });
  });

  it('goes on with a branch that has work, and does not lose it', async () => {
    await claim();
    await writeFile(join(path, 'a.txt'), 'changed\n');
    const sha = (await commitAll(repository, path, { author: AGENT, message: 'Work' })) ?? '';
    await rm(path, { recursive: true });
    await repairWorkspaces(repository, []);
    path = join(fixture.folder, 'trees', 'run-2');
    await prepareWorktree(repository, path, { sha: base });
    await expect(claim()).rejects.toMatchObject({ code: 'BRANCH_HAS_WORK' });
    await claim('kradle/runs/run-1', sha);
    expect(await readFile(join(path, 'a.txt'), 'utf8')).toBe('changed\n');
  });

  it('works again after a crash left locks, and after the whole folder was moved', async () => {
    await claim();
    await writeFile(join(repository.workspace.path, 'worktrees', 'run-1', 'index.lock'), '');
    await writeFile(join(path, 'a.txt'), 'changed\n');
    await expect(commitAll(repository, path, { author: AGENT, message: 'Work' })).rejects.toMatchObject({ code: 'WORKTREE_BUSY' });
    await repairWorkspaces(repository, [path]);
    expect(await commitAll(repository, path, { author: AGENT, message: 'Work' })).toBeDefined();

    const moved = join(fixture.folder, 'moved');
    await mkdir(moved);
    fixture.repositories.close();
    for (const name of ['forge', 'workspaces', 'trees']) await rename(join(fixture.folder, name), join(moved, name));
    const open = (name: string): GitRepository => fixture.repositories.open(join(moved, name));
    repository = await openWorkspaceRepository(open('workspaces/app.git'), open('forge/app.git'));
    path = join(moved, 'trees', 'run-1');
    await repairWorkspaces(repository, [path]);
    expect(await worktreeStatus(repository, path)).toMatchObject({ branch: 'kradle/runs/run-1', entries: [] });
  });

  it('is not confused by an agent that removes or replaces its .git file', async () => {
    await claim();
    await writeFile(join(path, '.git'), `gitdir: ${forge.path}\n`);
    await writeFile(join(path, 'a.txt'), 'changed\n');
    const sha = await commitAll(repository, path, { author: AGENT, message: 'Work' });
    expect(await repository.workspace.objects.resolve('refs/heads/kradle/runs/run-1')).toBe(sha);
    expect(await forge.objects.resolve('refs/heads/main')).toBe(base);
  });

  it('runs no hook and no monitor that an agent configured', async () => {
    await claim();
    const trap = join(fixture.folder, 'trap');
    await writeFile(trap, `#!/bin/sh\ntouch ${join(fixture.folder, 'sprung')}\n`, { mode: 0o755 });
    await fixture.user(['config', '--local', 'core.fsmonitor', trap], { cwd: path });
    await mkdir(join(repository.workspace.path, 'hooks'), { recursive: true });
    for (const hook of ['pre-commit', 'post-commit', 'post-checkout']) await writeFile(join(repository.workspace.path, 'hooks', hook), `#!/bin/sh\ntouch ${join(fixture.folder, 'sprung')}\n`, { mode: 0o755 });
    await rm(join(fixture.folder, 'sprung'), { force: true });
    await writeFile(join(path, 'a.txt'), 'changed\n');
    await commitAll(repository, path, { author: AGENT, message: 'Work' });
    await worktreeStatus(repository, path);
    await expect(readFile(join(fixture.folder, 'sprung'))).rejects.toThrow();
  });

  it('runs no filter that an agent configured, in its worktree or in a repository inside it', async () => {
    await claim();
    const sprung = join(fixture.folder, 'sprung');
    const trap = `sh -c "touch ${sprung}; cat"`;
    const inner = join(path, 'inner');
    await mkdir(inner);
    await fixture.user(['init', '--quiet', inner]);
    await writeFile(join(inner, 'file'), 'y\n');
    await fixture.user(['add', '.'], { cwd: inner });
    await fixture.user(['commit', '--quiet', '-m', 'Inner'], { cwd: inner });
    await fixture.user(['add', 'inner'], { cwd: path });
    await fixture.user(['commit', '--quiet', '-m', 'A repository inside'], { cwd: path });
    for (const cwd of [path, inner]) {
      for (const key of ['clean', 'smudge']) await fixture.user(['config', '--local', `filter.my.trap.${key}`, trap], { cwd });
      await writeFile(join(cwd, '.gitattributes'), '* filter=my.trap\n');
    }
    await writeFile(join(path, 'a.txt'), 'two\n');
    // As long as before, so that git has to read it to know whether it changed.
    await writeFile(join(inner, 'file'), 'z\n');
    expect((await worktreeStatus(repository, path)).entries).toHaveLength(2);
    expect(await commitAll(repository, path, { author: AGENT, message: 'Work' })).toMatch(/^[0-9a-f]{40}$/);
    await claimWorktree(repository, path, { sha: await headOf(repository, path), branch: 'kradle/runs/run-2', identity: AGENT, clean: true });
    await prepareWorktree(repository, join(fixture.folder, 'trees', 'run-2'), { sha: await headOf(repository, path) });
    await expect(readFile(sprung)).rejects.toThrow();
  });

  it('is written back although its repository names programs to fetch with', async () => {
    await claim();
    const sprung = join(fixture.folder, 'sprung');
    const trap = join(fixture.folder, 'trap');
    await writeFile(trap, `#!/bin/sh\ntouch ${sprung}\n`, { mode: 0o755 });
    await writeFile(join(path, 'a.txt'), 'two\n');
    const sha = (await commitAll(repository, path, { author: AGENT, message: 'Work' })) ?? '';
    for (const [key, value] of [['extensions.partialClone', 'evil'], ['remote.evil.promisor', 'true'], ['remote.evil.url', forge.path], ['remote.evil.uploadpack', trap]] as const) {
      await fixture.user(['config', '--local', key, value], { cwd: path });
    }
    const blob = (await fixture.git.run(['rev-parse', `${sha}:a.txt`], { cwd: path })).stdout.toString().trim();
    await rm(join(repository.workspace.path, 'objects', blob.slice(0, 2), blob.slice(2)));
    const transfer = { sha, ref: 'refs/heads/kradle/runs/run-1', expectedOid: undefined, reason: 'write-back' };
    await expect(transferCommit(repository, transfer)).rejects.toMatchObject({ name: 'GitError' });
    expect(await repository.workspace.objects.info(blob)).toBeUndefined();
    await expect(readFile(sprung)).rejects.toThrow();
  });
});
