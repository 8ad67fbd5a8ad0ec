import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ResourceUpdatedNotificationSchema, type CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { KradleObject } from '#shared/kind/defineKind';
import { allKinds } from '#shared/kinds/index';
import { eventually } from '../harness/eventually';
import { connectByHttp, connectByStdio, textOf, type McpClient } from '../harness/mcpClient';
import { ask, createRunFixture, type RunFixture } from '../harness/runFixture';
import { cleanEnvironment, runProcess } from '../harness/runProcess';
import { KRADLE, startServer, type TestServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';

/** Seeds, 003, section 5.1. */
const SEED_TOOLS = [
  'kradle_list_resources', 'kradle_get_resource', 'kradle_apply_resource', 'kradle_delete_resource', 'kradle_snapshot', 'kradle_search', 'kradle_list_stacks',
  'kradle_create_stack', 'kradle_dispatch_agent', 'kradle_list_secrets', 'kradle_create_secret', 'kradle_sync_external', 'kradle_resolve_conflict', 'kradle_audit_query',
];

interface Page {
  readonly items: readonly KradleObject[];
  readonly nextCursor?: string;
  readonly remaining?: number;
}

let fixture: RunFixture;
let server: TestServer;
beforeAll(async () => {
  fixture = await createRunFixture();
  ({ server } = fixture);
  await fixture.repository('shop');
  await server.api('POST', '/api/orgs', { slug: 'secretive' });
});
afterAll(() => fixture[Symbol.asyncDispose]());

const profile = (name: string, spec: Record<string, unknown> = {}) => ({ kind: 'AgentToolProfile', metadata: { name }, spec: { filesystemPolicy: 'read-only', approvalPolicyByTool: {}, ...spec } });
const names = (page: Page) => page.items.map(({ metadata }) => metadata.name);
const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } } };

