import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../test/harness/fakeClock';
import type { Actor } from '../../resources/actor';
import { IDLE_MS, MAX_SESSIONS_OF_ACTOR, McpSessions, type McpSession } from './mcpSessions';

const una: Actor = { kind: 'user', name: 'una', orgs: ['acme'] };
const run: Actor = { kind: 'run', name: 'una', orgs: ['acme'], run: { org: 'acme', name: 'una', attempt: 1 } };

function createSessions() {
  const clock = createFakeClock();
  let open = 0;
  const sessions = new McpSessions({
    clock,
    createServer: () => {
      const server = new Server({ name: 'test', version: '0' }, { capabilities: {} });
      open += 1;
      server.onclose = () => void (open -= 1);
      return server;
    },
  });
  return { clock, sessions, openServers: () => open };
}

/** A session whose client has initialized, through the web form of the SDK's transport. */
async function initialized(sessions: McpSessions, actor: Actor): Promise<{ id: string; session: McpSession }> {
  const session = await sessions.open(actor);
  const transport = (session.transport as unknown as { _webStandardTransport: { handleRequest(request: Request): Promise<Response> } })._webStandardTransport;
  const answer = await transport.handleRequest(new Request('http://localhost/mcp', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } } }),
  }));
  await answer.body?.cancel();
  return { id: answer.headers.get('mcp-session-id') ?? '', session };
}

describe('MCP sessions', () => {
  it('belong to the actor who began them', async () => {
    const { sessions } = createSessions();
    const { id } = await initialized(sessions, una);
    expect(sessions.find(id, { ...una, orgs: '*' }).actor).toBe(una);
    for (const other of [run, { ...una, name: 'ben' }]) expect(() => sessions.find(id, other)).toThrow('There is no such session');
    await sessions.close();
  });

  it('count from their initialization, not from a request that fails before', async () => {
    const { sessions } = createSessions();
    await sessions.open(una);
    expect(sessions.size).toBe(0);
  });

  it('end when nobody has used them for long, and not while an answer is on its way', async () => {
    const { sessions, clock, openServers } = createSessions();
    const idle = await initialized(sessions, una);
    const busy = await initialized(sessions, una);
    const done = busy.session.use();
    clock.advance(IDLE_MS);
    expect(() => sessions.find(idle.id, una)).toThrow('There is no such session');
    expect(sessions.find(busy.id, una)).toBeDefined();
    clock.advance(3 * IDLE_MS);
    done();
    expect(sessions.size).toBe(1);
    clock.advance(2 * IDLE_MS);
    expect(sessions.size).toBe(0);
    expect(openServers()).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('make room for an actor\'s next one: the longest idle goes, and nobody else\'s', async () => {
    const { sessions, clock } = createSessions();
    const other = await initialized(sessions, run);
    const ids: string[] = [];
    for (let count = 0; count < MAX_SESSIONS_OF_ACTOR; count += 1) {
      ids.push((await initialized(sessions, una)).id);
      clock.advance(1000);
    }
    const inUse = sessions.find(ids[0] ?? '', una).use();
    await initialized(sessions, una);
    expect(sessions.find(ids[0] ?? '', una)).toBeDefined();
    expect(() => sessions.find(ids[1] ?? '', una)).toThrow('There is no such session');
    expect(sessions.find(other.id, run)).toBeDefined();
    inUse();
    await sessions.close();
    expect(sessions.size).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('are refused to an actor whose sessions are all in use', async () => {
    const { sessions } = createSessions();
    for (let count = 0; count < MAX_SESSIONS_OF_ACTOR; count += 1) (await initialized(sessions, una)).session.use();
    await expect(sessions.open(una)).rejects.toMatchObject({ reason: 'TooManyRequests' });
    await expect(sessions.open(run)).resolves.toBeDefined();
    await sessions.close();
  });
});
