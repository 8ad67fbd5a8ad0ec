import type { DiffView } from '#shared/api/git';
import { fieldsOf, listOf, stringOf } from '#shared/runs/readEvent';
import { ApiError, route, type ApiClient } from './apiClient';
import type { CommandContext } from './commandContext';
import { changeText, patchText } from './patchText';
import { askChoice, type Choice } from './prompt';
import type { ApprovalObject } from './runTypes';
import type { Style } from './terminal';
import { safeLine, safeText } from './terminalText';
import { agentChange, blockText, indent } from './transcriptText';

export interface Decision {
  readonly decision: 'approve' | 'deny';
  readonly optionId?: string | undefined;
  readonly reason?: string | undefined;
}

export interface DecisionAnswer {
  readonly decided: boolean;
  readonly phase: string;
  readonly approval: ApprovalObject;
}

/** How much of a diff is shown with the question. */
const MAX_DIFF_LINES = 200;

export async function decideApproval(api: ApiClient, approval: { org: string; name: string }, decision: Decision): Promise<DecisionAnswer> {
  return await api.send<DecisionAnswer>('POST', route`/api/orgs/${approval.org}/agents/approvals/${approval.name}/decide`, { body: decision });
}

export async function readApproval(api: ApiClient, approval: { org: string; name: string }): Promise<ApprovalObject> {
  return await api.get<ApprovalObject>(route`/api/orgs/${approval.org}/resources/agentapprovals/${approval.name}`);
}

/**
 * Puts an open question to the person at the terminal: what is asked, exactly, with the agent's own options, and hands on the
 * answer. Undefined when there was nothing to answer any more, or nobody answered.
 */
export async function askApproval(context: CommandContext, name: string, signal?: AbortSignal): Promise<DecisionAnswer | undefined> {
  const { terminal } = context;
  const org = context.org();
  const approval = await readApproval(context.api(), { org, name });
  if ((approval.status?.phase ?? 'Pending') !== 'Pending') return undefined;
  terminal.err(`\n${approvalText(approval, terminal.errStyle)}\n`);
  if (approval.spec.action === 'write-back') terminal.err(await writeBackPatch(context, approval));
  const decision = await askChoice(terminal, choicesOf(approval), signal);
  if (decision === undefined) return undefined;
  try {
    return await decideApproval(context.api(), { org, name }, decision);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    terminal.err(`${error.message}\n`);
    return undefined;
  }
}

/** The change that approving delivers, as far as it can be read on a terminal. */
async function writeBackPatch(context: CommandContext, { spec }: ApprovalObject): Promise<string> {
  const diff = await context.api().get<DiffView>(route`/api/orgs/${context.org()}/agents/runs/${spec.dispatchRun}/diff`);
  const lines = patchText(diff, context.terminal.errStyle).split('\n');
  const hidden = lines.length - MAX_DIFF_LINES;
  return hidden > 0 || diff.truncated ? `${lines.slice(0, MAX_DIFF_LINES).join('\n')}\n… there is more: kradle diff ${spec.dispatchRun}\n` : lines.join('\n');
}

/** What is asked, in full: the command or the diff, and what approving carries out. */
export function approvalText(approval: ApprovalObject, style: Style): string {
  const { spec } = approval;
  const call = fieldsOf(spec.toolCall);
  const input = fieldsOf(call.rawInput);
  const command = Array.isArray(input.command) ? input.command.map(String).join(' ') : stringOf(input.command);
  const content = listOf(call.content).map((part) =>
    part.type === 'diff'
      ? changeText(agentChange(part, undefined), style, MAX_DIFF_LINES)
      : safeText(blockText(part.content)),
  );
  const target = spec.target;
  return [
    `${style.yellow('?')} ${style.bold(safeLine(spec.summary ?? stringOf(call.title) ?? spec.action))}  ${style.dim(`${spec.action}, ${approval.metadata.name}`)}`,
    ...(command === undefined ? [] : [indent(`$ ${safeText(command)}`)]),
    ...content.filter((text) => text !== '').map(indent),
    ...(target === undefined ? [] : [indent(`${target.type ?? 'change'}: ${safeLine(target.branch ?? '')} into ${safeLine(target.baseBranch ?? '')}`)]),
    ...(spec.riskWarnings ?? []).map((warning) => indent(style.yellow(safeLine(warning)))),
  ].join('\n');
}

/** The agent's own options, verbatim; a question without options is a yes or no. */
function choicesOf(approval: ApprovalObject): Choice<Decision>[] {
  const { options } = approval.spec;
  if (options === undefined || options.length === 0) {
    return [{ label: 'Approve', value: { decision: 'approve' } }, { label: 'Deny', value: { decision: 'deny' } }];
  }
  return options.map((option) => ({
    label: safeLine(option.name),
    value: { decision: option.kind.startsWith('allow') ? 'approve' : 'deny', optionId: option.optionId },
  }));
}
