import type { SpecOf } from '#shared/kind/defineKind';
import type { AgentConfigGrant } from '#shared/kinds/identity/agentConfigGrant';
import type { AgentRoleBinding } from '#shared/kinds/identity/agentRoleBinding';
import type { AgentSecretGrant } from '#shared/kinds/identity/agentSecretGrant';

type Access = Pick<SpecOf<typeof AgentSecretGrant> | SpecOf<typeof AgentConfigGrant> | SpecOf<typeof AgentRoleBinding>, 'subject' | 'revoked' | 'expiresAt'>;

/** An agent and the identity that it acts under. */
export interface AccessHolder {
  readonly stack: string;
  readonly serviceAccount: string | undefined;
}

/** Why a grant or role binding gives this agent nothing at `now` (RFC 3339), in words that follow its name; undefined when it counts. */
export function accessProblem(access: Access, holder: AccessHolder, now: string): string | undefined {
  const { subject, revoked, expiresAt } = access;
  if (revoked) return 'is revoked';
  if (expiresAt !== undefined && Date.parse(expiresAt) <= Date.parse(now)) return `ended at ${expiresAt}`;
  if (subject.kind === 'agent-stack' && subject.name !== holder.stack) return `is for the agent "${subject.name}"`;
  if (subject.kind === 'service-account' && subject.name !== holder.serviceAccount) return `is for the identity "${subject.name}"`;
  if (subject.stackRef !== undefined && subject.stackRef !== holder.stack) return `is for the agent "${subject.stackRef}"`;
  if (subject.serviceAccountRef !== undefined && subject.serviceAccountRef !== holder.serviceAccount) return `is for the identity "${subject.serviceAccountRef}"`;
  return undefined;
}
