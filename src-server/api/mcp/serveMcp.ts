import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import { StatusError } from '#shared/api/status';
import { objectName } from '#shared/kind/objectMeta';
import type { EndpointRequest } from '../../http/endpoint';
import { readJson } from '../readBody';
import { createMcpServer, type McpDeps } from './createMcpServer';
import { toAuthInfo, type McpCaller } from './mcpRequest';
import { McpSessions, type McpSession } from './mcpSessions';

/** Room for the largest object and what is around it. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** Messages that one request may carry; protocol versions since 2025-06-18 send one. */
const MAX_BATCH = 20;

/** Answers requests to `/mcp` until `stopping` aborts. */
export function serveMcp(deps: McpDeps, stopping: AbortSignal): (request: EndpointRequest) => Promise<void> {
  const sessions = new McpSessions({ clock: deps.clock, createServer: () => createMcpServer(deps) });
  stopping.addEventListener('abort', () => void sessions.close(), { once: true });
  return async (request) => {
    const { req, res } = request;
    checkOrigin(request);
    const caller = callerFrom(request);
    const body = req.method === 'POST' ? await readJson(req, MAX_BODY_BYTES) : undefined;
    const session = await sessionFor(sessions, request, body);
    res.once('close', session.use());
    await session.transport.handleRequest(Object.assign(req, { auth: toAuthInfo(caller) }), res, body);
  };
}

/** Whatever signs the request and whatever its method: MCP, "Transports", security warning. Programs send no Origin. */
function checkOrigin({ req, origin }: EndpointRequest): void {
  if (req.headers.origin === undefined || req.headers.origin === origin) return;
  throw new StatusError('Forbidden', 'The request comes from a page of another site.', { code: 'ORIGIN_NOT_ALLOWED' });
}

async function sessionFor(sessions: McpSessions, { req, actor }: EndpointRequest, body: unknown): Promise<McpSession> {
  if (Array.isArray(body) && body.length > MAX_BATCH) throw new StatusError('RequestEntityTooLarge', `A request carries at most ${MAX_BATCH} messages.`);
  const id = req.headers['mcp-session-id'];
  if (typeof id === 'string' && id !== '') return sessions.find(id, actor);
  if (isInitializeRequest(body)) return sessions.open(actor);
  throw new StatusError('BadRequest', 'Begin with an initialize request, and send the Mcp-Session-Id of its answer with every other.', { code: 'SESSION_REQUIRED' });
}

function callerFrom({ actor, origin, correlationId, log, url }: EndpointRequest): McpCaller {
  const org = url.searchParams.get('org') ?? '';
  if (org === '') return { actor, origin, correlationId, log };
  if (!objectName.safeParse(org).success) throw new StatusError('BadRequest', 'org must be the slug of an organization.');
  return { actor, origin, correlationId, log, org };
}
