import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentFailure } from '../domains/agents/agentFailure';
import { createRedactor, type Redactor } from '../domains/agents/redaction/redactor';
import { GRANTED_FOLDER } from '../domains/agents/runnerFolder';
import type { GrantedValue, GrantedValues } from '../domains/agents/runnerProtocol';
import type { RunnerSettings } from './runnerEnvironment';
import type { ServerLink } from './serverLink';

/** What grants give the agent. Held in memory and in files of a folder that goes with the run. */
export interface GrantedAccess {
  readonly env: Readonly<Record<string, string>>;
  /** Folder of the values that are mounted as files; absent when there are none. */
  readonly folder?: string;
  /** Takes the granted secrets out of whatever leaves this process. */
  readonly redactor: Redactor;
  /** What people should know: entries that are shut out by others. */
  readonly notices: readonly string[];
  /** Why the agent cannot be started. */
  readonly failure?: string;
}

/** Fetches what the run is granted. Files of an earlier runner of the run are removed first. */
export async function fetchGranted(settings: RunnerSettings, link: ServerLink, signal: AbortSignal): Promise<GrantedAccess> {
  await wipeGranted(settings);
  const { values, failure } = await link.call<GrantedValues>('/runner/granted', { query: { attempt: settings.attempt }, signal });
  const redactor = createRedactor(values.filter(({ kind }) => kind === 'secret').map(({ value }) => Buffer.from(value, 'base64')));
  const { env, notices } = toEnvironment(values.filter(({ mount }) => mount === 'env'));
  const files = values.filter(({ mount }) => mount === 'file');
  const folder = join(settings.folder, GRANTED_FOLDER);
  for (const file of files) await writeGranted(folder, file);
  return { env, redactor, notices, ...(files.length === 0 ? {} : { folder }), ...(failure === undefined ? {} : { failure }) };
}

/** Removes the files that the agent was given. */
export async function wipeGranted(settings: RunnerSettings): Promise<void> {
  await rm(join(settings.folder, GRANTED_FOLDER), { recursive: true, force: true });
}

/** Throws where the agent lacks something that it was to have. */
export function requireGranted({ failure }: GrantedAccess): void {
  if (failure !== undefined) throw new AgentFailure('SecretUnavailable', failure, { retryable: true });
}

function toEnvironment(values: readonly GrantedValue[]): { env: Record<string, string>; notices: string[] } {
  const env: Record<string, string> = {};
  const notices: string[] = [];
  for (const { variable, value, source, key } of values) {
    const text = Buffer.from(value, 'base64').toString('utf8');
    if (text.includes('\0')) notices.push(`The entry "${key}" of "${source}" holds a zero byte, which no environment variable can: grant it as a file.`);
    else if (env[variable] === undefined) env[variable] = text;
    else if (env[variable] !== text) notices.push(`The variable ${variable} is set by another grant already: the entry "${key}" of "${source}" was left out.`);
  }
  return { env, notices };
}

/** `granted/secrets/NAME/KEY`. Names and keys hold no slash. */
async function writeGranted(folder: string, { kind, source, key, value }: GrantedValue): Promise<void> {
  const place = join(folder, kind === 'secret' ? 'secrets' : 'config', source);
  await mkdir(place, { recursive: true, mode: 0o700 });
  await writeFile(join(place, key), Buffer.from(value, 'base64'), { mode: 0o600 });
}