describe.each([['http', connectByHttp], ['stdio', connectByStdio]] as const)('by %s', (door, connect) => {
  let mcp: McpClient;
  beforeAll(async () => {
    mcp = await connect(server);
  });
  afterAll(() => mcp[Symbol.asyncDispose]());

  it('says who it is and what it can', async () => {
    expect(mcp.client.getServerVersion()).toMatchObject({ name: 'kradle', title: 'Kradle' });
    expect(mcp.client.getServerCapabilities()).toMatchObject({ tools: {}, prompts: {}, resources: { subscribe: true }, completions: {}, logging: {} });
    expect(mcp.client.getInstructions()).toContain('kradle_dispatch_agent');
    await mcp.client.ping();
  });

  it('offers the tools of the seeds, each with hints, a description and a choice of kinds', async () => {
    const { tools } = await mcp.client.listTools();
    const byName = new Map(tools.map((tool) => [tool.name, tool]));
    for (const name of SEED_TOOLS) expect(byName.has(name), name).toBe(true);
    for (const { name, description, inputSchema, annotations } of tools) {
      expect(description, name).toMatch(/\w{3}/);
      expect(annotations?.openWorldHint, name).toBeTypeOf('boolean');
      if (annotations?.readOnlyHint !== true) expect([annotations?.destructiveHint, annotations?.idempotentHint], name).not.toContain(name === 'kradle_sync_external' || name === 'kradle_resolve_conflict' ? null : undefined);
      expect(inputSchema, name).toMatchObject({ type: 'object', additionalProperties: false });
    }
    expect(byName.get('kradle_delete_resource')?.annotations).toMatchObject({ readOnlyHint: false, destructiveHint: true });
    expect(byName.get('kradle_get_resource')?.annotations).toMatchObject({ readOnlyHint: true });
    const resource = byName.get('kradle_apply_resource')?.inputSchema.properties?.resource as { properties: { kind: { enum: string[] } } };
    expect(resource.properties.kind.enum).toEqual(allKinds.map(({ names: { kind } }) => kind));
  });

  it('applies, reads, lists, searches and deletes an object', async () => {
    const name = `${door}-one`;
    expect(await mcp.call('kradle_apply_resource', { resource: profile(name, { description: `the ${door} profile` }), dryRun: true })).toMatchObject({ operation: 'created' });
    expect((await mcp.refused('kradle_get_resource', { kind: 'AgentToolProfile', name })).error).toMatchObject({ code: 'NOT_FOUND', status: 404 });
    expect(await mcp.call('kradle_apply_resource', { resource: profile(name, { description: `the ${door} profile` }) })).toMatchObject({ operation: 'created', resource: { metadata: { namespace: 'kradle-org-default' } } });
    expect(await mcp.call('kradle_apply_resource', { resource: profile(name) })).toMatchObject({ operation: 'unchanged' });
    const read = await mcp.call<KradleObject>('kradle_get_resource', { kind: 'agenttoolprofiles', name, org: 'default' });
    expect(read).toMatchObject({ kind: 'AgentToolProfile', spec: { filesystemPolicy: 'read-only' } });
    expect(read.metadata).not.toHaveProperty('managedFields');
    expect(names(await mcp.call('kradle_list_resources', { kind: 'AgentToolProfile', q: name }))).toEqual([name]);
    // Beside the records of what was done to it.
    expect(await mcp.call('kradle_search', { query: name })).toMatchObject({ items: [{ kind: 'AgentToolProfile', items: [{ name }] }, { kind: 'AuditEvent' }] });
    expect(await mcp.call('kradle_snapshot')).toMatchObject({ org: { slug: 'default' }, kinds: expect.arrayContaining([expect.objectContaining({ kind: 'AgentToolProfile' })]) });
    expect(await mcp.call('kradle_delete_resource', { kind: 'AgentToolProfile', name })).toMatchObject({ deleted: true });
  });

  it('creates agents and grants, and lists them', async () => {
    expect(await mcp.call('kradle_create_stack', { name: `${door}-bare` })).toMatchObject({ kind: 'AgentStack', metadata: { name: `${door}-bare` } });
    expect(await mcp.call('kradle_create_stack', { name: `${door}-made`, org: 'default', command: ['my-agent', '--acp'] })).toMatchObject({ kind: 'AgentStack', spec: { adapter: `${door}-made` } });
    expect(names(await mcp.call('kradle_list_stacks', { q: `${door}-` }))).toEqual([`${door}-bare`, `${door}-made`]);
    const grant = await mcp.call('kradle_create_secret', { name: `${door}-grant`, org: 'default', agentRef: `${door}-bare`, secretRef: 'model-key' });
    expect(grant).toMatchObject({ kind: 'AgentSecretGrant', spec: { subject: { kind: 'agent-stack', name: `${door}-bare` }, secretRef: { name: 'model-key' } } });
    expect(names(await mcp.call('kradle_list_secrets', { org: 'default' }))).toContain(`${door}-grant`);
  });

  it('says honestly what is not there yet', async () => {
    for (const [tool, args] of [
      ['kradle_sync_external', { bindingName: 'github', kind: 'Issue', localName: 'shop-1' }], ['kradle_resolve_conflict', { conflictName: 'c', strategy: 'keep-local' }],
    ] as const) {
      const { text, error } = await mcp.refused(tool, args);
      expect(error, tool).toMatchObject({ reason: 'NotImplemented', status: 501 });
      expect(text, tool).toContain('not available yet');
    }
  });

  it('refuses with code, message and fields', async () => {
    const { text, error } = await mcp.refused('kradle_apply_resource', { resource: profile('bad', { filesystemPolicy: 'everything', colour: 'red' }) });
    expect(error).toMatchObject({ reason: 'Invalid', code: 'INVALID', status: 422, correlationId: expect.stringMatching(/^kradle-/) });
    expect(error.reasons.map(({ field }) => field)).toEqual(expect.arrayContaining(['spec.filesystemPolicy', 'spec.colour']));
    expect(text).toMatch(/^INVALID: .*spec\.filesystemPolicy/);
    expect((await mcp.refused('kradle_get_resource', { kind: 'AgentToolProfile' })).error).toMatchObject({ reason: 'BadRequest', reasons: [{ field: 'name' }] });
    expect((await mcp.refused('kradle_list_resources', { kind: 'User', colour: 'red' })).error).toMatchObject({ reason: 'BadRequest', reasons: [{ field: 'colour' }] });
    expect((await mcp.refused('kradle_list_resources', { kind: 'AgentStak' })).text).toContain('Did you mean AgentStack?');
    expect((await mcp.refused('kradle_list_resources', { kind: 'User', cursor: 'nonsense' })).error.status).toBe(400);
    expect((await mcp.refused('kradle_fly')).error.code).toBe('TOOL_NOT_FOUND');
  });

  it('has the prompts of the seeds, written from what is there', async () => {
    const { prompts } = await mcp.client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(['kradle_workspace_setup', 'kradle_stack_config', 'kradle_troubleshoot']);
    const write = async (name: string, args: Record<string, string>) => {
      const { messages: [message] } = await mcp.client.getPrompt({ name, arguments: args });
      return message?.content.type === 'text' ? message.content.text : '';
    };
    expect(await write('kradle_workspace_setup', { repository: 'shop' })).toMatch(/repositories: .*shop \(Ready\)/);
    expect(await write('kradle_stack_config', { stack: `${door}-made`, org: '' })).toContain(`name: ${door}-made`);
    expect(await write('kradle_stack_config', {})).toContain('spec.approvalMode');
    expect(await write('kradle_troubleshoot', { symptom: 'it is slow' })).toContain(`AgentStack ${door}-bare: Blocked`);
    await expect(write('kradle_stack_config', { stack: 'nobody' })).rejects.toMatchObject({ code: -32002, data: { code: 'NOT_FOUND' } });
  });

  it('shows every object as a resource', async () => {
    const { resources } = await mcp.client.listResources();
    expect(resources.slice(0, 2).map(({ uri, mimeType }) => [uri, mimeType])).toEqual([['kradle://snapshot', 'application/json'], ['kradle://stacks', 'application/json']]);
    expect(resources.map(({ uri }) => uri)).toContain('kradle://default/repositories/shop');
    const { resourceTemplates } = await mcp.client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(allKinds.map(({ names: { plural } }) => `kradle://{org}/${plural}/{name}{?format}`));

    const read = async (uri: string) => {
      const { contents: [content] } = await mcp.client.readResource({ uri });
      return content !== undefined && 'text' in content ? { type: content.mimeType, text: content.text } : undefined;
    };
    const yaml = await read('kradle://default/repositories/shop');
    expect(yaml?.type).toBe('application/yaml');
    expect(parse(yaml?.text ?? '')).toMatchObject({ kind: 'Repository', metadata: { name: 'shop' } });
    expect(JSON.parse((await read('kradle://default/repositories/shop?format=json'))?.text ?? '')).toMatchObject({ kind: 'Repository' });
    expect(JSON.parse((await read('kradle://snapshot'))?.text ?? '')).toMatchObject({ org: { slug: 'default' } });
    expect(names(JSON.parse((await read('kradle://stacks'))?.text ?? '') as Page)).toContain(`${door}-bare`);
    await expect(read('kradle://default/repositories/nothing')).rejects.toMatchObject({ code: -32002 });
    await expect(read('kradle://nothing')).rejects.toMatchObject({ code: -32002 });
    await expect(read('file:///etc/passwd')).rejects.toMatchObject({ code: -32002 });
  });

  it('completes organizations, names and arguments of prompts from what is there', async () => {
    const complete = async (ref: Parameters<McpClient['client']['complete']>[0]['ref'], argument: { name: string; value: string }, others: Record<string, string> = {}) =>
      (await mcp.client.complete({ ref, argument, context: { arguments: others } })).completion.values;
    const repositories = { type: 'ref/resource', uri: 'kradle://{org}/repositories/{name}{?format}' } as const;
    expect(await complete(repositories, { name: 'org', value: 'def' })).toEqual(['default']);
    expect(await complete(repositories, { name: 'name', value: 'sh' }, { org: 'default' })).toEqual(['shop']);
    expect(await complete(repositories, { name: 'name', value: 'sh' }, { org: 'secretive' })).toEqual([]);
    expect(await complete(repositories, { name: 'format', value: '' })).toEqual(['yaml', 'json']);
    expect(await complete({ type: 'ref/prompt', name: 'kradle_stack_config' }, { name: 'stack', value: `${door}-b` })).toEqual([`${door}-bare`]);
    await expect(complete({ type: 'ref/prompt', name: 'nothing' }, { name: 'x', value: '' })).rejects.toMatchObject({ code: -32602 });
  });

  it('tells of changes to what was subscribed to, and only to that', async () => {
    const told: string[] = [];
    mcp.client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void told.push(params.uri));
    const [mine, other] = [`kradle://default/agenttoolprofiles/${door}-mine`, `kradle://default/agenttoolprofiles/${door}-other`];
    await mcp.call('kradle_apply_resource', { resource: profile(`${door}-mine`) });
    await mcp.call('kradle_apply_resource', { resource: profile(`${door}-other`) });
    await expect(mcp.client.subscribeResource({ uri: 'kradle://default/agenttoolprofiles/nothing' })).rejects.toMatchObject({ code: -32002 });
    await mcp.client.subscribeResource({ uri: mine });
    await mcp.client.subscribeResource({ uri: 'kradle://stacks' });
    await mcp.call('kradle_apply_resource', { resource: profile(`${door}-other`, { auditLevel: 'full' }) });
    await mcp.call('kradle_apply_resource', { resource: profile(`${door}-mine`, { auditLevel: 'full' }) });
    await eventually('the change', () => told.includes(mine));
    await mcp.call('kradle_create_stack', { name: `${door}-watched` });
    await eventually('the stacks', () => told.includes('kradle://stacks'));
    expect(told).not.toContain(other);
    await mcp.client.unsubscribeResource({ uri: 'kradle://stacks' });
    await mcp.client.unsubscribeResource({ uri: mine });
  });

  it('dispatches an agent, reports its progress, answers its question and follows it to the end', async () => {
    await fixture.agent(`${door}-asks`, { prompt: [{ message: 'thinking' }, ask('rm -rf build'), { message: 'done' }] });
    const { runName } = await mcp.call<{ runName: string }>('kradle_dispatch_agent', { stackRef: `${door}-asks`, repository: 'shop', prompt: 'Clean up.' });
    const approval = await eventually('the question', async () => (await mcp.call<Page>('kradle_list_approvals', { run: runName, phase: 'Pending' })).items[0]?.metadata.name);
    const steps: string[] = [];
    const waiting = mcp.client.callTool({ name: 'kradle_wait', arguments: { kind: 'AgentDispatchRun', name: runName, phases: ['Completed', 'Failed'] } }, undefined, { onprogress: ({ message }) => void steps.push(message ?? '') });
    await eventually('progress', () => steps.length > 0);
    expect((await mcp.refused('kradle_decide_approval', { name: approval, decision: 'approve', optionId: 'made-up' })).error).toMatchObject({ status: 422, reasons: [{ field: 'optionId' }] });
    expect(await mcp.call('kradle_decide_approval', { name: approval, decision: 'approve', optionId: 'yes' })).toMatchObject({ decided: true, phase: 'Approved' });
    expect((await mcp.refused('kradle_decide_approval', { name: approval, decision: 'deny', optionId: 'no' })).error).toMatchObject({ code: 'ALREADY_DECIDED', status: 409 });
    expect(((await waiting) as CallToolResult).structuredContent).toMatchObject({ reached: true, deleted: false, phase: 'Completed' });
    expect(steps[0]).toContain(`AgentDispatchRun ${runName}: `);
    expect(names(await mcp.call('kradle_list_runs', { stack: `${door}-asks` }))).toEqual([runName]);
    expect(JSON.stringify(await mcp.call('kradle_read_run_events', { name: runName }))).toContain('rm -rf build: yes');
  });

  it('stops waiting when the client cancels, or the time is over', async () => {
    const abort = new AbortController();
    const waiting = mcp.client.callTool({ name: 'kradle_wait', arguments: { kind: 'Repository', name: 'shop', phases: ['Never'], timeoutSeconds: 600 } }, undefined, { signal: abort.signal, onprogress: () => abort.abort('enough') });
    await expect(waiting).rejects.toThrow('enough');
    expect(await mcp.call('kradle_wait', { kind: 'Repository', name: 'shop', phases: ['Never'], timeoutSeconds: 1 })).toMatchObject({ reached: false, deleted: false, phase: 'Ready' });
    expect(await mcp.call('kradle_wait', { kind: 'Repository', name: 'shop', phases: ['Ready'] })).toMatchObject({ reached: true });
  });
});

