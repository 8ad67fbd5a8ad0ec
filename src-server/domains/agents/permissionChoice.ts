import type { SpecOf } from '#shared/kind/defineKind';
import type { AgentToolProfile } from '#shared/kinds/agents/agentToolProfile';
import { StatusError } from '#shared/api/status';

export interface PermissionOption {
  readonly optionId: string;
  readonly name: string;
  readonly kind: string;
}

export type Verdict = 'allow' | 'deny' | 'prompt';

/** The option that policy takes when it says yes: this once rather than always. Undefined when the agent offers none. */
export function allowOption(options: readonly PermissionOption[]): PermissionOption | undefined {
  return options.find(({ kind }) => kind === 'allow_once') ?? options.find(({ kind }) => kind === 'allow_always');
}

/** The option that says no: this once rather than always. Undefined when the agent offers none. */
export function rejectOption(options: readonly PermissionOption[]): PermissionOption | undefined {
  return options.find(({ kind }) => kind === 'reject_once') ?? options.find(({ kind }) => kind === 'reject_always');
}

/**
 * The option that a person's decision means. Never guesses a yes: without an option id there must be exactly one `allow_once`.
 * Undefined for a "no" that the agent offers no option for. Throws `Invalid` otherwise.
 */
export function chooseOption(options: readonly PermissionOption[], decision: 'approve' | 'deny', optionId: string | undefined): PermissionOption | undefined {
  if (optionId !== undefined) {
    const option = options.find((each) => each.optionId === optionId);
    if (option === undefined) throw invalidOption(`must be one of ${options.map((each) => `"${each.optionId}" (${each.name})`).join(', ') || 'none: the agent offers no options'}`);
    if (option.kind.startsWith('allow') !== (decision === 'approve')) throw invalidOption(`"${option.name}" is of kind ${option.kind}, which is no ${decision}`);
    return option;
  }
  if (decision === 'deny') return rejectOption(options);
  const once = options.filter(({ kind }) => kind === 'allow_once');
  if (once.length === 1) return once[0];
  throw invalidOption(`must be chosen: the agent offers ${options.map((each) => `"${each.optionId}" (${each.name})`).join(', ') || 'no options'}`);
}

/** The seeds' words for groups of tools, as ACP tool kinds. */
const TOOL_GROUPS: Readonly<Record<string, readonly string[]>> = {
  shell: ['execute'],
  filesystem: ['read', 'edit', 'delete', 'move', 'search'],
  network: ['fetch'],
};

/**
 * What the stack's mode and tool profile say to a request, before any person is asked. `yolo` allows and `deny` rejects everything
 * that the profile does not rule on; an unknown word of a profile asks a person.
 */
export function policyVerdict(opts: {
  approvalMode: 'yolo' | 'prompt' | 'deny';
  profile?: Pick<SpecOf<typeof AgentToolProfile>, 'approvalPolicyByTool'> | undefined;
  toolCall: Readonly<Record<string, unknown>>;
  workspacePath: string;
}): Verdict {
  const kind = typeof opts.toolCall.kind === 'string' ? opts.toolCall.kind : 'other';
  const group = Object.keys(TOOL_GROUPS).find((name) => TOOL_GROUPS[name]?.includes(kind));
  const rules = opts.profile?.approvalPolicyByTool ?? {};
  const rule = rules[kind] ?? (group === undefined ? undefined : rules[group]);
  if (rule === 'allow-workspace') return staysInside(opts.toolCall, opts.workspacePath) ? 'allow' : 'prompt';
  if (rule === 'allow' || rule === 'deny') return rule;
  if (rule !== undefined) return 'prompt';
  return opts.approvalMode === 'yolo' ? 'allow' : opts.approvalMode === 'deny' ? 'deny' : 'prompt';
}

/** Every place that the call names is in the workspace; a call that names none is not known to stay inside. */
function staysInside(toolCall: Readonly<Record<string, unknown>>, workspacePath: string): boolean {
  const locations = Array.isArray(toolCall.locations) ? (toolCall.locations as { path?: unknown }[]) : [];
  return locations.length > 0 && locations.every(({ path }) => typeof path === 'string' && !path.split(/[\\/]/).includes('..') && (path.startsWith(`${workspacePath}/`) || !/^([\\/]|[A-Za-z]:)/.test(path)));
}

function invalidOption(message: string): StatusError {
  return new StatusError('Invalid', `optionId ${message}`, { causes: [{ code: 'FieldValueInvalid', field: 'optionId', message }] });
}
