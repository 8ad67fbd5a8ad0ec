import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorBody } from '#shared/api/status';
import { allKinds } from '#shared/kinds/index';
import { createKindRegistry } from '#shared/kind/registry';
import { minimalObject } from '#shared/kind/minimalObject';
import { jsonSample, type Schema } from '../../src-server/api/openApi/jsonSample';
import { absence, COMMANDS, KUBE_VERBS, MCP_TOOLS, NOT_BY_CLI, NOT_BY_MCP, NOT_BY_REST, OTHER_MCP_TOOLS } from '../fixtures/doorsOfProcedures';
import { appProcedures, type AppProcedures } from '../harness/appProcedures';
import { eventually } from '../harness/eventually';
import { connectByHttp, type McpClient } from '../harness/mcpClient';
import { newPerson } from '../harness/person';
import { startServer, type TestServer } from '../harness/startServer';

/** What a door said: what it answered, or why it refused. */
interface Said {
  readonly status: number;
  readonly result?: unknown;
  readonly code?: string;
  readonly message?: string;
  readonly fields?: readonly (string | undefined)[];
}

const registry = createKindRegistry(allKinds);
const stack = registry.find('stack');
if (stack === undefined) throw new Error('no kind is called "stack"');
const KUBE = '/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-default';

let server: TestServer;
let app: AppProcedures;
/** Tokens of: an administrator; one who may only read; a member of another organization. */
const tokens: Record<'admin' | 'viewer' | 'outsider', string> = { admin: '', viewer: '', outsider: '' };
const clients = new Map<string, McpClient>();