describe('the guide', () => {
  it('names every tool and prompt, and no other', async () => {
    await using mcp = await connectByHttp(server);
    const [{ tools }, { prompts }] = await Promise.all([mcp.client.listTools(), mcp.client.listPrompts()]);
    const guide = readFileSync(fileURLToPath(new URL('../../docs/guides/mcp.md', import.meta.url)), 'utf8');
    expect(new Set(guide.match(/\bkradle_\w+/g))).toEqual(new Set([...tools, ...prompts].map(({ name }) => name)));
  });
});

describe('long answers', () => {
  it('come in pages that fit, each object once', async () => {
    await using mcp = await connectByHttp(server);
    for (let index = 0; index < 12; index += 1) await server.api('POST', '/api/orgs/default/resources', { ...profile(`page-${String(index).padStart(2, '0')}`, { description: 'x'.repeat(1900) }), metadata: { name: `page-${String(index).padStart(2, '0')}`, annotations: { filler: 'y'.repeat(16_000) } } });
    const seen: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const answer = (await mcp.client.callTool({ name: 'kradle_list_resources', arguments: { kind: 'AgentToolProfile', q: 'page-', limit: 500, ...(cursor === undefined ? {} : { cursor }) } })) as CallToolResult;
      const page = answer.structuredContent as unknown as Page;
      expect(JSON.stringify(page).length).toBeLessThanOrEqual(64 * 1024);
      seen.push(...names(page));
      ({ nextCursor: cursor } = page);
      pages += 1;
      if (cursor !== undefined) expect(textOf(answer)).toContain('call again with the same arguments and cursor');
    } while (cursor !== undefined);
    expect(pages).toBeGreaterThan(2);
    expect(seen).toEqual(Array.from({ length: 12 }, (_, index) => `page-${String(index).padStart(2, '0')}`));
  });

  it('of one object are cut, and say so; the resource is whole', async () => {
    await using mcp = await connectByHttp(server);
    const content = 'z'.repeat(60_000);
    await mcp.call('kradle_apply_resource', { resource: { kind: 'AgentStack', metadata: { name: 'wordy' }, spec: { prompt: { system: content, developer: content } } } });
    const answer = (await mcp.client.callTool({ name: 'kradle_get_resource', arguments: { kind: 'AgentStack', name: 'wordy' } })) as CallToolResult;
    expect(textOf(answer)).toContain('60000 characters in all');
    expect(textOf(answer)).toContain('were cut');
    const { contents: [whole] } = await mcp.client.readResource({ uri: 'kradle://default/agentstacks/wordy?format=json' });
    expect(whole !== undefined && 'text' in whole ? JSON.parse(whole.text).spec.prompt.system : '').toBe(content);
  });

  it('of resources come in pages, too', async () => {
    await using mcp = await connectByHttp(server, { query: '?org=secretive' });
    for (let index = 0; index < 130; index += 1) await server.api('POST', '/api/orgs/secretive/resources', profile(`many-${index}`));
    const first = await mcp.client.listResources();
    const second = await mcp.client.listResources({ cursor: first.nextCursor });
    expect(second.nextCursor).toBeUndefined();
    const uris = [...first.resources, ...second.resources].map(({ uri }) => uri).filter((uri) => uri.startsWith('kradle://secretive/agenttoolprofiles/'));
    expect(new Set(uris).size).toBe(130);
    expect(uris).toHaveLength(130);
  });
});

