import type { ObjectOf } from '#shared/kind/defineKind';
import type { AgentAdapter } from '#shared/kinds/agents/agentAdapter';
import type { AgentStack } from '#shared/kinds/agents/agentStack';

export type StackObject = ObjectOf<typeof AgentStack>;
export type AdapterObject = ObjectOf<typeof AgentAdapter>;
export type ApprovalMode = StackObject['spec']['approvalMode'];

/** What people call the agent. */
export function agentTitle(stack: StackObject): string {
  return stack.spec.displayName ?? stack.metadata.name;
}

/** Name of the adapter that a stack starts: "default" means the one named like its base agent. */
export function adapterName(stack: StackObject): string {
  return stack.spec.adapter === 'default' ? stack.spec.baseAgent : stack.spec.adapter;
}

/** What each approval mode means, in plain words. */
export const APPROVAL_MODES: readonly { value: ApprovalMode; label: string; help: string }[] = [
  { value: 'prompt', label: 'Ask me', help: 'Each permission that the agent asks for comes to you as a question, with its own options. It waits for the answer.' },
  { value: 'yolo', label: 'Allow everything', help: 'Every permission is granted at once. The agent runs as you, with your files and your sign-ins: choose this only for agents and tasks that you trust.' },
  { value: 'deny', label: 'Allow nothing', help: 'Every permission is refused at once. Good for looking and explaining; agents that ask before they edit cannot change anything.' },
];

export function approvalModeLabel(mode: ApprovalMode): string {
  return APPROVAL_MODES.find((each) => each.value === mode)?.label ?? mode;
}
