import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SpecInputOf } from '#shared/kind/defineKind';
import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import { RefPolicy } from '#shared/kinds/forge/refPolicy';
import { SSHKey } from '#shared/kinds/forge/sshKey';
import { User } from '#shared/kinds/identity/user';
import { Team } from '#shared/kinds/identity/team';
import { ada, admin, bob, createForgeFixture, type ForgeFixture } from '../../../../test/harness/forgeFixture';
import { makeSshKey } from '../../../../test/harness/signingKeys';
import type { Actor } from '../../../resources/actor';
import type { AuditedAct } from '../../../resources/auditTrail';

const run = promisify(execFile);
const org = 'default';
const AWS_KEY = ['AKIA', 'Q3EGRT5XLMNB7Y2D'].join('');
/** What the harness's git commits with. */
const ADDRESS = 'una@example.com';
let fixture: ForgeFixture;
let acts: AuditedAct[];

beforeEach(async () => {
  fixture = await createForgeFixture();
  acts = [];
  await fixture.seed('demo');
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

function policy(spec: Omit<SpecInputOf<typeof RefPolicy>, 'organizationRef'>, name = 'rules') {
  return fixture.resources.create(RefPolicy, org, { metadata: { name }, spec: { organizationRef: org, ...spec } });
}

/** With what it does on the record. */
function recorded(actor: Actor): Actor {
  return { ...actor, trail: { note: async (_actor: Actor, act: AuditedAct) => void acts.push(act) } as never };
}

async function push(args: readonly string[], actor: Actor = ada) {
  const { code, stderr } = await fixture.tryGit('demo', 'push', fixture.url('demo', recorded(actor)), ...args);
  const told = stderr.split('\n').filter((line) => line.startsWith('remote: ') || line === 'remote:');
  // Plain ASCII, and no line wider than a terminal.
  for (const line of told) expect(line.trimEnd()).toMatch(/^[\x20-\x7e]{0,100}$/);
  return { code, stderr, text: told.map((line) => line.slice('remote: '.length).trim()).join(' ').replace(/\s+/g, ' ') };
}

const commit = (files: Readonly<Record<string, string>>, message?: string, author?: string) => fixture.commit('demo', files, { ...(message === undefined ? {} : { message }), ...(author === undefined ? {} : { author }) });
const tip = async (ref: string) => (await fixture.tryGit('demo', 'ls-remote', fixture.url('demo'), ref)).stdout.slice(0, 40);

describe('what a name says', () => {
  it('denies prefixes and actions, with the message of the rule', async () => {
    await policy({ denyPrefixes: ['refs/heads/archive/'], denyRules: [{ pattern: 'refs/tags/v*', actions: ['update', 'delete'], message: 'releases stay as they are' }] });
    expect((await push(['HEAD:refs/heads/archive/old'])).stderr).toContain('(nothing may be pushed under refs/heads/archive/ (RefPolicy default/rules))');
    expect((await push(['HEAD:refs/tags/v1'])).code).toBe(0);
    const moved = await push(['--force', `${await commit({ 'b.txt': 'b' })}:refs/tags/v1`]);
    expect(moved.text).toContain('v1 cannot be changed: releases stay as they are');
    expect((await push([':refs/tags/v1'])).text).toContain('v1 cannot be deleted: releases stay as they are');
    expect((await push(['HEAD:refs/heads/fine'])).code).toBe(0);
  });

  it.each([['deny', false, false], ['admins', false, true], ['allow', true, true]] as const)('force pushes and deletion: %s', async (who, ada_, admin_) => {
    await policy({ forcePush: who, deletion: who });
    await push(['HEAD:refs/heads/topic', 'HEAD:refs/heads/gone', 'HEAD:refs/heads/gone2']);
    const forward = await commit({ 'b.txt': 'b' });
    expect((await push(['HEAD:refs/heads/topic'])).code).toBe(0);
    await fixture.git('demo', 'commit', '--quiet', '--amend', '-m', 'Anew');
    const forced = await push(['--force', 'HEAD:refs/heads/topic']);
    expect(forced.code === 0).toBe(ada_);
    if (!ada_) expect(forced.text).toContain('topic cannot be force-pushed');
    if (!ada_) expect(await tip('refs/heads/topic')).toBe(forward);
    expect((await push([':refs/heads/gone'])).code === 0).toBe(ada_);
    expect((await push(['--force', 'HEAD:refs/heads/topic'], admin)).code === 0).toBe(admin_);
    expect((await push([':refs/heads/gone2'], admin)).code === 0).toBe(admin_);
  });

  it('holds for branches that the server makes, too', async () => {
    await policy({ denyPrefixes: ['refs/heads/archive/'], deletion: 'deny' });
    await expect(fixture.as(ada).repositories.createBranch({ org, repository: 'demo', name: 'archive/x', from: 'main' })).rejects.toMatchObject({ message: expect.stringContaining('RefPolicy default/rules') as string });
    await fixture.as(ada).repositories.createBranch({ org, repository: 'demo', name: 'x', from: 'main' });
    await expect(fixture.as(ada).repositories.deleteBranch({ org, repository: 'demo', name: 'x' })).rejects.toMatchObject({ message: expect.stringContaining('cannot be deleted') as string });
  });
});

describe('what is in a push', () => {
  it('keeps a history linear', async () => {
    await policy({ refs: ['main'], linearHistory: true });
    await fixture.git('demo', 'checkout', '--quiet', '-b', 'side', 'HEAD');
    await commit({ 'side.txt': 's' });
    await fixture.git('demo', 'checkout', '--quiet', 'main');
    await commit({ 'b.txt': 'b' });
    expect((await push(['main'])).code).toBe(0);
    await fixture.git('demo', 'merge', '--quiet', '--no-ff', '-m', 'Merge side', 'side');
    const merge = (await fixture.git('demo', 'rev-parse', '--short=10', 'HEAD')).trim();
    const refused = await push(['main']);
    expect(refused.text).toContain(`main refused: this is a merge commit, and the history has to stay linear.`);
    expect(refused.text).toContain(merge);
    expect((await push(['main:refs/heads/elsewhere'])).code).toBe(0);
    // What came in by another branch is new to this one all the same.
    expect((await push(['main'])).code).toBe(1);
  });

  it('limits sizes and paths of files, however odd their names', async () => {
    await policy({ files: { maxSizeBytes: 1000, maxPathLength: 40, denyPaths: ['*.exe', '/dist/'], exceptPaths: ['docs/**'] } });
    await commit({ 'big.bin': 'x'.repeat(1001), 'docs/big.bin': 'x'.repeat(5000), 'tool.exe': 'x', 'dist/a.js': 'x', 'ok/dist/a.js': 'x', 'name "with"\n\tföö.exe': 'x', [`${'long/'.repeat(9)}a`]: 'x', '-rf.exe': 'x' });
    const { stderr, text } = await push(['main']);
    expect(text).toContain('big.bin the file has 1001 bytes, 1000 bytes are allowed');
    expect(text).toContain('tool.exe the path may not be pushed: it matches *.exe');
    expect(text).toContain('dist/a.js the path may not be pushed: it matches /dist/');
    expect(text).toContain('"name \\"with\\"\\n\\tf\\303\\266\\303\\266.exe"');
    expect(text).toContain('the path has 46 characters, 40 are allowed');
    expect(text).toContain('git rm --cached \'-rf.exe\'');
    expect(text).not.toContain('docs/big.bin');
    expect(text).not.toContain('ok/dist');
    expect(stderr).toContain('[remote rejected] main -> main (');
    // In an older commit is in the history, too.
    await fixture.git('demo', 'rm', '--quiet', '-r', '.');
    await commit({ 'a.txt': 'a' });
    expect((await push(['main'])).text).toContain('tool.exe');
  });

  it('looks at commit messages with patterns that nothing makes slow', async () => {
    await policy({ commitMessages: [{ part: 'subject', mustMatch: '^(feat|fix): .', message: 'write "feat: ..." or "fix: ..."' }, { mustNotMatch: '(?i)^fixup!' }, { part: 'body', mustNotMatch: '(a+)+$' }] });
    await commit({ 'b.txt': 'b' }, 'Whatever');
    const bad = await commit({ 'c.txt': 'c' }, 'Fixup! feat: x');
    const { text } = await push(['main']);
    expect(text).toContain('write "feat: ..." or "fix: ..."');
    expect(text).toContain(`${bad.slice(0, 10)} the message matches (?i)^fixup!`);
    await fixture.git('demo', 'reset', '--quiet', '--hard', 'origin/main');
    await commit({ 'b.txt': 'b' }, `feat: fine\n\n${'a'.repeat(50_000)}!`);
    const started = performance.now();
    expect((await push(['main'])).code).toBe(0);
    expect(performance.now() - started).toBeLessThan(20_000);
    await expect(policy({ commitMessages: [{ mustMatch: '(?=x)' }] }, 'other')).rejects.toMatchObject({ details: { causes: [{ field: 'spec.commitMessages[0].mustMatch' }] } });
  });

  it('asks whose commits they are', async () => {
    await policy({ identities: { author: 'member', committer: 'pusher' } });
    await fixture.resources.mutate(User, { org, name: 'ada' }, ({ spec }) => void (spec.email = ADDRESS));
    await commit({ 'b.txt': 'b' }, 'One', 'Eve <eve@elsewhere.org>');
    expect((await push(['main'])).text).toContain('the author\'s address eve@elsewhere.org is no member\'s');
    await fixture.git('demo', 'commit', '--quiet', '--amend', '--author', 'Bob <bob@example.com>', '-m', 'One');
    expect((await push(['main'], bob)).text).toContain('the committer\'s address una@example.com is not yours');
    expect((await push(['main'])).code).toBe(0);
  });

  it('asks for signatures of commits and tags, of one branch and not of another', async () => {
    await fixture.resources.create(BranchProtection, org, { metadata: { name: 'signed' }, spec: { organizationRef: org, repository: 'demo', refs: ['main'], requirePullRequest: false, requireSignedCommits: true } });
    await policy({ signing: { tags: 'require', commits: 'ignore' } });
    const key = await makeSshKey(fixture.folder, 'ed25519');
    await fixture.resources.as(ada).create(SSHKey, org, { metadata: { name: 'laptop' }, spec: { organizationRef: org, scope: 'user', key: key.publicKey } });
    for (const [name, value] of [['gpg.format', 'ssh'], ['user.signingkey', key.path]] as const) await fixture.git('demo', 'config', name, value);
    await fixture.resources.mutate(User, { org, name: 'ada' }, ({ spec }) => void (spec.email = ADDRESS));
    const unsigned = await commit({ 'b.txt': 'b' });
    expect((await push(['main'])).text).toContain(`${unsigned.slice(0, 10)} the commit has no verified signature: this commit is not signed`);
    expect((await push(['main:refs/heads/topic'])).code).toBe(0);
    expect((await push(['main'])).code).toBe(1);
    await fixture.git('demo', 'commit', '--quiet', '--amend', '--no-edit', '-S');
    expect((await push(['main'])).code).toBe(0);
    // What is committed in the browser is signed by the forge.
    await fixture.as(ada).repositories.commitFiles({ org, repository: 'demo', branch: 'main', message: 'In the browser', changes: [{ path: 'c.txt', content: 'c' }] });

    await fixture.git('demo', 'tag', 'plain');
    await fixture.git('demo', 'tag', '-a', '-m', 'x', 'annotated');
    await fixture.git('demo', 'tag', '-s', '-m', 'x', 'signed');
    const { stderr } = await push(['plain', 'annotated', 'signed']);
    expect(stderr).toMatch(/\[remote rejected\]\s+plain -> plain \(the tag has no verified signature/);
    expect(stderr).toMatch(/\[remote rejected\]\s+annotated/);
    expect(stderr).toMatch(/\[new tag\]\s+signed -> signed/);
  });
});

describe('secrets', () => {
  it('are refused by file and line, and never shown', async () => {
    await policy({ secretScanning: { mode: 'block', exceptPaths: ['testdata/**'] } });
    await commit({ 'config/prod env': `one\nkey = "${AWS_KEY}"\n`, 'testdata/keys': AWS_KEY });
    const refused = await push(['main']);
    expect(refused.text).toContain('config/prod env:2 this looks like an access key of AWS (aws-access-key)');
    expect(refused.stderr).not.toContain(AWS_KEY);
    expect(refused.text).not.toContain('testdata');
    expect(acts.at(-1)).toMatchObject({ verb: 'push', outcome: 'denied', rule: 'ref-policy' });
    expect(JSON.stringify(acts)).not.toContain(AWS_KEY);
    const blob = (await fixture.git('demo', 'rev-parse', 'HEAD:config/prod env')).trim();
    expect((await fixture.tryGit('.', '--git-dir', join(fixture.folder, 'repositories', org, 'demo.git'), 'cat-file', '-e', blob)).code).not.toBe(0);

    // A reason that says something lets it through, and is on the record.
    expect((await push(['-o', 'secret-override=x', 'main'])).code).toBe(1);
    const overridden = await push(['-o', 'secret-override="revoked last week"', 'main']);
    expect(overridden.code).toBe(0);
    expect(overridden.text).toContain('it is recorded (reason: revoked last week)');
    expect(acts.at(-1)).toMatchObject({ outcome: 'allowed', details: { overrideReason: 'revoked last week', bypassed: [{ by: 'RefPolicy/rules', path: 'config/prod env', line: 2, secretRule: 'aws-access-key' }] } });
    // It is there now: another change of the file says nothing about it.
    await commit({ 'config/prod env': `zero\none\nkey = "${AWS_KEY}"\n` });
    expect(await push(['main'])).toMatchObject({ code: 0, text: '' });
  });

  it('are told in warn mode and by rules that are not sure; who may override is said by the policy', async () => {
    await policy({ secretScanning: { mode: 'warn' } });
    await commit({ a: AWS_KEY });
    const warned = await push(['main']);
    expect(warned).toMatchObject({ code: 0, text: expect.stringContaining('Pushed, but look at this:') as string });
    expect(warned.text).toContain('a:1 this looks like an access key of AWS');
    await policy({ secretScanning: { mode: 'block', override: 'nobody' } }, 'strict');
    await commit({ b: `x ${AWS_KEY}`, c: 'sk_test_4eC39HqLyjWDarjtT1zdp7da' });
    const refused = await push(['-o', 'kradle.secret-override=because it is fine', 'main']);
    expect(refused.text).toContain('rule: RefPolicy default/strict, of the whole organization');
    expect(refused.code).toBe(1);
  });
});

describe('a push', () => {
  it('of several references is judged one by one, or as a whole', async () => {
    await policy({ files: { denyPaths: ['*.exe'] } });
    await fixture.git('demo', 'checkout', '--quiet', '-b', 'bad');
    await commit({ 'x.exe': 'x' });
    await fixture.git('demo', 'checkout', '--quiet', '-b', 'good', 'main');
    await commit({ 'fine.txt': 'x' });
    const atomic = await push(['--atomic', 'good', 'bad']);
    expect(atomic.text).toContain('bad refused: the path may not be pushed: it matches *.exe. With --atomic, the other 1 stayed as it was, too.');
    expect([await tip('refs/heads/good'), await tip('refs/heads/bad')]).toEqual(['', '']);
    const { stderr } = await push(['good', 'bad']);
    expect(stderr).toMatch(/\[new branch\]\s+good -> good/);
    expect(stderr).toMatch(/\[remote rejected\]\s+bad -> bad/);
    expect([(await tip('refs/heads/good')) !== '', await tip('refs/heads/bad')]).toEqual([true, '']);
    expect(acts.at(-1)).toMatchObject({ outcome: 'allowed', details: { refused: [{ ref: 'refs/heads/bad', by: 'RefPolicy/rules' }] } });
  });

  it('of somebody who may break the rules goes through, says so and is recorded', async () => {
    await fixture.resources.create(Team, org, { metadata: { name: 'release' }, spec: { organizationRef: org, displayName: 'Release', members: ['bob'] } });
    await policy({ files: { denyPaths: ['*.exe'] }, bypass: { teams: ['release'] } });
    await commit({ 'x.exe': 'x' });
    expect((await push(['main'])).code).toBe(1);
    const passed = await push(['main'], bob);
    expect(passed).toMatchObject({ code: 0, text: expect.stringContaining('You may break these rules') as string });
    expect(acts.at(-1)).toMatchObject({ outcome: 'allowed', details: { bypassed: [{ by: 'RefPolicy/rules', path: 'x.exe' }] } });
  });

  it('is only told what a policy in audit mode finds, and nothing by a disabled one', async () => {
    await policy({ mode: 'audit', files: { denyPaths: ['*.exe'] } });
    await policy({ mode: 'disabled', denyPrefixes: ['refs/heads/'] }, 'off');
    await commit({ 'x.exe': 'x' });
    expect(await push(['main'])).toMatchObject({ code: 0, text: expect.stringContaining('x.exe the path may not be pushed') as string });
  });

  it('tells twenty faults and counts the rest', async () => {
    await policy({ files: { denyPaths: ['*.exe'] } });
    await commit(Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f${index}.exe`, String(index)])));
    const { text } = await push(['main']);
    expect(text).toContain('main refused: the path may not be pushed: it matches *.exe, and 29 more.');
    expect(text).toContain('and 10 more');
    expect(text.match(/rule: RefPolicy/g)).toHaveLength(20);
  });

  it('of a thousand branches and many commits is looked into in bounded time', async () => {
    await policy({ files: { denyPaths: ['*.exe'] }, secretScanning: {}, commitMessages: [{ mustNotMatch: 'nothing' }], forcePush: 'deny' });
    const folder = join(fixture.folder, 'demo');
    const stream = ['reset refs/heads/many', 'from refs/heads/main', ''];
    for (let index = 0; index < 2000; index += 1) stream.push('commit refs/heads/many', `committer A <ada@example.com> ${1_700_000_000 + index} +0000`, 'data 1', 'x', `M 100644 inline d${index % 50}/f${index}`, 'data 4', 'text', '');
    await writeFile(join(fixture.folder, 'stream'), `${stream.join('\n')}\n`);
    await run('sh', ['-c', 'git fast-import --quiet < ../stream && for i in $(seq 0 999); do echo "create refs/heads/b/$i $(git rev-parse many)"; done | git update-ref --stdin'], { cwd: folder });
    const started = performance.now();
    expect((await push(['--quiet', 'refs/heads/b/*:refs/heads/b/*'])).code).toBe(0);
    expect(performance.now() - started).toBeLessThan(30_000);
  }, 60_000);

  it('of what cannot be looked into at once is refused with what to do', async () => {
    await fixture[Symbol.asyncDispose]();
    fixture = await createForgeFixture({ inspection: { maxCommits: 3, maxBlobBytes: 100 } });
    await fixture.seed('demo');
    await policy({ secretScanning: {}, files: { denyPaths: ['*.exe'] } });
    await commit({ 'large.txt': randomBytes(200).toString('hex') });
    expect(await push(['main'])).toMatchObject({ code: 0, text: expect.stringContaining('large.txt the file is too large to be searched for secrets') as string });
    for (let index = 0; index < 4; index += 1) await commit({ 'b.txt': String(index) });
    expect((await push(['main'])).text).toContain('this brings more than 3 new commits, more than the rule can look into at once');
    expect((await push(['HEAD~2:refs/heads/main'])).code).toBe(0);
    expect((await push(['main'])).code).toBe(0);
  });
});
