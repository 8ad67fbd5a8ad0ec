import type { AuthMethod, RequestError } from '@agentclientprotocol/sdk';
import { AgentFailure, lastLines } from '../agentFailure';
import type { AgentExit } from '../process/agentProcess';

/** JSON-RPC code of ACP's auth_required. */
export const AUTH_REQUIRED_CODE = -32_000;

/** Names the agent's own ways to sign in, and the command where one does it in a terminal. */
export function authRequired(commandLine: readonly string[], methods: readonly AuthMethod[]): AgentFailure {
  const names = methods.map((method) => method.name).filter(Boolean);
  const commands = methods.flatMap((method) => loginCommand(commandLine, method) ?? []);
  const how = commands.length > 0
    ? `Sign in once in a terminal: ${commands.map((command) => `\`${command}\``).join(' or ')}.`
    : `Start "${commandLine[0] ?? 'the agent'}" once in a terminal and sign in there, or set its API key in the adapter's environment by a grant.`;
  return new AgentFailure('AgentAuthRequired', `The agent asks to be signed in${names.length > 0 ? ` (it offers: ${names.join(', ')})` : ''}. ${how} Then retry the run.`, { retryable: true });
}

export function initializeTimeout(commandLine: readonly string[], timeoutMs: number, stderr: string): AgentFailure {
  return new AgentFailure(
    'AgentInitializeTimeout',
    `"${commandLine.join(' ')}" did not answer "initialize" within ${Math.round(timeoutMs / 1000)} s. Start it in a terminal to see what it waits for; initializeTimeoutSeconds of its adapter allows more time.${stderrNote(stderr)}`,
    { retryable: true },
  );
}

export function agentExited(commandLine: readonly string[], exit: AgentExit, stderr: string): AgentFailure {
  const how = exit.signal !== undefined ? `was killed by ${exit.signal}` : exit.exitCode === undefined ? 'ended' : `ended with code ${exit.exitCode}`;
  return new AgentFailure('AgentExited', `The agent "${commandLine.join(' ')}" ${how} before it finished.${stderrNote(stderr) || ' It wrote nothing on standard error.'}`, {
    retryable: true,
    exitCode: exit.exitCode,
  });
}

export function answeredWithError(error: RequestError): AgentFailure {
  const details = error.data === undefined || error.data === null ? '' : ` (${JSON.stringify(error.data).slice(0, 800)})`;
  return new AgentFailure('AgentProtocolError', `The agent answered with an error: ${error.message}${details}. It often says why in its own log; retry the run when the cause is gone.`, { retryable: true });
}

function stderrNote(stderr: string): string {
  return stderr.trim() === '' ? '' : ` The end of its standard error:\n${lastLines(stderr)}`;
}

function loginCommand(commandLine: readonly string[], method: AuthMethod): string | undefined {
  const terminal = method._meta?.['terminal-auth'] as { command?: unknown; args?: unknown } | undefined;
  if (typeof terminal?.command === 'string') return [terminal.command, ...(Array.isArray(terminal.args) ? terminal.args.map(String) : [])].join(' ');
  if ('type' in method && method.type === 'terminal') return [...commandLine, ...(method.args ?? [])].join(' ');
  return undefined;
}
