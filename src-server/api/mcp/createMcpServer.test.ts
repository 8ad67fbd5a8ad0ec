import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { ResourceUpdatedNotificationSchema, type CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { eventually } from '../../../test/harness/eventually';
import { createTestResources, type TestResources } from '../../../test/harness/testResources';
import { Realm, Shelf, throwAwayRegistry } from '../../../test/harness/throwAwayKinds';
import { silentLogger } from '../../app/log';
import type { Actor } from '../../resources/actor';
import { router } from '../../rpc/trpc';
import { createResourcesRouter } from '../resourcesRouter';
import { createMcpServer } from './createMcpServer';
import { createMcpResources } from './mcpResources';
import { toAuthInfo } from './mcpRequest';
import { defineTool } from './mcpTool';
import { procedureTool } from './procedureTool';
import { waitTool } from './waitTool';

const registry = throwAwayRegistry();
const una: Actor = { kind: 'user', name: 'una', orgs: ['acme'] };

let parts: TestResources;
let client: Client;
beforeEach(async () => {
  parts = await createTestResources();
  client = await connect(una);
});
afterEach(async () => {
  await client.close();
  await parts.store.stop();
});

/** The generic door over throw-away kinds: nothing of it knows a kind by name. */
async function connect(actor: Actor): Promise<Client> {
  const resources = router({ resources: createResourcesRouter(registry) });
  const server = createMcpServer({
    router: resources,
    resources: parts.resources,
    organization: Realm,
    tools: [
      procedureTool(resources, { name: 'list', title: 'List', description: 'Lists.', procedure: 'resources.list' }),
      procedureTool(resources, { name: 'apply', title: 'Apply', description: 'Applies.', procedure: 'resources.applyResource', destructive: true }),
      defineTool({ name: 'break', title: 'Break', description: 'Fails.', input: z.strictObject({}), annotations: {}, run: () => Promise.reject(new Error('password=hunter2')) }),
      waitTool(registry),
    ],
    prompts: [],
    objects: createMcpResources(registry, []),
    instructions: '',
    version: '0.0.0',
    clock: parts.clock,
  });
  const [near, far] = InMemoryTransport.createLinkedPair();
  const send = near.send.bind(near);
  near.send = (message, options) => send(message, { ...options, authInfo: toAuthInfo({ actor, origin: 'http://localhost', correlationId: 'test', log: silentLogger() }) });
  const connected = new Client({ name: 'test', version: '0' });
  await Promise.all([server.connect(far), connected.connect(near)]);
  return connected;
}

const call = async (name: string, args: Record<string, unknown> = {}) => (await client.callTool({ name, arguments: args })) as CallToolResult;
const shelf = (name: string, spec: Record<string, unknown> = {}) => ({ kind: 'Shelf', metadata: { name }, spec });

describe('the MCP server, of kinds that it has never heard of', () => {
  it('applies and lists them, in the organization of the actor unless another is named', async () => {
    expect((await call('apply', { resource: shelf('tall') })).structuredContent).toMatchObject({ resource: { metadata: { namespace: 'kradle-org-acme' } } });
    expect((await call('list', { kind: 'rack' })).structuredContent).toMatchObject({ items: [{ metadata: { name: 'tall' } }] });
    expect(await call('list', { kind: 'rack', org: 'other' })).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/^ORG_NOT_FOUND/) as string }] });
  });

  it('pages, and goes on where it was', async () => {
    for (const name of ['a', 'b', 'c']) await call('apply', { resource: shelf(name) });
    const first = (await call('list', { kind: 'Shelf', limit: 2 })).structuredContent as { nextCursor: string };
    expect(first).toMatchObject({ items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }], remaining: 1 });
    const second = (await call('list', { kind: 'Shelf', limit: 2, cursor: first.nextCursor })).structuredContent;
    expect(second).toMatchObject({ items: [{ metadata: { name: 'c' } }] });
    expect(second).not.toHaveProperty('nextCursor');
  });

  it('gives them addresses, templates and completion', async () => {
    await call('apply', { resource: shelf('tall', { note: 'on the left' }) });
    expect((await client.listResources()).resources).toMatchObject([{ uri: 'kradle://acme/shelves/tall', name: 'shelf/tall', description: 'Shelf' }]);
    expect((await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toContain('kradle://{org}/shelves/{name}{?format}');
    expect((await client.readResource({ uri: 'kradle://acme/shelves/tall' })).contents).toMatchObject([{ mimeType: 'application/yaml', text: expect.stringContaining('note: on the left') as string }]);
    const ref = { type: 'ref/resource', uri: 'kradle://{org}/shelves/{name}{?format}' } as const;
    expect((await client.complete({ ref, argument: { name: 'name', value: 'ta' } })).completion.values).toEqual(['tall']);
    expect((await client.complete({ ref, argument: { name: 'org', value: '' } })).completion.values).toEqual(['acme']);
  });

  it('tells once of changes that come together', async () => {
    await call('apply', { resource: shelf('tall') });
    const told: string[] = [];
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void told.push(params.uri));
    await client.subscribeResource({ uri: 'kradle://acme/shelves/tall' });
    await call('apply', { resource: shelf('tall', { height: 4 }) });
    await call('apply', { resource: shelf('tall', { height: 5 }) });
    await eventually('both changes to be seen', () => parts.clock.pending > 0);
    parts.clock.advance(1000);
    await eventually('the word', () => told.length > 0);
    expect(told).toEqual(['kradle://acme/shelves/tall']);
  });

  it('waits for a phase, and says when the object goes instead', async () => {
    await call('apply', { resource: shelf('tall') });
    const args = { kind: 'Shelf', name: 'tall', phases: ['Filled'] };
    let heard = 0;
    const filled = client.callTool({ name: 'kradle_wait', arguments: args }, undefined, { onprogress: () => void (heard += 1) });
    await eventually('progress', () => heard > 0);
    await parts.resources.mutateStatus(Shelf, { org: 'acme', name: 'tall' }, (status) => void (status.phase = 'Filled'));
    expect((await filled).structuredContent).toMatchObject({ reached: true, phase: 'Filled' });

    const empty = client.callTool({ name: 'kradle_wait', arguments: { ...args, phases: ['Empty'] } }, undefined, { onprogress: () => void parts.resources.delete(Shelf, { org: 'acme', name: 'tall' }) });
    expect((await empty).structuredContent).toMatchObject({ reached: false, deleted: true });
  });

  it('keeps an unexpected failure to itself, but for its correlation id', async () => {
    const { content, isError } = await call('break');
    expect(isError).toBe(true);
    expect(JSON.stringify(content)).not.toContain('hunter2');
    expect(JSON.stringify(content)).toContain('correlation id test');
  });
});

describe('a tool of a procedure', () => {
  it('that is not there stops the start', () => {
    expect(() => procedureTool(router({}), { name: 'lost', title: 'Lost', description: 'Lost.', procedure: 'nowhere.to.be.found' })).toThrow('MCP tool lost names no procedure');
  });
});