describe('who asks', () => {
  const post = (headers: Record<string, string>, body: unknown = initialize, path = '/mcp') =>
    fetch(server.url + path, { method: 'POST', headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...headers }, body: JSON.stringify(body) });
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

  it('needs a token, and is told how to send one', async () => {
    for (const headers of [{}, bearer('wrong')]) {
      const answer = await post(headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('WWW-Authenticate')).toMatch(/^Bearer/);
      expect(await answer.json()).toMatchObject({ error: { code: 'UNAUTHORIZED' } });
    }
    await expect(connectByHttp(server, { token: 'wrong' })).rejects.toMatchObject({ code: 401 });
    // A client that looks for OAuth finds none, rather than the console's page.
    expect((await fetch(`${server.url}/.well-known/oauth-protected-resource/mcp`)).headers.get('Content-Type')).toMatch(/^application\/json/);
  });

  it('may not be a page of another site, whatever the method and the token', async () => {
    const admin = bearer(server.token);
    expect((await post({ ...admin, Origin: 'https://evil.example' })).status).toBe(403);
    expect((await fetch(`${server.url}/mcp`, { headers: { ...admin, Accept: 'text/event-stream', Origin: 'https://evil.example' } })).status).toBe(403);
    expect((await post({ ...admin, Origin: 'null' })).status).toBe(403);
    const own = await post({ ...admin, Origin: server.url });
    expect(own.status).toBe(200);
    await own.body?.cancel();
  });

  it('sees as a run only that run', async () => {
    await fixture.agent('alone', { prompt: [{ message: 'hello' }] });
    const run = await fixture.dispatch('shop', 'alone');
    const another = await fixture.dispatch('shop', 'alone');
    await fixture.ended(run);
    await using mcp = await connectByHttp(server, { token: fixture.token(run) });
    expect(await mcp.call('kradle_get_run', { name: run })).toMatchObject({ metadata: { name: run } });
    expect((await mcp.client.readResource({ uri: `kradle://default/agentdispatchruns/${run}` })).contents).toHaveLength(1);
    expect((await mcp.refused('kradle_get_run', { name: another })).error.status).toBe(403);
    expect((await mcp.refused('kradle_list_stacks')).error.status).toBe(403);
    expect((await mcp.refused('kradle_apply_resource', { resource: profile('sneaky') })).error.status).toBe(403);
    expect((await mcp.client.listResources()).resources.map(({ uri }) => uri)).toEqual(['kradle://snapshot', 'kradle://stacks']);
    await expect(mcp.client.subscribeResource({ uri: 'kradle://stacks' })).rejects.toMatchObject({ data: { reason: 'Forbidden' } });
    await expect(mcp.client.readResource({ uri: 'kradle://snapshot' })).rejects.toMatchObject({ data: { code: 'ORG_NOT_FOUND' } });
  });

  it('learns nothing of an organization that is not theirs: not that it exists', async () => {
    await server.api('POST', '/api/orgs/secretive/resources', profile('hidden-name'));
    await using mcp = await connectByHttp(server, { token: fixture.token('some-run') });
    const said = async (org: string, tool: string, args: Record<string, unknown>) => {
      const { text, error } = await mcp.refused(tool, { ...args, org });
      return JSON.stringify({ text, ...error, correlationId: '' }).replaceAll(org, 'ORG');
    };
    for (const [tool, args] of [
      ['kradle_get_resource', { kind: 'AgentToolProfile', name: 'hidden-name' }], ['kradle_list_resources', { kind: 'AgentToolProfile' }], ['kradle_snapshot', {}], ['kradle_search', { query: 'hidden' }],
      ['kradle_delete_resource', { kind: 'AgentToolProfile', name: 'hidden-name' }], ['kradle_apply_resource', { resource: profile('hidden-name') }], ['kradle_create_stack', { name: 'x' }],
      ['kradle_wait', { kind: 'AgentToolProfile', name: 'hidden-name', phases: ['x'] }], ['kradle_list_files', { repository: 'x' }], ['kradle_list_runs', {}],
    ] as const) expect(await said('secretive', tool, args), tool).toBe(await said('not-there-at-all', tool, args));
    const missing = (org: string) => mcp.client.readResource({ uri: `kradle://${org}/agenttoolprofiles/hidden-name` }).then(() => 'found', (error: Error) => error.message.replaceAll(org, 'ORG'));
    expect(await missing('secretive')).toBe(await missing('not-there-at-all'));
    const { completion } = await mcp.client.complete({ ref: { type: 'ref/resource', uri: 'kradle://{org}/users/{name}{?format}' }, argument: { name: 'org', value: 'sec' } }).catch(() => ({ completion: { values: [] } }));
    expect(completion.values).toEqual([]);
    await using elsewhere = await connectByHttp(server, { token: fixture.token('some-run'), query: '?org=secretive' });
    expect((await elsewhere.refused('kradle_list_stacks')).error.code).toBe('ORG_NOT_FOUND');
  });

  it('cannot use a session of another actor, one that has ended, or none', async () => {
    const mcp = await connectByHttp(server);
    const session = { 'Mcp-Session-Id': mcp.transport.sessionId ?? '' };
    const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
    expect((await post({ ...bearer(fixture.token('some-run')), ...session }, list)).status).toBe(404);
    expect((await post(bearer(server.token), list)).status).toBe(400);
    expect((await post({ ...bearer(server.token), 'Mcp-Session-Id': 'made-up' }, list)).status).toBe(404);
    await mcp.transport.terminateSession();
    expect((await post({ ...bearer(server.token), ...session }, list)).status).toBe(404);
    await mcp[Symbol.asyncDispose]();
  });

  it('may send only so much', async () => {
    const admin = bearer(server.token);
    expect((await post(admin, { ...initialize, padding: 'x'.repeat(5 * 1024 * 1024) })).status).toBe(413);
    expect((await post(admin, Array.from({ length: 21 }, () => initialize))).status).toBe(413);
    expect((await post({ ...admin, 'Content-Type': 'text/plain' })).status).toBe(415);
    expect((await fetch(`${server.url}/mcp`, { method: 'PUT', headers: admin })).status).toBe(405);
  });

  it('works in the organization that the address names', async () => {
    await using mcp = await connectByHttp(server, { query: '?org=secretive' });
    await mcp.call('kradle_apply_resource', { resource: profile('by-address') });
    expect(await server.api('GET', '/api/orgs/secretive/resources/agenttoolprofiles/by-address')).toMatchObject({ metadata: { namespace: 'kradle-org-secretive' } });
    await using stdio = await connectByStdio(server, { args: ['--org', 'secretive'] });
    expect(await stdio.call('kradle_get_resource', { kind: 'AgentToolProfile', name: 'by-address' })).toMatchObject({ metadata: { name: 'by-address' } });
  });
});

