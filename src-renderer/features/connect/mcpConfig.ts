/** How a program speaks MCP to this server: as a child process, or straight over HTTP. */
export type McpTransport = 'stdio' | 'http';

/** This server, as a program has to name it. */
export interface McpServerFacts {
  /** `http://127.0.0.1:3080`. */
  readonly origin: string;
  readonly org: string;
}

/** One thing to run, or to put into a file. */
export interface McpStep {
  readonly title: string;
  readonly language: 'bash' | 'json';
  readonly code: string;
}

export interface McpClient {
  readonly id: string;
  readonly title: string;
  /** Asks for the token itself, instead of taking it from its environment. */
  readonly asksForToken?: true;
  /** What to do for a transport; the first is the shortest way. */
  readonly steps: (facts: McpServerFacts, transport: McpTransport) => readonly McpStep[];
}

/** The programs whose configuration is written out here. Sources: their own reference pages on MCP servers. */
export const MCP_CLIENTS: readonly McpClient[] = [
  {
    id: 'claude-code',
    title: 'Claude Code',
    steps: (facts, transport) => [
      {
        title: 'In a terminal',
        language: 'bash',
        code: transport === 'stdio'
          ? `claude mcp add kradle -- kradle ${stdioArguments(facts).join(' ')}`
          : `claude mcp add --transport http kradle ${shellWord(endpoint(facts))} --header "Authorization: Bearer $KRADLE_TOKEN"`,
      },
      {
        title: 'Or for everybody who works in a repository: .mcp.json in its root',
        language: 'json',
        code: json({ mcpServers: { kradle: transport === 'stdio' ? { command: 'kradle', args: stdioArguments(facts) } : { type: 'http', url: endpoint(facts), headers: bearer('${KRADLE_TOKEN}') } } }),
      },
    ],
  },
  {
    id: 'opencode',
    title: 'opencode',
    steps: (facts, transport) => [{
      title: 'opencode.json of a project, or ~/.config/opencode/opencode.json',
      language: 'json',
      code: json({
        $schema: 'https://opencode.ai/config.json',
        mcp: {
          kradle: transport === 'stdio'
            ? { type: 'local', command: ['kradle', ...stdioArguments(facts)], enabled: true }
            : { type: 'remote', url: endpoint(facts), headers: bearer('{env:KRADLE_TOKEN}'), enabled: true },
        },
      }),
    }],
  },
  {
    id: 'vscode',
    title: 'VS Code',
    asksForToken: true,
    steps: (facts, transport) => [{
      title: transport === 'stdio' ? '.vscode/mcp.json of a project' : '.vscode/mcp.json of a project; VS Code asks for the token once, and keeps it',
      language: 'json',
      code: json(transport === 'stdio'
        ? { servers: { kradle: { type: 'stdio', command: 'kradle', args: stdioArguments(facts) } } }
        : {
            inputs: [{ type: 'promptString', id: 'kradle-token', description: 'Kradle access token', password: true }],
            servers: { kradle: { type: 'http', url: endpoint(facts), headers: bearer('${input:kradle-token}') } },
          }),
    }],
  },
  {
    id: 'cursor',
    title: 'Cursor',
    steps: (facts, transport) => [{
      title: '.cursor/mcp.json of a project, or ~/.cursor/mcp.json',
      language: 'json',
      code: json({ mcpServers: { kradle: transport === 'stdio' ? { type: 'stdio', command: 'kradle', args: stdioArguments(facts) } : { url: endpoint(facts), headers: bearer('${env:KRADLE_TOKEN}') } } }),
    }],
  },
];

/** Where MCP is spoken over HTTP, for one organization. */
export function endpoint({ origin, org }: McpServerFacts): string {
  return `${origin}/mcp?org=${encodeURIComponent(org)}`;
}

/** What `kradle login` calls a server unless it is told otherwise. */
export function contextName({ origin }: Pick<McpServerFacts, 'origin'>): string {
  return new URL(origin).host;
}

/** Names server and organization: the file outlives whatever is chosen in a terminal. */
function stdioArguments(facts: McpServerFacts): string[] {
  return ['mcp', '--context', contextName(facts), '--org', facts.org];
}

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

/** An address with a question mark is a pattern to some shells. */
function shellWord(text: string): string {
  return `"${text}"`;
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
