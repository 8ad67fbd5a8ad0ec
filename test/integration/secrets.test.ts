import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PermissionReview } from '#shared/api/permissionReview';
import type { SecretView } from '#shared/api/secrets';
import { eventually } from '../harness/eventually';
import { createRunFixture, ORG, type RunFixture } from '../harness/runFixture';
import type { ApiFailure } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';

const SECRETS = `/api/orgs/${ORG}/secrets`;
const AGENTS = `/api/orgs/${ORG}/agents`;
const GRANTS = `/api/orgs/${ORG}/resources/agentsecretgrants`;

let fixture: RunFixture;
beforeAll(async () => {
  fixture = await createRunFixture();
  await fixture.repository('shop');
});
afterAll(() => fixture[Symbol.asyncDispose]());

const api = <T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T> => fixture.server.api<T>(method, path, body);
const refused = (request: Promise<unknown>): Promise<ApiFailure> => request.then(() => Promise.reject(new Error('it went through')), (error: unknown) => error as ApiFailure);
const plantedValue = (): string => `planted-${randomBytes(18).toString('base64')}/=`;

/** The forms in which a value may lie about. */
function formsOf(value: string): Buffer[] {
  const base64 = Buffer.from(value).toString('base64');
  return [value, base64, base64.replace(/=+$/, ''), Buffer.from(value).toString('base64url'), Buffer.from(value).toString('hex'), encodeURIComponent(value)].map((form) => Buffer.from(form));
}

/** Every file under a folder that holds one of the forms. */
async function filesWith(folder: string, forms: readonly Buffer[], skip: readonly string[] = []): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).filter((file) => !skip.some((each) => file.startsWith(join(folder, each))));
  const found = await Promise.all(files.map(async (file) => {
    const content = await readFile(file).catch(() => Buffer.alloc(0));
    return forms.some((form) => content.includes(form));
  }));
  return files.filter((_file, index) => found[index]);
}

async function grantOf(name: string): Promise<{ status?: { phase?: string; lastUsedAt?: string; conditions?: { type: string; status: string; reason: string }[] } }> {
  return api('GET', `${GRANTS}/${name}`);
}

async function changeGrant(name: string, change: Record<string, unknown>): Promise<void> {
  const { spec } = await api<{ spec: Record<string, unknown> }>('GET', `${GRANTS}/${name}`);
  await api('PUT', `${GRANTS}/${name}`, { resource: { kind: 'AgentSecretGrant', metadata: { name }, spec: { ...spec, ...change } } });
}