describe('a stream that breaks', () => {
  it('is resumed where it broke off, by the session that it belongs to', async () => {
    const headers: Record<string, string> = { Authorization: `Bearer ${server.token}`, Accept: 'application/json, text/event-stream', 'Content-Type': 'application/json', 'MCP-Protocol-Version': '2025-11-25' };
    const send = (body: unknown) => fetch(`${server.url}/mcp`, { method: 'POST', headers, body: JSON.stringify(body) });
    const opened = await send({ ...initialize, params: { ...initialize.params, protocolVersion: '2025-11-25' } });
    headers['Mcp-Session-Id'] = opened.headers.get('mcp-session-id') ?? '';
    await opened.text();
    await send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    // It begins with an id before it has anything to say, and the connection is lost there.
    const asked = await send({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'kradle_wait', arguments: { kind: 'Repository', name: 'shop', phases: ['Never'], timeoutSeconds: 1 } } });
    const reader = asked.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    await reader?.cancel();
    const lastEventId = /^id: (.+)$/m.exec(Buffer.from(value ?? []).toString('utf8'))?.[1] ?? '';
    expect(lastEventId).not.toBe('');
    const answer = await eventually('the answer', async () => {
      const resumed = await fetch(`${server.url}/mcp`, { headers: { ...headers, Accept: 'text/event-stream', 'Last-Event-ID': lastEventId } });
      const resuming = resumed.body?.getReader();
      let text = '';
      for (;;) {
        const step = await resuming?.read();
        if (step?.value !== undefined) text += Buffer.from(step.value).toString('utf8');
        if (text.includes('"id":7')) {
          await resuming?.cancel();
          return text;
        }
        if (step === undefined || step.done) return undefined;
      }
    });
    expect(answer).toContain('"reached":false');
    expect((await fetch(`${server.url}/mcp`, { headers: { ...headers, Accept: 'text/event-stream', 'Last-Event-ID': 'made-up' } })).status).toBe(400);
  });
});