beforeAll(async () => {
  [server, app] = await Promise.all([startServer(), appProcedures()]);
  await server.api('POST', '/api/orgs', { slug: 'elsewhere' });
  await server.api('POST', '/api/orgs/default/repositories', { name: 'demo', initialize: true });
  await eventually('the first commit', async () => (await server.api<{ status?: { defaultBranchHead?: string } }>('GET', '/api/orgs/default/repositories/demo')).status?.defaultBranchHead);
  await server.api('POST', '/api/orgs/default/agents', { name: 'fixer', command: ['true'], adapterType: 'command' });
  tokens.admin = server.token;
  tokens.viewer = (await (await newPerson(server, 'vera', { role: 'viewer' })).token()).token;
  tokens.outsider = (await (await newPerson(server, 'otto', { org: 'elsewhere', role: 'admin' })).token()).token;
});
afterAll(async () => {
  for (const client of clients.values()) await client[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function send(who: keyof typeof tokens, path: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> {
  const response = await server.fetch(path, { ...init, headers: { Authorization: `Bearer ${tokens[who]}`, ...(init.body === undefined ? {} : { 'Content-Type': 'application/json' }), ...(init.headers as Record<string, string>) } });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

async function byTrpc(who: keyof typeof tokens, name: string, input: Record<string, unknown>): Promise<Said> {
  const isQuery = app.procedures.get(name)?.type === 'query';
  const { status, body } = await send(who, `/trpc/${name}${isQuery ? `?input=${encodeURIComponent(JSON.stringify(input))}` : ''}`, isQuery ? {} : { method: 'POST', body: JSON.stringify(input) });
  const { result, error } = body as { result?: { data: unknown }; error?: { message: string; data: { statusCode?: string; httpStatus: number; causes?: { field?: string }[] } } };
  if (error === undefined) return { status, result: result?.data };
  return { status: error.data.httpStatus, message: error.message, ...(error.data.statusCode === undefined ? {} : { code: error.data.statusCode }), fields: (error.data.causes ?? []).map(({ field }) => field) };
}

async function byRest(who: keyof typeof tokens, name: string, input: Record<string, unknown>): Promise<Said> {
  const route = app.routes.find((each) => each.procedurePath === name && each.form === 'own');
  if (route === undefined) throw new Error(`${name} has no address`);
  const rest = { ...input };
  const path = route.path.replace(/\{(\w+)\}/g, (_, part: string) => {
    const value = rest[part];
    delete rest[part];
    return encodeURIComponent(String(value));
  });
  const isGet = route.method === 'GET';
  const query = isGet ? new URLSearchParams(Object.entries(rest).map(([key, value]): [string, string] => [key, String(value)])).toString() : '';
  const { status, body } = await send(who, `${path}${query === '' ? '' : `?${query}`}`, { method: route.method, ...(isGet ? {} : { body: JSON.stringify(rest) }) });
  return readError(status, body) ?? { status, result: body };
}

function readError(status: number, body: unknown): Said | undefined {
  const { error } = (body ?? {}) as Partial<ErrorBody>;
  if (status < 400 || error === undefined) return undefined;
  return { status, code: error.code, message: error.message, fields: error.reasons.map(({ field }) => field) };
}

async function byMcp(who: keyof typeof tokens, tool: string, args: Record<string, unknown>): Promise<Said> {
  const client = clients.get(who) ?? (await connectByHttp(server, { token: tokens[who] }));
  clients.set(who, client);
  const answer = (await client.client.callTool({ name: tool, arguments: args })) as { isError?: boolean; structuredContent?: unknown; _meta?: Record<string, { status: number; code: string; message: string; reasons: { field?: string }[] }> };
  const error = Object.values(answer._meta ?? {}).find((each) => typeof each === 'object' && 'code' in each);
  if (answer.isError !== true || error === undefined) return { status: 200, result: answer.structuredContent };
  return { status: error.status, code: error.code, message: error.message, fields: error.reasons.map(({ field }) => field) };
}

/** An input that fits the procedure's schema. */
function sampleInput(name: string): Record<string, unknown> {
  const input = app.procedures.get(name)?.input;
  const schema = input === undefined ? {} : z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
  const value = jsonSample(schema, { object: () => minimalObject(stack as never) });
  const { path: _path, ...sample } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const required = (schema as Schema).required ?? [];
  return { ...sample, ...(required.includes('path') ? { path: 'README.md' } : {}), ...('resource' in sample ? { resource: anAgent('demo') } : {}), ...SAMPLES[name] };
}

/** What a schema does not say of an input that works. */
const SAMPLES: Readonly<Record<string, Record<string, unknown>>> = {
  'agents.dispatch': { stackRef: 'fixer' },
  'resources.importSnapshot': { resources: [anAgent('demo')] },
};

/** Of no organization in particular. */
function anAgent(name: string) {
  const { organizationRef: _organizationRef, ...spec } = minimalObject(stack as never).spec;
  return { ...minimalObject(stack as never), metadata: { name }, spec: { ...spec, baseAgent: 'fixer', adapter: 'fixer' } };
}

/** Everything that differs from call to call without meaning anything. */
function steady(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(steady);
  if (typeof value !== 'object' || value === null) return value;
  const volatile = /^(?:correlationId|uptimeSeconds|resourceVersion|lastSeenAt|lastUsedAt|lastUsed|at|origin)$/;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !volatile.test(key)).map(([key, each]) => [key, steady(each)]));
}

/** Asking changes the answer: every question is a record. */
const CHANGING = /^audit\./;

function isSame(name: string, one: Said, other: Said): boolean {
  if (one.status >= 400 || other.status >= 400) return isDeepStrictEqual(one, other);
  return CHANGING.test(name) || isDeepStrictEqual(steady(one.result), steady(other.result));
}

const withRest = () => [...app.procedures].filter(([name]) => absence(NOT_BY_REST, name) === undefined);
const inOrganization = () => withRest().filter(([name]) => app.routes.some((route) => route.procedurePath === name && route.path.includes('{org}')));

describe('every procedure', () => {
  it('has each door, or a reason why not', () => {
    const undecided: string[] = [];
    for (const [name, { type }] of app.procedures) {
      const hasRest = app.routes.some(({ procedurePath }) => procedurePath === name);
      if (!hasRest && absence(NOT_BY_REST, name) === undefined) undecided.push(`${name} (${type}): REST`);
      if (MCP_TOOLS[name] === undefined && absence(NOT_BY_MCP, name) === undefined) undecided.push(`${name} (${type}): MCP`);
      if (COMMANDS[name] === undefined && absence(NOT_BY_CLI, name) === undefined) undecided.push(`${name} (${type}): CLI`);
    }
    expect(undecided).toEqual([]);
  });

  it('that the table names is there, and every tool and command that it names', async () => {
    const named = [...Object.keys(MCP_TOOLS), ...Object.keys(COMMANDS), ...Object.keys(KUBE_VERBS)];
    expect(named.filter((name) => !app.procedures.has(name))).toEqual([]);
    const client = await connectByHttp(server);
    const { tools } = await client.client.listTools();
    await client[Symbol.asyncDispose]();
    expect(tools.map(({ name }) => name).sort()).toEqual([...Object.values(MCP_TOOLS).flat(), ...OTHER_MCP_TOOLS].sort());
    const commands = [...new Set(Object.values(COMMANDS).map((words) => words.split(' ')[0] ?? ''))];
    const { stdout } = await server.cli(['help']);
    for (const command of commands) expect(stdout, command).toMatch(new RegExp(`^\\s+${command}\\b`, 'm'));
  });

  it('refuses a member of another organization the same by tRPC and REST, as if nothing were there', async () => {
    const different: unknown[] = [];
    for (const [name] of inOrganization()) {
      const input = { ...sampleInput(name), org: 'default' };
      const [trpc, rest] = [await byTrpc('outsider', name, input), await byRest('outsider', name, input)];
      const hidden = await byRest('outsider', name, { ...input, org: 'never-there' });
      const same = isDeepStrictEqual(trpc, rest) && isDeepStrictEqual({ ...rest, message: rest.message?.replaceAll('"default"', '') }, { ...hidden, message: hidden.message?.replaceAll('"never-there"', '') });
      if (!same || rest.status < 400) different.push({ name, trpc, rest, hidden });
    }
    expect(different).toEqual([]);
  });

  it('answers or refuses somebody who may only read the same by tRPC and REST', async () => {
    const different: unknown[] = [];
    for (const [name] of inOrganization()) {
      const input = { ...sampleInput(name), org: 'default' };
      const trpc = await byTrpc('viewer', name, input);
      const rest = await byRest('viewer', name, input);
      if (!isSame(name, trpc, rest)) different.push({ name, trpc, rest });
    }
    expect(different).toEqual([]);
  });

  it('says the same of an input that is not valid', async () => {
    const different: unknown[] = [];
    for (const [name] of inOrganization()) {
      const input = { ...sampleInput(name), org: 'Not A Name' };
      const [trpc, rest] = [await byTrpc('admin', name, input), await byRest('admin', name, input)];
      if (!isDeepStrictEqual(trpc, rest) || rest.status !== 400 || rest.fields?.includes('org') !== true) different.push({ name, trpc, rest });
    }
    expect(different).toEqual([]);
  });

  it('that reads answers an administrator the same', async () => {
    const different: unknown[] = [];
    for (const [name, { type, meta }] of withRest()) {
      if (type !== 'query' || meta?.availability === 'planned') continue;
      const input = sampleInput(name);
      const trpc = await byTrpc('admin', name, input);
      const rest = await byRest('admin', name, input);
      if (!isSame(name, trpc, rest)) different.push({ name, trpc, rest });
    }
    expect(different).toEqual([]);
  });
});

describe('tools', () => {
  it('refuse as their procedure does', async () => {
    const different: unknown[] = [];
    for (const [name, tools] of Object.entries(MCP_TOOLS)) {
      const [tool = ''] = tools;
      if (tools.length > 1 && name !== 'resources.list') continue;
      for (const who of ['viewer', 'outsider'] as const) {
        const { limit: _limit, continue: _continue, createOnly: _createOnly, ...input } = { ...sampleInput(name), org: 'default' } as Record<string, unknown>;
        const args = RENAMED[tool]?.(input) ?? input;
        const [rest, mcp] = [await byRest(who, name, input), await byMcp(who, tool, args)];
        const same = rest.status < 400 ? mcp.status < 400 : isDeepStrictEqual(mcp, rest);
        if (!same) different.push({ tool, who, rest, mcp });
      }
    }
    expect(different).toEqual([]);
  });
});

/** Where a tool's arguments have other names than the procedure's. */
const RENAMED: Readonly<Record<string, (input: Record<string, unknown>) => Record<string, unknown>>> = {
  kradle_search: ({ q, ...rest }) => ({ ...rest, query: q }),
  kradle_dispatch_agent: ({ agentStack, stackRef, ...rest }) => ({ ...rest, stackRef: stackRef ?? agentStack ?? 'fixer' }),
  kradle_list_kinds: () => ({}),
  kradle_describe_kind: ({ kind }) => ({ kind }),
};

describe('an object', () => {
  const cli = async (who: keyof typeof tokens, args: readonly string[], input?: string) => server.cli(args, { env: { KRADLE_SERVER: server.url, KRADLE_TOKEN: tokens[who] }, ...(input === undefined ? {} : { input }) });

  it('is created, read and deleted by every door, and is the same object', async () => {
    const create: Record<string, () => Promise<unknown>> = {
      trpc: () => byTrpc('admin', 'resources.create', { org: 'default', resource: anAgent('by-trpc') }),
      rest: () => byRest('admin', 'resources.applyResource', { org: 'default', resource: anAgent('by-rest') }),
      mcp: () => byMcp('admin', 'kradle_apply_resource', { org: 'default', resource: anAgent('by-mcp') }),
      kube: () => send('admin', `${KUBE}/agentstacks`, { method: 'POST', body: JSON.stringify(anAgent('by-kube')) }),
      cli: () => cli('admin', ['apply', '-f', '-'], JSON.stringify(anAgent('by-cli'))),
    };
    for (const [door, run] of Object.entries(create)) {
      await run();
      const name = `by-${door}`;
      const rest = await byRest('viewer', 'resources.get', { org: 'default', kind: 'agentstacks', name });
      expect(rest.status, door).toBe(200);
      const stored = rest.result as { spec: unknown };
      expect(stored.spec, door).toMatchObject({ organizationRef: 'default', baseAgent: 'fixer', adapter: 'fixer' });
      const { result: fromTrpc } = await byTrpc('viewer', 'resources.get', { org: 'default', kind: 'agentstacks', name });
      const { result: fromMcp } = await byMcp('viewer', 'kradle_get_resource', { org: 'default', kind: 'agentstacks', name });
      const { body: fromKube } = await send('viewer', `${KUBE}/agentstacks/${name}`);
      const fromCli = JSON.parse((await cli('viewer', ['get', 'agentstack', name, '--json'])).stdout) as { spec: unknown };
      for (const other of [fromTrpc, fromMcp, fromKube, fromCli]) expect((other as { spec: unknown }).spec, door).toEqual(stored.spec);
    }
  });

  it('is refused by every door in the same words, and each refusal leaves the same record', async () => {
    const target = { org: 'default', kind: 'agentstacks', name: 'fixer' };
    const rest = await byRest('viewer', 'resources.delete', target);
    expect(rest).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(await byTrpc('viewer', 'resources.delete', target)).toEqual(rest);
    expect(await byMcp('viewer', 'kradle_delete_resource', target)).toEqual(rest);
    const kube = await send('viewer', `${KUBE}/agentstacks/fixer`, { method: 'DELETE' });
    expect(kube).toMatchObject({ status: 403, body: { kind: 'Status', reason: 'Forbidden' } });
    const command = await cli('viewer', ['delete', 'agentstack', 'fixer', '--yes']);
    expect(command.code).not.toBe(0);
    expect(command.stderr).toContain(rest.message);

    const { items } = await server.api<{ items: { spec: Record<string, unknown> }[] }>('GET', '/api/orgs/default/audit?actor=vera&action=delete&name=fixer');
    const records = items.map(({ spec }) => spec);
    // tRPC, REST, MCP, Kubernetes, and the command, which asks by REST.
    expect(records).toHaveLength(5);
    const meaning = ({ action, outcome, rule, actor, resource }: Record<string, unknown>) => JSON.stringify({ action, outcome, rule, actor, resource });
    expect(new Set(records.map(meaning)).size).toBe(1);
  });

  it('of another organization is not there, whichever door one comes by', async () => {
    const target = { org: 'default', kind: 'agentstacks', name: 'fixer' };
    const rest = await byRest('outsider', 'resources.get', target);
    expect(rest).toMatchObject({ status: 404, code: 'ORG_NOT_FOUND' });
    expect(await byTrpc('outsider', 'resources.get', target)).toEqual(rest);
    expect(await byMcp('outsider', 'kradle_get_resource', target)).toEqual(rest);
    const kube = await send('outsider', `${KUBE}/agentstacks/fixer`);
    expect(kube).toMatchObject({ status: 404, body: { reason: 'NotFound' } });
    const command = await cli('outsider', ['get', 'agentstack', 'fixer', '--org', 'default']);
    expect(command.code).not.toBe(0);
    expect(command.stderr).toContain('There is no organization "default", or you may not see it');
  });
});
