import { isStatusError } from '#shared/api/status';
import type { AgentsContext } from '../agentsContext';
import { createRedactor, type Redactor } from '../redaction/redactor';
import type { Run } from '../runState';

/** A redactor of the secrets that a run was given, in the versions that it was given. */
export async function runRedactor(ctx: Pick<AgentsContext, 'secrets'>, org: string, run: Run): Promise<Redactor> {
  const values: Buffer[] = [];
  for (const { kind, name, keys, version } of run.status?.granted ?? []) {
    if (kind !== 'AgentSecretGrant') continue;
    try {
      values.push(...(await ctx.secrets.read(org, { kind: 'secret', name, keys, version })).values());
    } catch (error) {
      // Deleted since, or damaged: what nobody can read any more cannot be looked for.
      if (!isStatusError(error, 'NotFound', 'InternalError')) throw error;
    }
  }
  return createRedactor(values);
}
