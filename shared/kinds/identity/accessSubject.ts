import { z } from 'zod';
import type { Reference } from '../../kind/defineKind';
import { refTo } from '../../kind/fields';
import { isPlainObject } from '../../kind/paths';

/** Who a role or a grant is for. Source: seeds, 002, "native ServiceAccount, roles, Secrets, and ConfigMaps". */
export const accessSubject = z.object({
  kind: z.enum(['agent-stack', 'subagent', 'tool', 'mcp-server', 'skill', 'service-account']).describe('What it is: an agent, or the part of one that needs the access.'),
  name: z.string().min(1).max(253).describe('Its name.'),
  stackRef: refTo('AgentStack').optional().describe('For a part: the agent within which it is used. Absent: any agent.'),
  serviceAccountRef: refTo('AgentServiceAccount').optional().describe('The identity that the run must act under. Absent: any.'),
}).describe('Who gets the access.');

/** References of a kind whose spec has a subject. */
export const subjectRefs: readonly Reference[] = [
  { path: 'spec.subject.stackRef', kind: 'AgentStack' },
  { path: 'spec.subject.serviceAccountRef', kind: 'AgentServiceAccount' },
];

/** Kinds by which older documents name a subject. */
const SUBJECT_KINDS: Readonly<Record<string, string>> = {
  AgentStack: 'agent-stack', AgentSubagent: 'subagent', AgentToolProfile: 'tool', AgentMcpServer: 'mcp-server', AgentSkill: 'skill', AgentServiceAccount: 'service-account',
};

/** Older documents name the agent alone, or the subject by the kind of its object. */
export function upgradeSubject(subject: unknown): unknown {
  if (typeof subject === 'string') return { kind: 'agent-stack', name: subject };
  if (!isPlainObject(subject)) return subject;
  const { kind = 'agent-stack' } = subject;
  return { ...subject, kind: typeof kind === 'string' ? (SUBJECT_KINDS[kind] ?? kind) : kind };
}
