import { AGENT_ENV_ALLOW_LIST } from '#shared/api/agents';

export interface AgentEnvironmentRequest {
  /** Names that the adapter wants besides the allow-list. */
  readonly inherit?: readonly string[];
  /** Values that the adapter sets; they win over what is inherited. */
  readonly set?: Readonly<Record<string, string>>;
  /** Values of granted secrets and configs; they win over everything. */
  readonly granted?: Readonly<Record<string, string>>;
  /** Folder of what was granted as files; the agent finds it in `KRADLE_GRANTED_DIR`. */
  readonly grantedFolder?: string | undefined;
}

/**
 * The whole environment of an agent: an allow-list of the user's own, what the adapter names or sets, what was granted. Variables of
 * Kradle's own (`KRADLE_*`, and the older `KRATE_*`) never pass, whoever asks for them: they carry tokens and keys.
 */
export function agentEnvironment(source: Readonly<Record<string, string | undefined>>, request: AgentEnvironmentRequest): Record<string, string> {
  const result: Record<string, string> = {};
  for (const name of [...AGENT_ENV_ALLOW_LIST, ...(request.inherit ?? [])]) {
    const value = source[name];
    if (value !== undefined && !isOwnVariable(name)) result[name] = value;
  }
  for (const [name, value] of Object.entries({ ...request.set, ...request.granted })) {
    if (!isOwnVariable(name)) result[name] = value;
  }
  if (request.grantedFolder !== undefined) result.KRADLE_GRANTED_DIR = request.grantedFolder;
  return result;
}

function isOwnVariable(name: string): boolean {
  return /^KRA(DL|T)E_/i.test(name);
}