describe('secrets', () => {
  it('are written, and answer everything but their values', async () => {
    const value = plantedValue();
    const made = await api<{ secret: SecretView; operation: string }>('POST', SECRETS, { name: 'github', data: { token: value, user: 'ada' } });
    expect(made).toMatchObject({ operation: 'created', created: true, secret: { name: 'github', namespace: `kradle-org-${ORG}`, type: 'Opaque', keys: ['token', 'user'], version: 1, grants: [], updatedBy: 'admin' } });
    const { secrets } = await api<{ secrets: SecretView[] }>('GET', SECRETS);
    expect(secrets.find(({ name }) => name === 'github')).toEqual(made.secret);
    expect((await refused(api('POST', SECRETS, { name: 'github', data: {} }))).status).toBe(409);
    for (const path of [SECRETS, `${SECRETS}/github`, `${SECRETS}/github/versions`, `${AGENTS}/secrets`]) expect(await (await fixture.server.fetch(path)).text()).not.toContain(value);
  });

  it('have versions, of which one can be brought back', async () => {
    await api('POST', SECRETS, { name: 'versions', data: { a: 'one', b: 'kept' } });
    const again = await api('PUT', `${SECRETS}/versions`, { data: { a: 'one', b: 'kept' } });
    expect(again).toMatchObject({ operation: 'unchanged', secret: { version: 1 } });
    expect(await api('PUT', `${SECRETS}/versions`, { data: { a: 'two' }, mode: 'merge' })).toMatchObject({ operation: 'configured', secret: { version: 2, keys: ['a', 'b'] } });
    expect(await api('PUT', `${SECRETS}/versions`, { data: { c: 'three' } })).toMatchObject({ secret: { version: 3, keys: ['c'] } });
    expect(await api('POST', `${SECRETS}/versions/rollback`, { version: 1 })).toMatchObject({ operation: 'configured', secret: { version: 4, keys: ['a', 'b'] } });
    const { items } = await api<{ items: { version: number; current: boolean; changed: string[]; rollbackOf?: number }[] }>('GET', `${SECRETS}/versions/versions`);
    expect(items.map(({ version, current, changed, rollbackOf }) => ({ version, current, changed, rollbackOf }))).toEqual([
      { version: 4, current: true, changed: ['a', 'b'], rollbackOf: 1 }, { version: 3, current: false, changed: ['c'], rollbackOf: undefined },
      { version: 2, current: false, changed: ['a'], rollbackOf: undefined }, { version: 1, current: false, changed: ['a', 'b'], rollbackOf: undefined },
    ]);
    expect((await refused(api('PUT', `${SECRETS}/versions`, { data: {}, expectedVersion: 3 }))).body.error.code).toBe('SECRET_VERSION_CHANGED');
    for (let version = 5; version <= 25; version += 1) await api('PUT', `${SECRETS}/versions`, { data: { a: String(version) } });
    expect((await api<{ items: { version: number }[] }>('GET', `${SECRETS}/versions/versions`)).items.map(({ version }) => version)).toEqual(Array.from({ length: 20 }, (_each, index) => 25 - index));
  });

  it.each([
    ['a key that is a path', { data: { '../x': 'a' } }, 400],
    ['a key with a blank', { data: { 'a b': 'a' } }, 400],
    ['too many keys', { data: Object.fromEntries(Array.from({ length: 101 }, (_each, index) => [`k${index}`, 'v'])) }, 422],
    ['too much', { data: { a: 'x'.repeat(600_000), b: 'x'.repeat(600_000) } }, 422],
    ['what is no base64', { data: { a: 'not base64!' }, encoding: 'base64' }, 422],
    ['a certificate without its key', { data: { 'tls.crt': 'x' }, type: 'kubernetes.io/tls' }, 422],
    ['a Docker configuration that is no JSON', { data: { '.dockerconfigjson': 'planted-no-json' }, type: 'kubernetes.io/dockerconfigjson' }, 422],
    ['neither user nor password', { data: { other: 'x' }, type: 'kubernetes.io/basic-auth' }, 422],
  ])('refuse %s, and leave nothing behind', async (_what, input, status) => {
    const failure = await refused(api('POST', SECRETS, { name: 'refused', ...input }));
    expect(failure.status).toBe(status);
    expect(JSON.stringify(failure.body)).not.toContain('planted-no-json');
    expect((await refused(api('GET', `${SECRETS}/refused`))).status).toBe(404);
  });

  it('cannot be changed once they are immutable, and can be deleted', async () => {
    await api('POST', SECRETS, { name: 'fixed', data: { a: '1' }, immutable: true });
    expect((await refused(api('PUT', `${SECRETS}/fixed`, { data: { a: '2' } }))).status).toBe(422);
    expect(await api('DELETE', `${SECRETS}/fixed`)).toEqual({ deleted: true, name: 'fixed', kind: 'Secret' });
    expect((await refused(api('DELETE', `${SECRETS}/fixed`))).status).toBe(404);
  });

  it.each(['secrets', 'secretvalues', 'Secret', 'SecretValues'])('are served by no generic door under the name %s', async (kind) => {
    const answers = await Promise.all([`/api/orgs/${ORG}/resources?kind=${kind}`, `/api/orgs/${ORG}/resources/${kind}/github`, `/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-${ORG}/${kind}`].map((path) => fixture.server.fetch(path)));
    for (const answer of answers) expect(answer.ok).toBe(false);
  });
});

