import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { fakeTerminal } from '../../test/harness/fakeTerminal';
import { runProgram } from './program';

/** Runs a command line where nothing runs. */
async function run(args: readonly string[], env: Record<string, string> = {}): Promise<{ code: number; stdout: string; stderr: string }> {
  const terminal = fakeTerminal();
  const code = await runProgram(args, { terminal, env: { KRADLE_DATA_DIR: '/nonexistent/kradle', ...env } });
  return { code, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

/** A server that answers every request alike, and keeps what it was asked. */
async function withServer(answer: { status: number; body: unknown }, use: (url: string, asked: { request: IncomingMessage; body: string }[]) => Promise<void>): Promise<void> {
  const asked: { request: IncomingMessage; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      asked.push({ request, body });
      response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const refusal = (code: string, message: string, reasons: unknown[] = []) => ({ error: { code, message, correlationId: 'corr-1', reasons } });

describe('the command line', () => {
  it('shows the help when nothing is asked', async () => {
    const { code, stdout } = await run([]);
    expect(code).toBe(0);
    for (const command of ['serve', 'dispatch', 'approve', 'apply', 'completion']) expect(stdout).toContain(`  ${command}`);
    expect(stdout).not.toMatch(/runner|demo-agent|__complete/);
  });

  it.each([
    [['frobnicate'], /unknown command 'frobnicate'/],
    [['list'], /missing required argument 'kind'/],
    [['list', 'repositories', '-o', 'xml'], /Allowed choices are table, wide, yaml, json, name/],
    [['dispatch', '--repo', 'a', '-p', 'x'], /--stack/],
    [['dispatch', '--repo', 'a', '--stack', 's'], /There is no task/],
    [['dispatch', '--repo', 'a', '--stack', 's', '-p', 'x', '--prompt-file', 'y'], /more than one task/],
    [['dispatch', '--repo', 'a', '--stack', 's', '-p', '  '], /The task is empty/],
    [['dispatch', '--repo', 'a', '--stack', 's', '--prompt-file', '/nonexistent'], /cannot be read/],
    [['import', './nonexistent/folder'], /neither a folder nor the address/],
    [['agent', 'add', 'x'], /either --preset or the program/],
    [['agent', 'add', 'x', '--env', 'NOVALUE', '--', 'prog'], /NAME=VALUE/],
    [['pr', 'comment', 'demo-1'], /Say something/],
    [['pr', 'comment', 'demo-1', '-b', 'x', '--line', '3'], /--line needs --file/],
    [['pr', 'comment', 'demo-1', '-b', 'x', '--approve', '--request-changes'], /Either approve/],
    [['completion', 'tcsh'], /Allowed choices are bash, zsh, fish/],
    [['apply', '-f', '/nonexistent.yaml'], /is not there/],
  ])('%j is a usage error', async (args, message) => {
    const { code, stdout, stderr } = await run(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(stdout).toBe('');
  });

  it('prints its version without a server', async () => {
    expect((await run(['version'])).stdout).toMatch(/^kradle \d+\.\d+\.\d+\n$/);
    expect((await run(['--version'])).code).toBe(0);
    expect(JSON.parse((await run(['version', '--json'])).stdout)).toMatchObject({ node: process.version });
  });

  it.each([[['status']], [['list', 'repositories']], [['repo', 'list']], [['pr', 'ls']], [['approve', 'x']], [['dispatch', '--stack', 's', '--repo', 'r', '-p', 'x']]])('%j without a server says how to start one', async (args) => {
    const { code, stderr } = await run(args);
    expect(code).toBe(3);
    expect(stderr).toContain('kradle serve');
  });

  it('says that a named server does not answer', async () => {
    const { code, stderr } = await run(['status', '--server', 'http://127.0.0.1:9']);
    expect(code).toBe(3);
    expect(stderr).toContain('http://127.0.0.1:9 does not answer');
  });
});

describe('answers of the server', () => {
  it.each([
    [401, 'UNAUTHORIZED', 3],
    [403, 'POLICY_DENIED', 1],
    [404, 'NOT_FOUND', 4],
    [409, 'CONFLICT', 5],
    [422, 'INVALID', 1],
    [500, 'INTERNAL_ERROR', 1],
  ])('%i exits with its code', async (status, code, exitCode) => {
    await withServer({ status, body: refusal(code, 'No, because.', [{ code: 'X', field: 'spec.name', message: 'must be short' }]) }, async (url) => {
      const answer = await run(['cancel', 'run-1', '--server', url, '--token', 't']);
      expect(answer).toMatchObject({ code: exitCode, stdout: '' });
      expect(answer.stderr).toContain('No, because.\n  spec.name: must be short');
      if (status === 401) expect(answer.stderr).toContain('--token');
      if (status === 500) expect(answer.stderr).toContain('corr-1');
    });
  });

  it('survive a proxy that answers with a page of its own', async () => {
    await withServer({ status: 502, body: '<html>Bad gateway</html>' }, async (url) => {
      expect((await run(['cancel', 'run-1', '--server', url])).stderr).toContain('answered 502');
    });
  });

  it('cannot write to the terminal but text', async () => {
    await withServer({ status: 404, body: refusal('NOT_FOUND', 'gone\u001b]0;owned\u0007') }, async (url) => {
      expect((await run(['cancel', 'run-1', '--server', url])).stderr).toBe('error: gone\n');
    });
  });
});

describe('requests', () => {
  it('encode names and carry the token', async () => {
    await withServer({ status: 200, body: { cancelled: true } }, async (url, asked) => {
      expect((await run(['cancel', 'a/../b', '--reason', 'why', '--org', 'acme'], { KRADLE_SERVER: url, KRADLE_TOKEN: 'secret' })).code).toBe(0);
      expect(asked[0]?.request.url).toBe('/api/orgs/acme/agents/runs/a%2F..%2Fb/cancel');
      expect(asked[0]?.request.headers.authorization).toBe('Bearer secret');
      expect(asked[0]?.body).toBe('{"reason":"why"}');
    });
  });

  it.each([
    [['--ref', 'feature'], { branch: 'feature' }],
    [['--ref', 'refs/heads/feature'], { ref: 'refs/heads/feature' }],
    [['--ref', 'a'.repeat(40)], { sha: 'a'.repeat(40) }],
    [['--title', 'T', '--deadline', '5m'], { title: 'T', deadline: '5m' }],
  ])('dispatch %j', async (flags, body) => {
    await withServer({ status: 201, body: { runName: 'run-1', status: 'dispatched' } }, async (url, asked) => {
      const { code, stdout } = await run(['dispatch', '--stack', 's', '--repo', 'r', '-p', 'Fix it', ...flags, '--server', url]);
      expect(code).toBe(0);
      expect(stdout).toContain('run-1');
      expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ stackRef: 's', repository: 'r', prompt: 'Fix it', ...body });
    });
  });
});