describe('kradle mcp', () => {
  it('without a server says so to the client and to the person, and ends', async () => {
    await using folder = await tempDir('kradle-mcp-');
    const { code, stdout, stderr } = await runProcess(process.execPath, [KRADLE, 'mcp', '--data-dir', folder.path], { env: cleanEnvironment(folder.path), input: `${JSON.stringify(initialize)}\n` });
    expect(code).toBe(3);
    expect(stderr).toContain('No Kradle server is running');
    expect(stderr).toContain('kradle serve');
    const messages = stdout.trim().split('\n').map((line) => JSON.parse(line) as unknown);
    expect(messages).toMatchObject([
      { method: 'notifications/message', params: { level: 'error', data: expect.stringContaining('kradle serve') } },
      { id: 1, error: { message: expect.stringContaining('No Kradle server is running') } },
    ]);
  });

  it('says that a token is wrong', async () => {
    await using folder = await tempDir('kradle-mcp-');
    const { code, stdout, stderr } = await runProcess(process.execPath, [KRADLE, 'mcp', '--server', server.url, '--token', 'wrong'], { env: cleanEnvironment(folder.path), input: `${JSON.stringify(initialize)}\n` });
    expect(code).toBe(3);
    expect(stderr).toContain('The token is not valid');
    expect(stdout).toContain('The token is not valid');
  });

  it('outlives the server: the next call finds it again, and subscriptions with it', async () => {
    await using own = await startServer();
    let stderr = '';
    await using mcp = await connectByStdio(own, { onStderr: (text) => (stderr += text) });
    const told: string[] = [];
    mcp.client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void told.push(params.uri));
    await mcp.client.subscribeResource({ uri: 'kradle://stacks' });
    const cut = mcp.client.callTool({ name: 'kradle_wait', arguments: { kind: 'User', name: 'admin', phases: ['Never'], timeoutSeconds: 600 } }, undefined, { onprogress: () => void own.kill9() });
    await expect(cut).rejects.toThrow('stopped before it answered');
    await expect(mcp.client.listTools()).rejects.toThrow('does not answer');
    expect(stderr).toContain('does not answer');
    await own.restart();
    expect((await mcp.client.listTools()).tools.length).toBeGreaterThan(SEED_TOOLS.length);
    await mcp.call('kradle_create_stack', { name: 'after' });
    await eventually('the change', () => told.includes('kradle://stacks'));
  });
});
