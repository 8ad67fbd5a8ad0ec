import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { cleanEnvironment } from './runProcess';
import { KRADLE, type TestServer } from './startServer';

/** The SDK's own client of a server. */
export interface McpClient extends AsyncDisposable {
  readonly client: Client;
  /** A call that must succeed: its structured content. */
  call<T = Record<string, unknown>>(tool: string, args?: Record<string, unknown>): Promise<T>;
  /** A call that must be refused: what it says to the model, and to programs. */
  refused(tool: string, args?: Record<string, unknown>): Promise<{ text: string; error: McpFailure }>;
}

export interface McpFailure {
  readonly reason: string;
  readonly code: string;
  readonly status: number;
  readonly message: string;
  readonly correlationId: string;
  readonly reasons: readonly { readonly code: string; readonly field?: string; readonly message: string }[];
}

/** Through `/mcp`. */
export async function connectByHttp(server: TestServer, opts: { token?: string; query?: string; headers?: Readonly<Record<string, string>> } = {}): Promise<McpClient & { readonly transport: StreamableHTTPClientTransport }> {
  const { token = server.token, query = '', headers = {} } = opts;
  const transport = new StreamableHTTPClientTransport(new URL(`${server.url}/mcp${query}`), { requestInit: { headers: { Authorization: `Bearer ${token}`, ...headers } } });
  return { ...(await connect(transport)), transport };
}

/** Through the built `kradle mcp`. */
export async function connectByStdio(server: Pick<TestServer, 'dataDir'>, opts: { args?: readonly string[]; env?: Readonly<Record<string, string>>; onStderr?: (text: string) => void } = {}): Promise<McpClient & { readonly transport: StdioClientTransport }> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [KRADLE, 'mcp', ...(opts.args ?? [])],
    env: { ...cleanEnvironment(server.dataDir), KRADLE_DATA_DIR: server.dataDir, ...opts.env },
    stderr: 'pipe',
  });
  transport.stderr?.on('data', (chunk: Buffer) => opts.onStderr?.(chunk.toString('utf8')));
  return { ...(await connect(transport)), transport };
}

async function connect(transport: StreamableHTTPClientTransport | StdioClientTransport): Promise<McpClient> {
  const client = new Client({ name: 'kradle-test', version: '1.0.0' });
  await client.connect(transport);
  const ask = async (name: string, args: Record<string, unknown>) => (await client.callTool({ name, arguments: args })) as CallToolResult;
  return {
    client,
    async call<T>(name: string, args: Record<string, unknown> = {}) {
      const answer = await ask(name, args);
      if (answer.isError === true) throw new Error(`${name} was refused: ${textOf(answer)}`);
      return answer.structuredContent as T;
    },
    async refused(name, args = {}) {
      const answer = await ask(name, args);
      if (answer.isError !== true) throw new Error(`${name} was accepted: ${textOf(answer)}`);
      return { text: textOf(answer), error: answer._meta?.['kradle.a5c.ai/error'] as McpFailure };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** Everything that a model reads of an answer. */
export function textOf(answer: CallToolResult): string {
  return answer.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}
