import { describe, expect, it } from 'vitest';
import { MCP_CLIENTS, type McpTransport } from './mcpConfig';

const FACTS = { origin: 'https://kradle.example.com:8443', org: 'acme' };

describe.each(MCP_CLIENTS)('$title', ({ steps }) => {
  it.each<McpTransport>(['stdio', 'http'])('over %s: files are JSON, and name this server and organization', (transport) => {
    for (const { code, language } of steps(FACTS, transport)) {
      if (language === 'json') expect(() => JSON.parse(code) as unknown).not.toThrow();
      if (transport === 'http') expect(code).toContain('https://kradle.example.com:8443/mcp?org=acme');
      else for (const word of ['kradle.example.com:8443', 'acme']) expect(code).toContain(word);
      // A configuration is committed, so it names where the token is and never holds one.
      expect(code.includes('Bearer')).toBe(transport === 'http');
      if (transport === 'http') expect(code).toMatch(/Bearer \$?\{?\w+[^"]*/);
    }
  });
});