describe('a grant', () => {
  it('is Active while what it gives and whom it is for are there, and says when it is not', async () => {
    await fixture.agent('phases', { prompt: [{ message: 'hello' }] });
    await api('POST', `${AGENTS}/secrets/grants`, { name: 'phases', secretName: 'later', keys: ['a'], grantedTo: 'phases' });
    const phase = (wanted: string, reason?: string) => eventually(`grant ${wanted}`, async () => {
      const { status } = await grantOf('phases');
      return status?.phase === wanted && (reason === undefined || status.conditions?.some((condition) => condition.reason === reason)) ? status : undefined;
    });
    await phase('Blocked', 'SecretMissing');
    await api('POST', SECRETS, { name: 'later', data: { b: '1' } });
    await phase('Blocked', 'KeyMissing');
    await api('PUT', `${SECRETS}/later`, { data: { a: '1' }, mode: 'merge' });
    await phase('Active', 'SecretFound');
    expect((await api<SecretView>('GET', `${SECRETS}/later`))).toMatchObject({ grants: ['phases'], grantedTo: ['agent-stack/phases'] });
    await changeGrant('phases', { expiresAt: new Date(Date.now() + 300).toISOString() });
    await phase('Expired');
    await changeGrant('phases', { revoked: true });
    await phase('Revoked');
  });

  /** Source: the bugs of the earlier implementation. */
  it.each([
    ['a revoked one', { revoked: true }, 'is revoked'],
    ['one of another repository', { allowedRepositories: ['other'] }, 'is for the repositories "other"'],
    ['one that shuts the reference out', { allowedRefs: { exclude: ['refs/heads/m*'] } }, 'shuts out'],
    ['one of other references', { allowedRefs: { include: ['refs/heads/release/*'] } }, 'is for the references'],
    ['one of another trigger', { allowedTriggerSources: ['ci'] }, 'started by "ci"'],
    ['one of another purpose', { purpose: 'read' }, undefined],
    ['one of other keys', { secretRef: { name: 'needed', keys: ['other'] } }, undefined],
  ])('counts as none when it is %s', async (what, change, why) => {
    const name = `needs-${what.replaceAll(' ', '-')}`;
    await ensureNeeded();
    await fixture.agent(name, { prompt: [{ message: 'hello' }] }, { mcpServerRefs: ['needy'] });
    const resource = { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AgentSecretGrant', metadata: { name }, spec: { subject: { kind: 'agent-stack', name }, secretRef: { name: 'needed' }, purpose: 'mcp-server:needy' } };
    const review = (): Promise<PermissionReview> => api('POST', `${AGENTS}/permissions/review`, { repository: 'shop', agentStack: name });
    const before = await review();
    expect(before).toMatchObject({ decision: 'denied', requiredSecrets: [{ owner: { kind: 'mcp-server', name: 'needy' }, keys: ['key'], grant: null, decision: 'missing-grant' }], missingGrants: [{ kind: 'AgentSecretGrant', reason: 'McpServerSecretNotGranted', blocking: true }] });
    expect(before.yamlPreview[0]).toContain('kind: AgentSecretGrant');
    await api('POST', `/api/orgs/${ORG}/resources`, { resource: { ...resource, spec: { ...resource.spec, ...change } } });
    const after = await review();
    expect(after.decision).toBe('denied');
    if (why !== undefined) expect(JSON.stringify(after.missingGrants)).toContain(why.replaceAll('"', '\\"'));
    expect((await refused(api('POST', `${AGENTS}/dispatch`, { repository: 'shop', agentStack: name, prompt: 'x' }))).body.error.reasons[0]?.code).toBe('MissingSecretGrant');
    await api('PUT', `${GRANTS}/${name}`, { resource });
    expect(await review()).toMatchObject({ decision: 'allowed', requiredSecrets: [{ grant: name, decision: 'allowed' }], missingGrants: [] });
  });

  it('is not used on code of people who cannot push here, unless it says so', async () => {
    await ensureNeeded();
    await fixture.agent('forks', { prompt: [{ message: 'hello' }] }, { mcpServerRefs: ['needy'] });
    await api('POST', `${AGENTS}/secrets/grants`, { name: 'forks', secretName: 'needed', grantedTo: 'forks', purpose: 'mcp-server:needy' });
    const review = (): Promise<PermissionReview> => api('POST', `${AGENTS}/permissions/review`, { repository: 'shop', agentStack: 'forks', ref: 'refs/pull/42/head', triggerSource: 'pull-request' });
    expect((await review()).decision).toBe('denied');
    await changeGrant('forks', { requiredApproval: 'on-untrusted-ref' });
    const answer = await review();
    expect(answer).toMatchObject({ decision: 'requires-approval', requiredSecrets: [{ grant: 'forks', decision: 'requires-approval' }] });
    expect(answer.approvalRequirements).toContainEqual(expect.objectContaining({ action: 'secret-access', grant: 'forks' }));
  });

  async function ensureNeeded(): Promise<void> {
    await api('PUT', `${SECRETS}/needed`, { data: { key: 'needed-value' } });
    await api('POST', `/api/orgs/${ORG}/resources`, { resource: { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AgentMcpServer', metadata: { name: 'needy' }, spec: { transport: 'stdio', scope: 'run', command: ['true'], secretRefs: [{ name: 'needed', key: 'key' }] } } });
  }
});

describe('a run', () => {
  it('gets what its grants give, and nothing of it stays anywhere', async () => {
    const [value, filed] = [plantedValue(), plantedValue()];
    await api('POST', SECRETS, { name: 'planted', data: { PLANTED: value } });
    await api('POST', SECRETS, { name: 'filed', data: { 'api-key': filed } });
    await api('PUT', `/api/orgs/${ORG}/configmaps/settings`, { data: { LEVEL: 'configured-level' } });
    await fixture.agent('teller', {
      prompt: [
        { sayEnv: { name: 'LEVEL' } }, { message: ' and ' }, { sayEnv: { name: 'PLANTED', pieceLength: 5 } }, { thought: 'In other words:' },
        { sayEnv: { name: 'PLANTED', encoding: 'base64', pieceLength: 7 } }, { message: ' ' }, { sayEnv: { name: 'PLANTED', encoding: 'hex' } }, { message: ' done' },
      ],
    });
    const script = join(fixture.server.dataDir, '..', 'teller.mjs');
    await writeFile(script, `
      import { readFileSync, statSync } from 'node:fs';
      import { join } from 'node:path';
      const file = join(process.env.KRADLE_GRANTED_DIR, 'secrets', 'filed', 'api-key');
      const value = readFileSync(file, 'utf8');
      for (const letter of value) { process.stdout.write(letter); await new Promise((done) => setTimeout(done, 2)); }
      process.stdout.write('\\n' + encodeURIComponent(value) + '\\nmode ' + (statSync(join(file, '..')).mode & 0o777).toString(8) + ' of ' + process.env.KRADLE_GRANTED_DIR.length + ' letters, length ' + value.length + '\\n');
      process.stderr.write('failed with ' + value);
    `);
    await fixture.adapter('filer', { adapterType: 'command', command: [process.execPath, script, '{prompt}'] });
    await api('POST', `${AGENTS}/secrets/grants`, { secretName: 'planted', grantedTo: 'teller' });
    await api('POST', `${AGENTS}/config/grants`, { configMapName: 'settings', grantedTo: 'teller' });
    await api('POST', `/api/orgs/${ORG}/secret-grants`, { name: 'filer', secretName: 'filed', grantedTo: 'filer', mountPolicy: 'file' });

    const [told, wrote] = [await fixture.dispatch('shop', 'teller'), await fixture.dispatch('shop', 'filer')];
    const ended = await Promise.all([fixture.ended(told), fixture.ended(wrote)]);
    expect(ended.map(({ status }) => [status?.phase, status?.message])).toEqual([['Completed', undefined], ['Completed', undefined]]);
    expect(ended[0]?.status?.summary).toContain('*** *** done');
    expect(ended[0]?.status?.granted).toEqual(expect.arrayContaining([
      { kind: 'AgentSecretGrant', grant: 'teller-planted', name: 'planted', keys: ['PLANTED'], version: 1 }, { kind: 'AgentConfigGrant', grant: 'teller-settings', name: 'settings', keys: ['LEVEL'] },
    ]));
    const texts = JSON.stringify([await fixture.events(told), await fixture.events(wrote)]);
    expect(texts).toContain('configured-level');
    expect(texts).toContain(`mode 700 of`);
    expect(texts).toContain(`length ${filed.length}`);
    expect((await grantOf('teller-planted')).status?.lastUsedAt).toEqual(expect.any(String));
    expect(existsSync(join(fixture.server.dataDir, 'runs', ORG, wrote, 'granted'))).toBe(false);

    const forms = [...formsOf(value), ...formsOf(filed)];
    const answers = await Promise.all([
      `${AGENTS}/runs/${told}`, `${AGENTS}/runs/${told}/events`, `${AGENTS}/runs/${wrote}/events`, `${AGENTS}/runs/${told}/diff`, `${AGENTS}/runs/${told}/artifacts`, `/api/controller?org=${ORG}`,
      `/api/orgs/${ORG}/resources?kind=agentsessiontranscripts`, `/api/orgs/${ORG}/resources?kind=agentsecretgrants`, `/api/orgs/${ORG}/resources?kind=auditevents`, SECRETS, `${SECRETS}/planted/versions`,
      `/api/v1/namespaces/kradle-org-${ORG}/secrets`, `/api/v1/namespaces/kradle-org-${ORG}/secrets/planted`,
    ].map(async (path) => [path, await (await fixture.server.fetch(path)).text()] as const));
    for (const [path, text] of answers) expect(forms.filter((form) => text.includes(form.toString())), path).toEqual([]);

    await using folder = await tempDir('kradle-secrets-');
    const backup = join(folder.path, 'backup.tar.gz');
    expect(await fixture.server.cli(['backup', backup, '--with-keys'])).toMatchObject({ code: 0 });
    await writeFile(join(folder.path, 'backup.tar'), gunzipSync(await readFile(backup)));
    await fixture.server.stop();
    const copy = join(folder.path, 'copy');
    expect(await fixture.server.cli(['db', 'copy', '--from', fixture.server.dataDir, '--to', copy])).toMatchObject({ code: 0 });
    expect(await filesWith(fixture.server.dataDir, forms)).toEqual([]);
    expect(await filesWith(folder.path, forms)).toEqual([]);
    expect(forms.filter((form) => fixture.server.log().includes(form.toString()))).toEqual([]);
    await fixture.server.restart();
  });

  it('gets nothing from a grant that was revoked after it was dispatched', async () => {
    await api('PUT', `${SECRETS}/gone`, { data: { GONE: plantedValue() } });
    await fixture.agent('asks', { prompt: [{ sayEnv: { name: 'GONE' } }] }, { requiresApproval: true });
    await api('POST', `${AGENTS}/secrets/grants`, { name: 'gone', secretName: 'gone', grantedTo: 'asks' });
    const run = await fixture.dispatch('shop', 'asks');
    await fixture.until(run, 'wait', ({ status }) => status?.phase === 'AwaitingApproval');
    await changeGrant('gone', { revoked: true });
    await fixture.decide(`${run}-dispatch`, { decision: 'approve' });
    const { status } = await fixture.ended(run);
    expect(status).toMatchObject({ phase: 'Completed', summary: 'unset' });
    expect(status?.granted).toBeUndefined();
  });

  it('waits for a person where a grant says so, and is given nothing when they say no', async () => {
    const value = plantedValue();
    await api('PUT', `${SECRETS}/guarded`, { data: { GUARDED: value } });
    await fixture.agent('guarded', { prompt: [{ sayEnv: { name: 'GUARDED' } }] });
    await api('POST', `${AGENTS}/secrets/grants`, { name: 'guarded', secretName: 'guarded', grantedTo: 'guarded', requiredApproval: 'always' });
    const [yes, no] = [await fixture.dispatch('shop', 'guarded'), await fixture.dispatch('shop', 'guarded')];
    for (const run of [yes, no]) await fixture.until(run, 'wait', ({ status }) => status?.phase === 'AwaitingApproval' && status.reason === 'SecretApproval');
    const [approval] = await fixture.approvals(yes);
    expect(approval).toMatchObject({ spec: { action: 'secret-access', grantRefs: [{ kind: 'AgentSecretGrant', name: 'guarded' }] }, status: { phase: 'Pending' } });
    await fixture.decide(`${yes}-secrets`, { decision: 'approve' });
    await fixture.decide(`${no}-secrets`, { decision: 'deny', reason: 'not today' });
    expect((await fixture.ended(no)).status).toMatchObject({ phase: 'Failed', reason: 'ApprovalDenied', message: expect.stringContaining('not today') });
    expect((await fixture.ended(yes)).status).toMatchObject({ phase: 'Completed', summary: '***' });
  });

  it('whose patch holds a value keeps it: nothing is written back, and nobody is shown it', async () => {
    const value = plantedValue();
    await api('PUT', `${SECRETS}/leaky`, { data: { LEAKY: value } });
    await fixture.agent('leaky', { prompt: [{ writeEnv: { path: 'config.js', name: 'LEAKY' } }, { message: 'Wrote it down.' }] }, { writeBackPolicy: { requireApproval: false } });
    await api('POST', `${AGENTS}/secrets/grants`, { secretName: 'leaky', grantedTo: 'leaky' });
    const run = await fixture.dispatch('shop', 'leaky');
    const { status } = await fixture.until(run, 'write-back', (each) => each.status?.writeBack?.phase === 'Failed');
    expect(status?.writeBack?.message).toContain('"leaky"');
    const patch = status?.artifacts?.find(({ kind }) => kind === 'patch')?.name ?? '';
    expect(await api('GET', `/api/orgs/${ORG}/resources/kradleartifacts/${patch}`)).toMatchObject({ spec: { redactionStatus: 'redacted' } });
    const shown = await Promise.all([`${AGENTS}/artifacts/${patch}/content`, `${AGENTS}/runs/${run}/diff`, `${AGENTS}/runs/${run}/events`].map(async (path) => (await fixture.server.fetch(path)).text()));
    expect(shown[0]).toContain("+const key = '***';");
    expect(shown[1]).toContain('***');
    for (const text of shown) expect(text).not.toContain(value);
  });
});
