import type { AuditRecord } from '#shared/api/audit';

/** The ways in which a request comes, as people call them. */
export const DOOR_LABELS: Readonly<Record<NonNullable<AuditRecord['spec']['door']>, string>> = {
  trpc: 'Console', rest: 'REST', kubernetes: 'Kubernetes API', mcp: 'MCP', git: 'git', ssh: 'git over SSH', http: 'HTTP',
};

/** What happened, as a sentence: "ada merged PullRequest shop-12". */
export function sentenceOf({ spec }: AuditRecord): string {
  const { actor, action, type, target } = spec;
  const verb = spec.decision?.outcome === 'denied' ? `was refused: ${action ?? type}` : (action === undefined ? type : past(action));
  // What was done to the log itself has no object worth naming.
  const object = target === undefined || (verb.endsWith('the log') && target.name === undefined) ? '' : ` ${target.kind}${target.name === undefined ? '' : ` ${target.name}`}`;
  return `${actor.name} ${verb}${object}`;
}

const IRREGULAR: Readonly<Record<string, string>> = {
  get: 'read', put: 'wrote', submit: 'submitted', 'update-status': 'set the status of', 'use-secret': 'used', 'sign-in': 'signed in:',
  'read-audit': 'read the log', 'export-audit': 'exported the log', 'verify-audit': 'verified the log', 'read-transcript': 'read the transcript of', 'read-artifact': 'read',
};

function past(action: string): string {
  const known = IRREGULAR[action];
  if (known !== undefined) return known;
  const [verb = action, ...rest] = action.split('-');
  const ended = verb.endsWith('e') ? `${verb}d` : /[^aeiou]y$/.test(verb) ? `${verb.slice(0, -1)}ied` : `${verb}ed`;
  return [ended, ...rest].join(' ');
}
